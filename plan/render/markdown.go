package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/intscan/intscan/plan"
	"github.com/intscan/intscan/plan/document"
)

// PlanMarkdown writes the integration plan as Markdown that GitHub and GitLab show
// as it is meant, diagrams included.
func PlanMarkdown(w io.Writer, r *plan.Report) error {
	return Markdown(w, r.Plan.Document())
}

// Markdown writes any document. No text of the repository can open a heading, a
// link or a tag in it.
func Markdown(w io.Writer, d document.Document) error {
	m := markdown{}
	m.line("# ", m.escape(d.Title))
	m.contents(d.Sections)
	for _, s := range d.Sections {
		m.section(s, 2)
	}
	_, err := io.WriteString(w, m.b.String())
	return err
}

type markdown struct{ b strings.Builder }

func (m *markdown) line(parts ...string) {
	for _, p := range parts {
		m.b.WriteString(p)
	}
	m.b.WriteByte('\n')
}

func (m *markdown) contents(sections []document.Section) {
	m.line()
	for i, s := range sections {
		m.line(fmt.Sprintf("%d. [%s](#%s)", i+1, m.escape(s.Title), s.ID))
	}
}

func (m *markdown) section(s document.Section, level int) {
	m.line()
	// The anchor is our own: what a forge makes of a title changes with its words.
	m.line(`<a id="`, s.ID, `"></a>`)
	m.line()
	m.line(strings.Repeat("#", min(level, 6)), " ", m.escape(s.Title))
	for _, b := range s.Blocks {
		m.line()
		m.block(b)
	}
	for _, sub := range s.Sections {
		m.section(sub, level+1)
	}
}

func (m *markdown) block(b document.Block) {
	switch b := b.(type) {
	case document.Paragraph:
		m.line(m.text(b.Text))
	case document.Table:
		m.table(b)
	case document.List:
		for _, item := range b.Items {
			m.line("- ", m.text(item))
		}
	case document.Checklist:
		for _, c := range b.Items {
			box := "[ ]"
			if c.Done {
				box = "[x]"
			}
			m.line("- ", box, " ", m.text(c.Text))
		}
	case document.Code:
		m.fenced(b.Language, b.Text)
	case document.Diagram:
		m.fenced("mermaid", b.Mermaid)
	}
}

func (m *markdown) table(t document.Table) {
	cells := make([]string, len(t.Head))
	for i, h := range t.Head {
		cells[i] = m.escape(h)
	}
	m.line("| ", strings.Join(cells, " | "), " |")
	m.line("|", strings.Repeat(" --- |", len(t.Head)))
	for _, row := range t.Rows {
		cells := make([]string, len(t.Head))
		for i := range cells {
			if i < len(row) {
				cells[i] = m.text(row[i])
			}
		}
		m.line("| ", strings.Join(cells, " | "), " |")
	}
}

// fenced writes code inside a fence longer than any in it.
func (m *markdown) fenced(language, code string) {
	fence := "```"
	for strings.Contains(code, fence) {
		fence += "`"
	}
	m.line(fence, language)
	m.line(strings.TrimRight(code, "\n"))
	m.line(fence)
}

func (m *markdown) text(t document.Text) string {
	var b strings.Builder
	for _, s := range t {
		switch s.Kind {
		case document.Mono, document.At:
			b.WriteString(m.mono(s.Text))
		case document.Strong:
			// Emphasis ends at a word, not at a space.
			word := strings.TrimRight(s.Text, " ")
			b.WriteString("**" + m.escape(word) + "**" + s.Text[len(word):])
		case document.Link:
			b.WriteString("[" + m.escape(s.Text) + "](#" + s.Target + ")")
		default:
			b.WriteString(m.escape(s.Text))
		}
	}
	return b.String()
}

// mono writes code in a line. Backticks in it need more of them around it, and a
// pipe would end a table's cell even there.
func (m *markdown) mono(s string) string {
	s = flat(s)
	if s == "" {
		return ""
	}
	ticks := "`"
	for strings.Contains(s, ticks) {
		ticks += "`"
	}
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") {
		s = " " + s + " "
	}
	return ticks + strings.ReplaceAll(s, "|", `\|`) + ticks
}

// flat makes a text one line without control characters.
func flat(s string) string { return strings.Join(strings.Fields(clean(s)), " ") }

var markdownSpecial = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", "&lt;", ">", "&gt;", "&", "&amp;",
	"|", `\|`, "#", `\#`, "~", `\~`, "$", `\$`, "@", "&#64;", "://", ":&#47;/",
)

// escape keeps a plain text plain: also mentions and bare addresses, which forges
// turn into links.
func (m *markdown) escape(s string) string {
	lead := s
	s = flat(s)
	if strings.HasPrefix(lead, " ") && s != "" {
		s = " " + s
	}
	if strings.HasSuffix(lead, " ") && strings.TrimSpace(s) != "" {
		s += " "
	}
	if s == "" && lead != "" {
		return " "
	}
	return markdownSpecial.Replace(s)
}
