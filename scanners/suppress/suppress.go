// Package suppress reads the comments by which a team silences findings:
//
//	//intscan:ignore timeout-http-client the caller gives up after 5 s
//	# intscan:ignore compose-healthcheck,compose-restart started by hand
//
// In Go a comment holds for its own line, or where it stands above a declaration,
// a statement or the package clause for all of that. In YAML it holds for its own
// line, or above a key or list item for the whole block below it; in other files for
// its own line or for the next one.
//
// It knows no rules; which of them exist and what is silenced is decided where the
// findings are.
package suppress

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/intscan/intscan/scanners"
)

// Directive is one comment that silences findings.
type Directive struct {
	scanners.Position
	Rules  []string
	Reason string
	// First and Last are the lines of the file that it holds for.
	First, Last int
}

// Covers reports whether the directive holds for a place.
func (d Directive) Covers(at scanners.Position) bool {
	return at.File == d.File && d.First <= at.Line && at.Line <= d.Last
}

// marker is what a file must hold to be looked at.
const marker = "intscan:ignore"

// Scan reads all files of the tree that may hold directives.
func Scan(ctx context.Context, tree *scanners.Tree) ([]Directive, []scanners.Diagnostic) {
	var out []Directive
	var diags []scanners.Diagnostic
	for _, f := range tree.Files() {
		read := readerOf(f.Path)
		if read == nil || ctx.Err() != nil {
			continue
		}
		src, err := tree.ReadFile(f.Path)
		if err != nil || !bytes.Contains(src, []byte(marker)) {
			continue // the scanner of the file's own kind tells what cannot be read
		}
		for _, c := range read(f.Path, src) {
			d, err := c.directive(f.Path)
			if err != nil {
				diags = append(diags, scanners.Diagnostic{
					Severity: scanners.SeverityWarning, Scanner: "suppress", Position: d.Position, Message: err.Error(),
				})
				continue
			}
			out = append(out, d)
		}
	}
	slices.SortStableFunc(out, func(a, b Directive) int { return cmp.Compare(a.File, b.File) })
	return out, diags
}

// comment is a comment with the marker, and the lines that it holds for.
type comment struct {
	text         string // from the marker on
	line, column int
	first, last  int
}

func (c comment) directive(file string) (Directive, error) {
	d := Directive{Position: scanners.Position{File: file, Line: c.line, Column: c.column}, First: c.first, Last: c.last}
	var err error
	d.Rules, d.Reason, err = Parse(c.text)
	return d, err
}

// Parse reads a directive, from "intscan:ignore" on: the rules, by commas, then the
// reason. Without a reason it silences nothing and is an error.
func Parse(text string) (rules []string, reason string, err error) {
	rest, ok := strings.CutPrefix(text, marker)
	if !ok || rest != "" && !strings.ContainsAny(rest[:1], " \t") {
		return nil, "", fmt.Errorf("this silences nothing; it is written %s RULE reason", marker)
	}
	rest = strings.TrimSpace(rest)
	for {
		end := strings.IndexAny(rest, ", \t")
		if end < 0 {
			end = len(rest)
		}
		rule := rest[:end]
		rest = strings.TrimLeft(rest[end:], " \t")
		if rule != "" {
			if !ruleName(rule) {
				return nil, "", fmt.Errorf("%s names the rule %q, which is no rule's name; write %s RULE reason", marker, scanners.Redact(rule), marker)
			}
			rules = append(rules, rule)
		}
		more := strings.HasPrefix(rest, ",")
		rest = strings.TrimLeft(rest, ", \t")
		if !more {
			break
		}
	}
	reason = strings.TrimSpace(strings.TrimLeft(rest, "-–—:/ \t"))
	switch {
	case len(rules) == 0:
		return nil, "", fmt.Errorf("%s names no rule, so it silences nothing; write %s RULE reason", marker, marker)
	case reason == "":
		return nil, "", fmt.Errorf("%s %s gives no reason, so it silences nothing; say after the rule why", marker, strings.Join(rules, ","))
	}
	return rules, scanners.Redact(reason), nil
}

// ruleName: lower case letters, digits and hyphens, as the names of rules are made.
func ruleName(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-'
	})
}

// readerOf picks the comments' syntax by the file's name; nil for files that hold no
// directives.
func readerOf(name string) func(file string, src []byte) []comment {
	base := strings.ToLower(path.Base(name))
	switch ext := path.Ext(base); {
	case ext == ".go":
		return goComments
	case ext == ".yaml" || ext == ".yml":
		return yamlComments
	case base == "dockerfile" || base == "containerfile" || ext == ".dockerfile" || strings.HasPrefix(base, "dockerfile."):
		return dockerComments
	case ext == ".toml" || ext == ".properties" || ext == ".env" || base == ".env" || strings.HasPrefix(base, ".env.") || ext == ".ini" || ext == ".conf":
		return lineComments
	}
	return nil
}
