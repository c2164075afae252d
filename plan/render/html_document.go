package render

import (
	"fmt"
	"html/template"
	"strconv"
	"strings"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/plan/document"
	"github.com/intscan/intscan/plan/risk"
	"github.com/intscan/intscan/scanners"
)

// htmlSection is a section of a document, or the page of an integration in its place.
type htmlSection struct {
	ID, Title string
	Number    int // 0 for none
	Level     int // of its heading
	Point     *htmlPoint
	Blocks    []htmlBlock
	Sections  []htmlSection
}

// htmlBlock has one field set.
type htmlBlock struct {
	Paragraph *document.Paragraph
	Table     *htmlTable
	List      *document.List
	Checklist *document.Checklist
	Code      *document.Code
	Diagram   *document.Diagram
}

// htmlTable is a table and the words that announce it.
type htmlTable struct {
	document.Table
	Caption string
}

func newHTMLBlock(b document.Block, section string) htmlBlock {
	switch b := b.(type) {
	case document.Paragraph:
		return htmlBlock{Paragraph: &b}
	case document.Table:
		return htmlBlock{Table: &htmlTable{b, section + ": " + strings.Join(b.Head, ", ")}}
	case document.List:
		return htmlBlock{List: &b}
	case document.Checklist:
		return htmlBlock{Checklist: &b}
	case document.Code:
		return htmlBlock{Code: &b}
	case document.Diagram:
		return htmlBlock{Diagram: &b}
	}
	panic(fmt.Sprintf("no way to show a %T", b)) // the interface is closed: a fault of this file
}

// htmlFuncs are what the templates call.
var htmlFuncs = template.FuncMap{
	"set":       setOf,
	"tone":      tone,
	"cellTone":  cellTone,
	"number":    isNumber,
	"place":     scanners.Position.Place,
	"shortCall": detect.ShortCall,
	"rank":      func(s string) int { return 9 - risk.Level(s).Rank() },
	"cellAt": func(row []document.Text, i int) document.Text {
		if i < len(row) {
			return row[i]
		}
		return nil
	},
}

// setOf names the way a span is set.
func setOf(k document.Kind) string {
	switch k {
	case document.Mono:
		return "code"
	case document.Strong:
		return "strong"
	case document.At:
		return "at"
	case document.Link:
		return "link"
	}
	return ""
}

// tone is the class of a verdict, a severity or a level: how good or bad it is. Other
// words have none.
func tone(word any) string {
	switch fmt.Sprint(word) {
	case "critical":
		return "worst"
	case "high", "absent", "error":
		return "bad"
	case "medium", "warning":
		return "mid"
	case "default":
		return "ok"
	case "present":
		return "good"
	case "low", "unknown", "info":
		return "dim"
	}
	return ""
}

// cellTone is the tone of a cell that is one word.
func cellTone(t document.Text) string {
	if len(t) == 1 && t[0].Kind == document.Plain {
		return tone(t[0].Text)
	}
	return ""
}

func isNumber(t document.Text) bool {
	_, err := strconv.Atoi(t.String())
	return err == nil
}

// anchors gives out IDs, each once.
type anchors struct{ taken map[string]bool }

func newAnchors() *anchors { return &anchors{map[string]bool{}} }

func (a *anchors) unique(id string) string {
	out := id
	for n := 2; a.taken[out]; n++ {
		out = fmt.Sprintf("%s-%d", id, n)
	}
	a.taken[out] = true
	return out
}
