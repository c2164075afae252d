package compose

import (
	"path"
	"strings"

	"github.com/intscan/intscan/scanners"
	"go.yaml.in/yaml/v4"
)

// Interpolation is done here and not by compose-go for two reasons: a missing
// required variable or a stray $ must not lose a file, and compose-go's cost is
// not bounded when variables double each other. Values come from .env files of
// the project alone.

// maxText is the longest interpolated text, and the longest value of a variable.
const maxText = 16 << 10

// maxNesting is how deep defaults may hold other variables: ${A:-${B:-c}}.
const maxNesting = 8

// variables are what the .env files beside a project define.
type variables map[string]string

// reference is one variable in a text.
type reference struct {
	name              string
	hasDefault        bool
	required, invalid bool
}

// expand replaces the variables in text by their values, and what has none by
// nothing. It also lists them, in the order in which they stand there. A secret
// counts as nothing: what expand returns may be shown.
func (vs variables) expand(text string) (string, []reference) {
	e := expander{vars: vs}
	out := e.text(text, 0)
	return out, e.refs
}

// reveal is expand with secrets, for texts that are looked at and not kept.
func (vs variables) reveal(text string) (string, []reference) {
	e := expander{vars: vs, secrets: true}
	out := e.text(text, 0)
	return out, e.refs
}

// value is the text of a scalar with its variables replaced.
func (vs variables) value(n *yaml.Node) string {
	if n == nil || n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		return ""
	}
	s, _ := vs.expand(n.Value)
	return s
}

type expander struct {
	vars    variables
	secrets bool
	refs    []reference
}

func (e *expander) lookup(name string) (string, bool) {
	value, ok := e.vars[name]
	if !e.secrets && (scanners.SecretName(name) || scanners.SecretValue(value)) {
		return "", ok
	}
	return value, ok
}

func (e *expander) text(s string, depth int) string {
	if !strings.Contains(s, "$") {
		return s
	}
	var b strings.Builder
	for {
		i := strings.IndexByte(s, '$')
		if i < 0 || i+1 >= len(s) || b.Len() > maxText {
			b.WriteString(s[:min(len(s), maxText)])
			break
		}
		b.WriteString(s[:i])
		s = s[i+1:]
		switch {
		case s[0] == '$':
			b.WriteByte('$')
			s = s[1:]
		case s[0] == '{':
			end := closingBrace(s)
			if end < 0 {
				// Nothing after this closes either: looking again would cost
				// the square of the length.
				e.refs = append(e.refs, reference{invalid: true})
				b.WriteString("$" + s[:min(len(s), maxText)])
				return b.String()
			}
			b.WriteString(e.braced(s[1:end], depth))
			s = s[end+1:]
		default:
			n := nameLength(s)
			if n == 0 {
				e.refs = append(e.refs, reference{invalid: true})
				b.WriteByte('$')
				continue
			}
			e.refs = append(e.refs, reference{name: s[:n]})
			value, _ := e.lookup(s[:n])
			b.WriteString(value)
			s = s[n:]
		}
	}
	if b.Len() > 2*maxText {
		return b.String()[:2*maxText]
	}
	return b.String()
}

// braced is the value of ${...} with its operators.
func (e *expander) braced(s string, depth int) string {
	n := nameLength(s)
	if n == 0 || depth > maxNesting {
		e.refs = append(e.refs, reference{invalid: true})
		return ""
	}
	name, op := s[:n], s[n:]
	value, isSet := e.lookup(name)
	emptyCounts := strings.HasPrefix(op, ":")
	op = strings.TrimPrefix(op, ":")
	has := isSet && (!emptyCounts || value != "")
	at := len(e.refs)
	e.refs = append(e.refs, reference{name: name})
	switch {
	case op == "" && !emptyCounts:
		return value
	case strings.HasPrefix(op, "-"):
		e.refs[at].hasDefault = true
		fallback := e.text(op[1:], depth+1)
		if has || !e.secrets && scanners.SecretName(name) {
			return value
		}
		return fallback
	case strings.HasPrefix(op, "+"):
		e.refs[at].hasDefault = true
		instead := e.text(op[1:], depth+1)
		if has {
			return instead
		}
		return ""
	case strings.HasPrefix(op, "?"):
		e.refs[at].required = true
		return value
	}
	e.refs[at] = reference{invalid: true}
	return ""
}

func nameLength(s string) int {
	n := 0
	for n < len(s) && (s[n] == '_' || s[n]|0x20 >= 'a' && s[n]|0x20 <= 'z' || n > 0 && s[n] >= '0' && s[n] <= '9') {
		n++
	}
	return n
}

// closingBrace is the index of the brace that closes s[0], or -1.
func closingBrace(s string) int {
	depth := 0
	for i := 0; i < len(s) && i < maxText; i++ {
		switch {
		case s[i] == '{':
			depth++
		case s[i] == '}':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// maxVariables is how many entries of a .env file are kept.
const maxVariables = 5_000

// addEnvFile adds what the file defines and vs does not: KEY=value lines, quoted
// or not, with references to earlier ones. A file that is not there adds nothing.
func (vs variables) addEnvFile(tree *scanners.Tree, name string) {
	content, err := tree.ReadFile(name)
	if err != nil || len(content) > maxFileSize {
		return
	}
	own := variables{}
	for line := range strings.Lines(string(content)) {
		key, value, ok := strings.Cut(strings.TrimSpace(line), "=")
		key = strings.TrimSpace(strings.TrimPrefix(key, "export "))
		if !ok || key == "" || nameLength(key) != len(key) || len(own) >= maxVariables {
			continue
		}
		if value = own.unquote(strings.TrimSpace(value)); len(value) <= maxText {
			own[key] = value
		}
	}
	for key, value := range own {
		if _, known := vs[key]; !known {
			vs[key] = value
		}
	}
}

func (vs variables) unquote(s string) string {
	if len(s) > 1 && (s[0] == '\'' || s[0] == '"') {
		if end := strings.IndexByte(s[1:], s[0]); end >= 0 {
			inner := s[1 : 1+end]
			if s[0] == '"' {
				inner, _ = vs.reveal(inner)
			}
			return inner
		}
	}
	if i := strings.Index(s, " #"); i >= 0 {
		s = strings.TrimSpace(s[:i])
	}
	s, _ = vs.reveal(s)
	return s
}

// environment are the variables for a compose file in dir.
func environment(tree *scanners.Tree, dir string) variables {
	vs := variables{}
	vs.addEnvFile(tree, path.Join(dir, ".env"))
	return vs
}
