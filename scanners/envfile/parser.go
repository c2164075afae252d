package envfile

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/intscan/intscan/scanners"
)

const (
	// maxDiags bounds the malformed lines that are told of one by one: for a file
	// that is no .env file at all, a few are enough.
	maxDiags = 5
	maxVars  = 10_000
)

// A line may hold many definitions ("A='x' B='y'"), so looking ahead to its end
// for each would take time without bound.
const (
	maxHead = 1 << 10  // how far from its start the name of a definition ends
	maxKey  = 16 << 10 // how long a key block may be
)

// parser reads the dialect of compose-go, which knows more than others (KEY: value,
// names alone, dots and dashes in names) and keeps no line numbers. Diagnostics
// never quote the text: a malformed line is often the rest of a key.
type parser struct {
	file   string
	src    string // what is not read yet
	line   int
	column int
	shell  bool // a .envrc, which is a script: other lines are its own affair

	vars  []Variable
	diags []scanners.Diagnostic
	more  int // malformed lines that have no diagnostic of their own
}

func (p *parser) parse() {
	for p.skipBlank() {
		if len(p.vars) == maxVars {
			p.diags = append(p.diags, diagnostic(p.file, p.line, "file has too many variables; those from this line on were not read"))
			break
		}
		p.statement()
	}
	if p.more > 0 {
		p.diags = append(p.diags, diagnostic(p.file, 0, fmt.Sprintf("%d more lines are no definition and were skipped", p.more)))
	}
}

// take consumes n bytes and counts lines and columns.
func (p *parser) take(n int) {
	text := p.src[:n]
	p.src = p.src[n:]
	if i := strings.LastIndexByte(text, '\n'); i >= 0 {
		p.line += strings.Count(text, "\n")
		p.column = 1
		text = text[i+1:]
	}
	p.column += utf8.RuneCountInString(text)
}

// skipBlank goes to the next character that is no space and in no comment.
func (p *parser) skipBlank() bool {
	for {
		i := strings.IndexFunc(p.src, func(r rune) bool { return !unicode.IsSpace(r) })
		if i < 0 {
			return false
		}
		p.take(i)
		if p.src[0] != '#' {
			return true
		}
		p.take(p.lineEnd())
	}
}

func (p *parser) lineEnd() int {
	if i := strings.IndexByte(p.src, '\n'); i >= 0 {
		return i
	}
	return len(p.src)
}

func (p *parser) malformed(line int, message string) {
	if len(p.diags) >= maxDiags {
		p.more++
		return
	}
	p.diags = append(p.diags, diagnostic(p.file, line, message))
}

var exportWord = regexp.MustCompile(`^export[ \t]+`)

func (p *parser) statement() {
	exported := false
	if w := exportWord.FindString(p.src); w != "" {
		exported = true
		p.take(len(w))
	}
	at := scanners.Position{File: p.file, Line: p.line, Column: p.column}
	head := p.src[:min(len(p.src), maxHead)]
	end := strings.IndexAny(head, "=:\n")
	hasValue := end >= 0 && head[end] != '\n'
	if end < 0 {
		end = len(head)
	}
	if i := strings.Index(head[:end], " #"); i >= 0 && !hasValue {
		end = i
	}
	name := strings.TrimSpace(head[:end])
	switch {
	case !isName(name) || !hasValue && len(name) > 64:
		p.take(p.lineEnd())
		if !p.shell {
			p.malformed(at.Line, "line is no definition (NAME=value) and was skipped")
		}
		return
	case !hasValue:
		p.take(p.lineEnd())
		if !p.shell {
			p.add(name, "", exported, at)
		}
		return
	}
	p.take(end + 1)
	value, ok := p.value()
	if !ok {
		p.malformed(at.Line, "quote is not closed; the line was read as if it had none after its name")
	}
	p.add(name, value, exported, at)
}

func (p *parser) add(name, value string, exported bool, at scanners.Position) {
	p.vars = append(p.vars, Variable{
		Name: name, Position: at, Exported: exported,
		Secret:   scanners.SecretName(name) || scanners.SecretValue(value),
		Literal:  scanners.LiteralSecret(name, value),
		Empty:    value == "",
		Endpoint: scanners.EndpointOf(name, value),
	})
}

// isName takes what compose takes. Text that looks like a token is no name: it
// is a line of a key that somebody pasted without quotes, and names are shown.
func isName(s string) bool {
	if s == "" || len(s) > 200 || strings.ContainsFunc(s, func(r rune) bool {
		return !strings.ContainsRune("_.-[]", r) && !unicode.IsLetter(r) && !unicode.IsNumber(r) || r == utf8.RuneError
	}) {
		return false
	}
	return len(s) < 16 || !scanners.SecretValue(s)
}

// value reads the value at hand. ok is false where its quote is not closed; then
// the line is consumed, and what stands on it is not known.
func (p *parser) value() (value string, ok bool) {
	p.take(len(p.src) - len(strings.TrimLeft(p.src, " \t\v\f\r")))
	if p.src == "" || p.src[0] != '"' && p.src[0] != '\'' {
		return p.unquoted(), true
	}
	quote := p.src[0]
	for i := 1; i < len(p.src); i++ {
		switch p.src[i] {
		case '\\':
			i++
		case quote:
			value = p.src[1:i]
			p.take(i + 1)
			return value, true
		}
	}
	value = p.src[1:p.lineEnd()]
	p.take(p.lineEnd())
	return value, false
}

// unquoted reads to the end of the line or a comment. A key block pasted without
// quotes goes on for lines; those are part of it, not definitions.
func (p *parser) unquoted() string {
	line := p.src[:p.lineEnd()]
	if strings.HasPrefix(line, "-----BEGIN ") {
		if i := strings.Index(p.src[:min(len(p.src), maxKey)], "\n-----END "); i >= 0 {
			value := p.src[:i]
			p.take(i + 1)
			p.take(p.lineEnd())
			return value
		}
	}
	p.take(len(line))
	if strings.HasPrefix(line, "#") { // NAME= # comment
		return ""
	}
	line, _, _ = strings.Cut(line, " #")
	return strings.TrimSpace(line)
}
