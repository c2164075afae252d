package suppress

import (
	"strings"
	"testing"
)

// FuzzDirectives: whatever a file holds, a directive has a rule, a reason and lines of
// the file, and holds for its own line.
func FuzzDirectives(f *testing.F) {
	f.Add("a.go", "package a\n\n//intscan:ignore r why\nfunc f() {\n}\n")
	f.Add("c.yaml", "a:\n  # intscan:ignore r,s why\n  b:\n  - |\n    # x\n")
	f.Add(".env", "A=1 # intscan:ignore r why")
	f.Add("Dockerfile", "# intscan:ignore r why\nRUN \\\n")
	f.Fuzz(func(t *testing.T, name, text string) {
		read := readerOf(name)
		if read == nil {
			return
		}
		lines := strings.Count(text, "\n") + 1
		for _, c := range read(name, []byte(text)) {
			if c.line < 1 || c.first > c.line || c.last < c.line || c.last > lines+1 {
				t.Errorf("%s: a comment on line %d holds for %d-%d of %d", name, c.line, c.first, c.last, lines)
			}
			rules, reason, err := Parse(c.text)
			if err == nil && (len(rules) == 0 || reason == "") {
				t.Errorf("%q is a directive with the rules %q and the reason %q", c.text, rules, reason)
			}
		}
	})
}
