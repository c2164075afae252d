package config

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/plan/gate"
	"github.com/intscan/intscan/plan/risk"
	"github.com/intscan/intscan/plan/rules"
	"github.com/intscan/intscan/scanners"
)

// scalar is a value of one word that checks itself. words are those allowed; nil for
// any.
type scalar interface {
	set(text string, line int, words []string) error
	describe(words []string) map[string]any // as JSON Schema
}

// Word is one of a list.
type Word struct {
	Text string
	Line int
}

func (w *Word) set(text string, line int, words []string) error {
	*w = Word{text, line}
	return oneOf(text, words)
}

func (*Word) describe(words []string) map[string]any {
	return map[string]any{"type": "string", "enum": words}
}

// oneOf checks a name against those there are, and names the nearest.
func oneOf(text string, words []string) error {
	for _, w := range words {
		if w == text {
			return nil
		}
	}
	if near := scanners.Nearest(text, words); near != "" {
		return fmt.Errorf("unknown %s; did you mean %s?", quoted(text), near)
	}
	if len(words) > 12 {
		return fmt.Errorf("unknown %s", quoted(text))
	}
	return fmt.Errorf("%s is none of %s", quoted(text), strings.Join(words, ", "))
}

// quoted shows what stands in the file without a secret that it may be.
func quoted(s string) string {
	if len(s) > 60 {
		s = s[:60]
	}
	return fmt.Sprintf("%q", scanners.Redact(s))
}

// Text is any text, with its line.
type Text struct {
	Text string
	Line int
}

func (x *Text) set(text string, line int, _ []string) error { *x = Text{text, line}; return nil }

func (*Text) describe([]string) map[string]any { return map[string]any{"type": "string"} }

// Glob is a pattern for paths or ids.
type Glob struct {
	Pattern string
	Line    int
}

func (g *Glob) set(text string, line int, _ []string) error {
	*g = Glob{strings.TrimSuffix(strings.TrimPrefix(text, "./"), "/"), line}
	if g.Pattern == "" || !doublestar.ValidatePattern(g.Pattern) {
		return fmt.Errorf("%s is no glob", quoted(text))
	}
	return nil
}

func (*Glob) describe([]string) map[string]any {
	return map[string]any{"type": "string", "minLength": 1}
}

// Matches reports whether the glob is for a path or a folder above it.
func (g Glob) Matches(name string) bool {
	return doublestar.MatchUnvalidated(g.Pattern, name) || doublestar.MatchUnvalidated(g.Pattern+"/**", name)
}

func anyMatches(globs []Glob, name string) bool {
	for _, g := range globs {
		if g.Matches(name) {
			return true
		}
	}
	return false
}

// Tag is a build tag, with "!" before it one that is never set.
type Tag struct {
	Text string
	Line int
}

var tagPattern = `^!?[A-Za-z0-9_.]+$`

func (x *Tag) set(text string, line int, _ []string) error {
	*x = Tag{text, line}
	if !regexp.MustCompile(tagPattern).MatchString(text) {
		return fmt.Errorf("%s is no build tag", quoted(text))
	}
	return nil
}

func (*Tag) describe([]string) map[string]any {
	return map[string]any{"type": "string", "pattern": tagPattern}
}

// Name is a policy's name.
type Name struct {
	Text string
	Line int
}

var namePattern = `^[a-z0-9]+(-[a-z0-9]+)*$`

func (n *Name) set(text string, line int, _ []string) error {
	*n = Name{text, line}
	if !regexp.MustCompile(namePattern).MatchString(text) {
		return fmt.Errorf("%s is no name: lower case words with hyphens, as external-http", quoted(text))
	}
	return nil
}

func (*Name) describe([]string) map[string]any {
	return map[string]any{"type": "string", "pattern": namePattern}
}

// Bound is the longest time that a policy allows; 0 with Set stands for any.
type Bound struct {
	Set bool
	Max time.Duration
}

func (b *Bound) set(text string, _ int, _ []string) error {
	if text == "any" {
		*b = Bound{Set: true}
		return nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		return fmt.Errorf("%s is no duration such as 10s, and not any", quoted(text))
	}
	*b = Bound{Set: true, Max: d}
	return nil
}

func (*Bound) describe([]string) map[string]any {
	return map[string]any{"type": "string", "pattern": `^(any|([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+)$`}
}

// Date is a day.
type Date struct{ Day time.Time }

func (d *Date) set(text string, _ int, _ []string) (err error) {
	if d.Day, err = time.Parse(time.DateOnly, text); err != nil {
		return errors.New(quoted(text) + " is no day such as 2027-03-31")
	}
	return nil
}

func (*Date) describe([]string) map[string]any {
	return map[string]any{"type": "string", "format": "date"}
}

// vocabulary lists the words of a tag.
func vocabulary(name string) []string {
	switch name {
	case "setting":
		return append([]string{"on", "off"}, severities()...)
	case "severity":
		return severities()
	case "gate":
		return append([]string{string(gate.None)}, severities()...)
	case "mode":
		return []string{"auto", "types", "syntax"}
	case "level":
		return []string{string(risk.Critical), string(risk.High), string(risk.Medium), string(risk.Low)}
	case "rule":
		var ids []string
		for _, r := range rules.All() {
			ids = append(ids, r.ID)
		}
		return ids
	case "kind":
		return catalog.Kinds
	case "phase":
		return []string{string(detect.PhaseRequest), string(detect.PhaseConsume), string(detect.PhaseJob), string(detect.PhaseStart), string(detect.PhaseLibrary)}
	}
	return nil
}

func severities() []string {
	var out []string
	for _, s := range rules.Severities {
		out = append(out, string(s))
	}
	return out
}
