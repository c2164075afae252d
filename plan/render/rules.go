package render

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/intscan/intscan/plan/rules"
	"github.com/intscan/intscan/scanners"
)

// Rules writes the list of rules for a person, by category.
func Rules(w io.Writer, all []rules.Rule, o TextOptions) error {
	p := newPage(o)
	for _, c := range append(slices.Clone(rules.Categories), rules.Policies) {
		var rows [][]cell
		for _, r := range all {
			if r.Category == c {
				rows = append(rows, []cell{{r.ID, bold}, {string(r.Severity), gravity(r.Severity)}, {r.Title, plain}})
			}
		}
		if len(rows) > 0 {
			p.head(string(c), scanners.Count(len(rows), "rule"))
			p.table(rows)
		}
	}
	p.line()
	p.line(cell{fmt.Sprintf("%s; intscan explain RULE says what one finds, why it matters and how to mend it", scanners.Count(len(all), "rule")), dim})
	_, err := io.WriteString(w, strings.TrimPrefix(p.buf.String(), "\n"))
	return err
}

// Explain writes one rule for a person.
func Explain(w io.Writer, r rules.Rule, o TextOptions) error {
	o.Verbose = true
	p := newPage(o)
	since := string(r.Category)
	if r.Since != "" {
		since += ", since " + r.Since // a policy came with no release
	}
	p.line(cell{r.ID, bold}, cell{"  " + string(r.Severity), gravity(r.Severity)}, cell{"  " + since, dim})
	p.line(cell{r.Title, plain})
	for _, part := range []struct{ head, text string }{
		{"Why it matters", r.Rationale}, {"What to do", r.Remedy}, {"Example", r.Example}, {"When it is silent", r.Silent},
	} {
		if part.text == "" {
			continue
		}
		p.head(part.head, "")
		for line := range strings.Lines(strings.TrimSpace(part.text)) {
			if part.head == "Example" {
				p.line(cell{"  " + strings.ReplaceAll(strings.TrimRight(line, "\n"), "\t", "    "), plain})
				continue
			}
			for _, l := range wrap(line, 86) {
				p.line(cell{"  " + l, plain})
			}
		}
	}
	_, err := io.WriteString(w, p.buf.String())
	return err
}

func gravity(s rules.Severity) style {
	if s.Rank() <= rules.High.Rank() {
		return bad
	}
	return warn
}

// wrap breaks a text at spaces into lines of at most width characters.
func wrap(s string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(s) {
		if line != "" && len([]rune(line))+1+len([]rune(word)) > width {
			lines, line = append(lines, line), ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}
