package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/intscan/intscan/plan/compare"
	"github.com/intscan/intscan/plan/document"
	"github.com/intscan/intscan/scanners"
)

// Diff writes a comparison for a terminal.
func Diff(w io.Writer, d *compare.Diff, o TextOptions) error {
	p := newPage(o)
	if d.Empty() {
		p.line(cell{"No integration, protection, contract, finding or suppression differs.", good})
	}
	if len(d.Changes) > 0 {
		p.head("Integrations and contracts", "")
		p.changes(d.Changes)
	}
	if len(d.Gained) > 0 {
		p.head("Findings gained", scanners.Count(len(d.Gained), "finding"))
		t := text{page: p, o: o}
		for _, f := range d.Gained {
			t.finding(f)
		}
	}
	if len(d.Suppressed) > 0 {
		p.head("Findings suppressed", scanners.Count(len(d.Suppressed), "finding"))
		var rows [][]cell
		for _, f := range d.Suppressed {
			rows = append(rows, []cell{{"~ ", warn}, {f.Suppressed.Position.Place(), plain}, {f.Suppressed.Reason, plain}, {f.Rule, dim}})
		}
		p.table(rows)
	}
	if len(d.Lost) > 0 {
		p.head("Findings lost", scanners.Count(len(d.Lost), "finding"))
		var rows [][]cell
		for _, e := range d.Lost {
			rows = append(rows, []cell{{"- ", good}, {e.File, plain}, {e.Message, plain}, {e.Rule, dim}})
		}
		p.table(rows)
	}
	_, err := io.WriteString(w, strings.TrimPrefix(p.buf.String(), "\n"))
	return err
}

func (p *page) changes(all []compare.Change) {
	var rows [][]cell
	for _, c := range all {
		rows = append(rows, []cell{{changeMark[c.Kind] + " " + string(c.Kind), changeStyle[c.Kind]}, {c.Subject, dim}, {c.Name, bold}, {c.Detail, plain}})
	}
	p.table(rows)
}

var (
	changeMark  = map[compare.Kind]string{compare.Added: "+", compare.Removed: "-", compare.Weaker: "!", compare.Stronger: "✓", compare.Changed: "~"}
	changeStyle = map[compare.Kind]style{compare.Added: warn, compare.Removed: warn, compare.Weaker: bad, compare.Stronger: good, compare.Changed: dim}
)

// DiffMarkdown writes a comparison as the comment of a pull request.
func DiffMarkdown(w io.Writer, d *compare.Diff) error {
	m := markdown{}
	m.line("### intscan")
	m.line()
	if d.Empty() {
		m.line("No integration, protection, contract, finding or suppression differs.")
	}
	if len(d.Changes) > 0 {
		m.changes(d.Changes)
	}
	if len(d.Gained) > 0 {
		m.line()
		m.line(fmt.Sprintf("**%s gained**", scanners.Count(len(d.Gained), "finding")))
		m.line()
		for _, f := range d.Gained {
			m.line("- ", m.text(document.T(document.B(string(f.Severity)+" "), document.Place(f.Position), " ", f.Message, " ", document.C(f.Rule))))
			m.line("  ", m.escape(f.Remediation))
		}
	}
	if len(d.Suppressed) > 0 {
		m.line()
		m.line(fmt.Sprintf("**%s suppressed**", scanners.Count(len(d.Suppressed), "finding")))
		m.line()
		for _, f := range d.Suppressed {
			m.line("- ", m.text(document.T(document.Place(f.Suppressed.Position), " ", f.Suppressed.Reason, " ", document.C(f.Rule))))
		}
	}
	if len(d.Lost) > 0 {
		m.line()
		m.line(fmt.Sprintf("**%s lost**", scanners.Count(len(d.Lost), "finding")))
		m.line()
		for _, e := range d.Lost {
			m.line("- ", m.text(document.T(document.C(e.File), " ", e.Message, " ", document.C(e.Rule))))
		}
	}
	_, err := io.WriteString(w, m.b.String())
	return err
}

func (m *markdown) changes(all []compare.Change) {
	t := document.Table{Head: []string{"", "What", "Change"}}
	for _, c := range all {
		t.Rows = append(t.Rows, []document.Text{
			document.T(changeMark[c.Kind] + " " + string(c.Kind)), document.T(c.Subject+" ", document.C(c.Name)), document.T(c.Detail),
		})
	}
	m.table(t)
}
