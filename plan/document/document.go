// Package document is a document without a format: sections of paragraphs, tables,
// lists and diagrams, whose text is plain words, code, places in files and links to
// other sections. The plan is written as one; renderers turn it into Markdown and
// HTML and escape what needs it.
//
// What stands in the plan is package sections' subject.
package document

import (
	"fmt"

	"github.com/intscan/intscan/scanners"
)

// Document is a whole text.
type Document struct {
	Title    string
	Sections []Section
}

// Section is a headed part. IDs are unique in a document and stable, so that links
// into it keep working.
type Section struct {
	ID       string
	Title    string
	Blocks   []Block
	Sections []Section
}

// Block is one element of a section: Paragraph, Table, List, Checklist, Code or
// Diagram.
type Block interface{ block() }

// Paragraph is running text.
type Paragraph struct{ Text Text }

// Table has a heading and rows of as many cells.
type Table struct {
	Head []string
	Rows [][]Text
}

// List is a list of points.
type List struct{ Items []Text }

// Checklist is a list of boxes, ticked or not.
type Checklist struct{ Items []Check }

// Check is one box.
type Check struct {
	Done bool
	Text Text
}

// Code is a block of code in a language ("go", "yaml", "").
type Code struct{ Language, Text string }

// Diagram is a Mermaid diagram, with the words that say the same to those who
// cannot see it.
type Diagram struct{ Mermaid, Alternative string }

func (Paragraph) block() {}
func (Table) block()     {}
func (List) block()      {}
func (Checklist) block() {}
func (Code) block()      {}
func (Diagram) block()   {}

// Kind says how a span is set.
type Kind uint8

// The kinds of spans.
const (
	Plain  Kind = iota
	Mono        // code, a name from the repository
	Strong      // what matters in the line
	At          // a place in a file of the repository
	Link        // a reference to the section Target
)

// Span is a piece of text.
type Span struct {
	Kind   Kind
	Text   string
	At     scanners.Position // of kind At
	Target string            // of kind Link: the section's ID
}

// Text is what stands in a paragraph, a cell or a point.
type Text []Span

// T puts a text together: strings are plain words, spans stay, texts are joined,
// positions become places.
func T(parts ...any) Text {
	var out Text
	for _, p := range parts {
		switch p := p.(type) {
		case string:
			if p != "" {
				out = append(out, Span{Text: p})
			}
		case Span:
			out = append(out, p)
		case Text:
			out = append(out, p...)
		case scanners.Position:
			out = append(out, Place(p))
		case fmt.Stringer:
			out = append(out, Span{Text: p.String()})
		default:
			out = append(out, Span{Text: fmt.Sprint(p)})
		}
	}
	return out
}

// C is code.
func C(s string) Span { return Span{Kind: Mono, Text: s} }

// B is text that matters.
func B(s string) Span { return Span{Kind: Strong, Text: s} }

// Place is a file and line. Without a file it is nothing.
func Place(p scanners.Position) Span {
	if p.File == "" {
		return Span{}
	}
	p.Column = 0
	return Span{Kind: At, Text: p.String(), At: p}
}

// Ref refers to another section.
func Ref(text, target string) Span { return Span{Kind: Link, Text: text, Target: target} }

// Join puts a separator between texts.
func Join(texts []Text, separator string) Text {
	var out Text
	for i, t := range texts {
		if i > 0 {
			out = append(out, Span{Text: separator})
		}
		out = append(out, t...)
	}
	return out
}

// P is a paragraph of the given parts.
func P(parts ...any) Paragraph { return Paragraph{T(parts...)} }

// String is the bare text.
func (t Text) String() string {
	s := ""
	for _, span := range t {
		s += span.Text
	}
	return s
}
