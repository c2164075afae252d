package dockerfile

import (
	"iter"
	"regexp"
	"sort"
	"strings"

	"github.com/intscan/intscan/scanners"
)

// instruction is a logical line: continued lines are joined, comments between
// them left out.
type instruction struct {
	word   string // upper case
	rest   string
	line   int
	column int
	starts []start // where the pieces of rest come from
}

type start struct{ offset, line, column int }

// at is the place in the file of an offset into rest.
func (in *instruction) at(offset int) scanners.Position {
	i := sort.Search(len(in.starts), func(i int) bool { return in.starts[i].offset > offset }) - 1
	if i < 0 {
		return scanners.Position{Line: in.line, Column: in.column}
	}
	s := in.starts[i]
	return scanners.Position{Line: s.line, Column: s.column + offset - s.offset}
}

var (
	escapeDirective = regexp.MustCompile("^#\\s*escape\\s*=\\s*([\\\\`])\\s*$")
	heredoc         = regexp.MustCompile(`<<-?["']?([A-Za-z_]\w*)["']?`)
)

// instructions yields the instructions of a Dockerfile. The texts of heredocs
// are left out.
func instructions(b []byte) iter.Seq[instruction] {
	return func(yield func(instruction) bool) {
		text := strings.TrimPrefix(string(b), "\uFEFF")
		lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
		escape := `\`
		ends := heredocEnds{lines: lines}
		for i := 0; i < len(lines); i++ {
			trimmed := strings.TrimSpace(lines[i])
			if m := escapeDirective.FindStringSubmatch(trimmed); m != nil {
				escape = m[1]
			}
			if trimmed == "" || trimmed[0] == '#' {
				continue
			}
			in, next := join(lines, i, escape)
			i = next
			if in.word == "RUN" || in.word == "COPY" || in.word == "ADD" {
				i = ends.skip(i, in.rest)
			}
			if !yield(in) {
				return
			}
		}
	}
}

// join reads the instruction that starts at line i, and tells its last line.
func join(lines []string, i int, escape string) (in instruction, last int) {
	var rest strings.Builder
	first := true
	for ; i < len(lines); i++ {
		raw := lines[i]
		text := strings.TrimLeft(raw, " \t")
		column := len(raw) - len(text) + 1
		if !first && (strings.TrimSpace(text) == "" || text[0] == '#') {
			continue // Docker takes both for part of the continuation
		}
		text = strings.TrimRight(text, " \t\r")
		more := strings.HasSuffix(text, escape)
		text = strings.TrimSuffix(text, escape)
		if first {
			in.line, in.column = i+1, column
			word := text
			if end := strings.IndexAny(text, " \t"); end >= 0 {
				word = text[:end]
			}
			after := strings.TrimLeft(text[len(word):], " \t")
			in.word = strings.ToUpper(word)
			column += len(text) - len(after)
			text = after
			first = false
		} else {
			rest.WriteByte(' ')
		}
		in.starts = append(in.starts, start{rest.Len(), i + 1, column})
		rest.WriteString(text)
		if !more {
			break
		}
	}
	in.rest = rest.String()
	return in, min(i, len(lines)-1)
}

// heredocEnds knows the lines that may end a heredoc. Looking for each end line by
// line would take time without bound where none is ended.
type heredocEnds struct {
	lines []string
	at    map[string][]int
}

// skip gives the last line of the heredocs that the instruction ending at line i
// opens. One that is not closed is taken for none.
func (h *heredocEnds) skip(i int, rest string) int {
	opened := heredoc.FindAllStringSubmatch(rest, 8)
	if len(opened) > 0 && h.at == nil {
		h.at = map[string][]int{}
		for n, line := range h.lines {
			line = strings.TrimSpace(line)
			h.at[line] = append(h.at[line], n)
		}
	}
	for _, m := range opened {
		at := h.at[m[1]]
		if n := sort.SearchInts(at, i+1); n < len(at) {
			i = at[n]
		}
	}
	return i
}

type word struct {
	text   string
	offset int
}

// splitWords splits at spaces outside quotes. Quotes and escapes stay in.
func splitWords(s string) []word {
	var out []word
	from := -1
	var quote byte
	for i := 0; i < len(s); i++ {
		c := s[i]
		space := quote == 0 && (c == ' ' || c == '\t')
		switch {
		case space && from >= 0:
			out = append(out, word{s[from:i], from})
			from = -1
		case space:
			continue
		case from < 0:
			from = i
		}
		switch {
		case c == '\\':
			i++
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		case c == quote:
			quote = 0
		}
	}
	if from >= 0 {
		out = append(out, word{s[from:], from})
	}
	return out
}

func unquote(s string) string {
	if len(s) >= 2 && (s[0] == '"' || s[0] == '\'') && s[len(s)-1] == s[0] {
		return s[1 : len(s)-1]
	}
	return s
}
