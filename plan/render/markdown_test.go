package render_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/intscan/intscan/plan/document"
	"github.com/intscan/intscan/plan/render"
	"github.com/intscan/intscan/scanners"
)

func markdown(t *testing.T, blocks ...document.Block) string {
	t.Helper()
	var b strings.Builder
	d := document.Document{Title: "T", Sections: []document.Section{{ID: "s", Title: "S", Blocks: blocks}}}
	if err := render.Markdown(&b, d); err != nil {
		t.Fatal(err)
	}
	_, body, ok := strings.Cut(b.String(), "## S\n\n")
	if !ok {
		t.Fatalf("no section in %q", b.String())
	}
	return body
}

func TestMarkdownBlocks(t *testing.T) {
	for _, tc := range []struct {
		name  string
		block document.Block
		want  string
	}{
		{"emphasis ends at the word", document.P(document.B("Calls: "), 3), "**Calls:** 3\n"},
		{"place", document.P("at ", scanners.Position{File: "a/b_c.go", Line: 7, Column: 2}), "at `a/b_c.go:7`\n"},
		{"no place", document.P("at ", scanners.Position{}), "at \n"},
		{"link", document.P(document.Ref("Redis", "integration-redis")), "[Redis](#integration-redis)\n"},
		{"table with a short row", document.Table{Head: []string{"a", "b"}, Rows: [][]document.Text{{document.T("1")}}}, "| a | b |\n| --- | --- |\n| 1 |  |\n"},
		{"boxes", document.Checklist{Items: []document.Check{{Done: true, Text: document.T("x")}, {Text: document.T("y")}}}, "- [x] x\n- [ ] y\n"},
		{"fence in code", document.Code{Language: "go", Text: "a\n```\nb\n"}, "````go\na\n```\nb\n````\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, markdown(t, tc.block)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestMarkdownHostile: names of the repository stay text, wherever they stand.
func TestMarkdownHostile(t *testing.T) {
	for _, tc := range []struct{ in, plain, mono string }{
		{"<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;", "`<script>alert(1)</script>`"},
		{"a | b", `a \| b`, "`a \\| b`"},
		{"[x](http://evil.example)", `\[x\](http:&#47;/evil.example)`, "`[x](http://evil.example)`"},
		{"one\n# two", `one \# two`, "`one # two`"},
		{"a`b", "a\\`b", "``a`b``"},
		{"@team **now**", `&#64;team \*\*now\*\*`, "`@team **now**`"},
		{"\x1b[31mred\u202e", `\[31mred`, "`[31mred`"},
	} {
		if got := strings.TrimSuffix(markdown(t, document.P(tc.in)), "\n"); got != tc.plain {
			t.Errorf("text %q: got %q, want %q", tc.in, got, tc.plain)
		}
		if got := strings.TrimSuffix(markdown(t, document.P(document.C(tc.in))), "\n"); got != tc.mono {
			t.Errorf("code %q: got %q, want %q", tc.in, got, tc.mono)
		}
	}
}
