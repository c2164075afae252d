package sections

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var (
	quotable = regexp.MustCompile(`^([a-zA-Z0-9 .,:\-_/+()]|#[0-9]+;)*$`)
	entity   = regexp.MustCompile(`#[0-9]+;`)
	controls = regexp.MustCompile(`[\x00-\x1f\x7f]`)
)

// FuzzMermaidText: a label has nothing in it that ends it or that Mermaid reads, and
// shows what it was made from.
func FuzzMermaidText(f *testing.F) {
	for _, s := range []string{"", "a b", `"]; click n1 "javascript:x"`, "<script>", "end", "a\nb\x00", "\xff", "漢字 עברית 👩‍👩‍👧", "%% c", "#35;", "--> ==>", "`x`", `\u0022`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := mermaidText(s)
		if !quotable.MatchString(got) {
			t.Fatalf("%q gives %q", s, got)
		}
		back := entity.ReplaceAllStringFunc(got, func(e string) string {
			n, err := strconv.Atoi(e[1 : len(e)-1])
			if err != nil {
				t.Fatal(err)
			}
			return string(rune(n))
		})
		if want := controls.ReplaceAllString(strings.ToValidUTF8(s, "\uFFFD"), " "); back != want {
			t.Errorf("%q reads as %q, want %q", s, back, want)
		}
	})
}
