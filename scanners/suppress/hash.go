package suppress

import (
	"regexp"
	"strings"
)

// lineComments finds directives in files of one setting a line: they hold for their
// own line, or where they stand alone for the next line that is no comment.
func lineComments(_ string, src []byte) []comment {
	return hashComments(src, func(lines []string, at int) int { return at })
}

// dockerComments is the same for Dockerfiles, where an instruction goes on after a
// backslash and only a whole line is a comment.
func dockerComments(_ string, src []byte) []comment {
	lines := strings.Split(string(src), "\n")
	for i, l := range lines {
		if !strings.HasPrefix(strings.TrimSpace(l), "#") {
			lines[i] = strings.ReplaceAll(l, "#", " ")
		}
	}
	return hashComments([]byte(strings.Join(lines, "\n")), func(lines []string, at int) int {
		for at+1 < len(lines) && (strings.HasSuffix(strings.TrimRight(lines[at], " \t\r"), `\`) || strings.HasPrefix(strings.TrimSpace(lines[at]), "#")) {
			at++
		}
		return at
	})
}

// yamlComments finds the directives of a YAML file, by its lines alone: templates
// and broken files have them, too.
func yamlComments(_ string, src []byte) []comment {
	return hashComments(withoutScalars(src), blockEnd)
}

// hashComments finds comments after "#". end gives the last line, counted from 0, of
// what begins on a line.
func hashComments(src []byte, end func(lines []string, at int) int) []comment {
	lines := strings.Split(string(src), "\n")
	var out []comment
	for i, l := range lines {
		at := hash(l)
		if at < 0 {
			continue
		}
		text, ok := directiveText(strings.TrimLeft(l[at:], "#"))
		if !ok {
			continue
		}
		c := comment{text: text, line: i + 1, column: at + 1, first: i + 1, last: i + 1}
		if strings.TrimSpace(l[:at]) == "" {
			next := i
			for next < len(lines) && strings.HasPrefix(strings.TrimSpace(lines[next]), "#") {
				next++
			}
			if next < len(lines) && strings.TrimSpace(lines[next]) != "" {
				c.last = end(lines, next) + 1
			}
		}
		out = append(out, c)
	}
	return out
}

// hash is where the comment of a line begins, -1 for none: a "#" at the line's start
// or after white space, outside quotes.
func hash(l string) int {
	quote := byte(0)
	for i := range len(l) {
		switch c := l[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			if i == 0 || strings.IndexByte(" \t=:[{,(", l[i-1]) >= 0 { // not the apostrophe of a word
				quote = c
			}
		case c == '#' && (i == 0 || l[i-1] == ' ' || l[i-1] == '\t'):
			return i
		}
	}
	return -1
}

// blockEnd is the last line of the block that a key or list item on a line begins:
// what is indented deeper, and the items of a list that stand as far in as its key.
func blockEnd(lines []string, at int) int {
	in, item := indent(lines[at]), listItem(lines[at])
	last := at
	for i := at + 1; i < len(lines); i++ {
		text := strings.TrimSpace(lines[i])
		if text == "" || text[0] == '#' {
			continue
		}
		deeper := indent(lines[i])
		if deeper < in || deeper == in && (item || !listItem(lines[i])) || text == "---" {
			break
		}
		last = i
	}
	return last
}

func indent(l string) int { return len(l) - len(strings.TrimLeft(l, " ")) }

func listItem(l string) bool {
	text := strings.TrimSpace(l)
	return text == "-" || strings.HasPrefix(text, "- ")
}

// blockScalar ends a line that begins a text of several lines.
var blockScalar = regexp.MustCompile(`(^|[:\-] |\s)[|>][+-]?[0-9]?[+-]?\s*(\s#.*)?$`)

// withoutScalars blanks the "#" in texts of several lines, such as scripts: what
// looks like a comment there is none of the YAML file's.
func withoutScalars(src []byte) []byte {
	lines := strings.Split(string(src), "\n")
	inside := -1 // the indent of the key whose text it is
	for i, l := range lines {
		text := strings.TrimSpace(l)
		if inside >= 0 && (text == "" || indent(l) > inside) {
			lines[i] = strings.ReplaceAll(l, "#", "x")
			continue
		}
		inside = -1
		if text != "" && text[0] != '#' && blockScalar.MatchString(strings.TrimRight(l, "\r")) {
			inside = indent(l)
		}
	}
	return []byte(strings.Join(lines, "\n"))
}
