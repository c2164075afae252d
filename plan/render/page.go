package render

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/fatih/color"
)

// style is how a cell looks when colours are on.
type style int

const (
	plain style = iota
	bold
	dim
	good
	warn
	bad
	title
)

var attributes = map[style][]color.Attribute{
	bold: {color.Bold}, dim: {color.Faint}, good: {color.FgGreen}, warn: {color.FgYellow},
	bad: {color.FgRed}, title: {color.Bold, color.FgCyan},
}

// cell is a piece of text with a style. Only the page writes cells, and it
// cleans each one: no text of the repository reaches a terminal otherwise.
type cell struct {
	text  string
	style style
}

// page collects lines. Every line is made of cells, which is what keeps control
// characters out of the output.
type page struct {
	buf   strings.Builder
	paint map[style]*color.Color
	// cut is how many characters of one cell are shown.
	cut int
}

func newPage(o TextOptions) *page {
	p := &page{paint: map[style]*color.Color{}, cut: 160}
	if o.Verbose {
		p.cut = 4000
	}
	for s, attrs := range attributes {
		c := color.New(attrs...)
		if o.Color {
			c.EnableColor()
		} else {
			c.DisableColor()
		}
		p.paint[s] = c
	}
	return p
}

func (p *page) cell(c cell) {
	text := p.clean(c.text)
	if paint := p.paint[c.style]; paint != nil && text != "" {
		text = paint.Sprint(text)
	}
	p.buf.WriteString(text)
}

// line writes cells one after the other, with nothing between them.
func (p *page) line(cells ...cell) {
	for _, c := range cells {
		p.cell(c)
	}
	p.buf.WriteByte('\n')
}

// head starts a section: an empty line, its title, and a dim note beside it.
func (p *page) head(name, note string) {
	p.buf.WriteByte('\n')
	if note == "" {
		p.line(cell{name, title})
		return
	}
	p.line(cell{name, title}, cell{"  " + note, dim})
}

// columnCap bounds what one long cell costs all other rows: a longer one pushes
// only its own row to the right.
const columnCap = 44

// table writes rows with aligned columns, indented by two.
func (p *page) table(rows [][]cell) {
	var widths []int
	var used []bool // a column that is empty in all rows takes no room
	for _, row := range rows {
		for i, c := range row {
			if i == len(widths) {
				widths, used = append(widths, 0), append(used, false)
			}
			used[i] = used[i] || c.text != ""
			if n := p.width(c.text); n <= columnCap {
				widths[i] = max(widths[i], n)
			}
		}
	}
	for _, row := range rows {
		for len(row) > 0 && row[len(row)-1].text == "" {
			row = row[:len(row)-1]
		}
		p.buf.WriteString("  ")
		for i, c := range row {
			p.cell(c)
			if i == len(row)-1 {
				break
			}
			gap := max(widths[i]-p.width(c.text), 0)
			if used[i] {
				gap += 2
			}
			p.buf.WriteString(strings.Repeat(" ", gap))
		}
		p.buf.WriteByte('\n')
	}
}

func (p *page) width(s string) int { return utf8.RuneCountInString(p.clean(s)) }

// clean bounds a cell, so that a row stays one line.
func (p *page) clean(s string) string {
	s = clean(s)
	if utf8.RuneCountInString(s) > p.cut {
		s = string([]rune(s)[:p.cut-1]) + "…"
	}
	return s
}

// clean makes text from a repository fit to print on one line: a file name or a
// detail may hold escape sequences that would move the cursor or rewrite what stands
// above, or direction marks that show words in another order than they stand.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r' || r == '\u2028' || r == '\u2029':
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}
