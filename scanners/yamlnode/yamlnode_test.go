package yamlnode

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"
)

func TestParse(t *testing.T) {
	docs, err := Parse([]byte("a: 1\nb: {c: x}\n---\n---\n- y\n"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, d := range docs {
		got = append(got, fmt.Sprintf("%d:%d %s", d.Line, d.Kind, String(d, "b", "c")))
	}
	want := []string{
		fmt.Sprintf("1:%d x", yaml.MappingNode),
		fmt.Sprintf("5:%d ", yaml.SequenceNode),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("documents (-want +got):\n%s", diff)
	}
}

// bomb stands for 10 to the power of levels.
func bomb(levels int) string {
	var b strings.Builder
	b.WriteString("l0: &l0 [x,x,x,x,x,x,x,x,x,x]\n")
	for i := 1; i < levels; i++ {
		a := fmt.Sprintf("*l%d", i-1)
		fmt.Fprintf(&b, "l%d: &l%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(a+",", 10), ","))
	}
	return b.String()
}

// deepByAlias is 2 levels deep as written, and 2 for each line when expanded.
func deepByAlias(lines int) string {
	var b strings.Builder
	b.WriteString("l0: &l0 {k: [v]}\n")
	for i := 1; i < lines; i++ {
		fmt.Fprintf(&b, "l%d: &l%d {k: [*l%d]}\n", i, i, i-1)
	}
	return b.String()
}

func TestParseRefuses(t *testing.T) {
	usual := maxTime
	maxTime = 2 * time.Minute
	defer func() { maxTime = usual }()
	tests := []struct {
		name, in string
		line     int
		message  string
	}{
		{"syntax", "a: b\n c: d\n", 2, "mapping values"},
		{"open quote", "a: 1\nb: \"x\nc: 2\n", 2, "end of stream"},
		{"unknown anchor", "a: *nope\n", 1, "unknown anchor"},
		{"alias circle", "a:\n  b: &x\n    c: [*x]\n", 3, "inside its own anchor"},
		{"alias bomb", bomb(9), 6, "aliases counted"},
		{"flow depth", strings.Repeat("[", 20000), 1, "depth"},
		{"block depth", func() string {
			var b strings.Builder
			for i := range 200 {
				b.WriteString(strings.Repeat(" ", i) + "a:\n")
			}
			return b.String()
		}(), 0, "dep"},
		{"depth by alias", deepByAlias(200), 0, "nested deeper"},
		{"many nodes", "[" + strings.Repeat("a,", 600_000) + "]", 1, "nodes"},
		{"too many to look at", "[" + strings.Repeat("a,", 3_000_000) + "]", 0, "nodes"},
		{"many documents", strings.Repeat("--- [a]\n", 300_000), 0, "nodes"},
		{"too long", strings.Repeat("#", maxBytes+1), 0, "MiB"},
		{"control character", "a: \x01\n", 0, "control characters"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Parse([]byte(tt.in))
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("Parse gave %v, want an *Error", err)
			}
			if !strings.Contains(e.Message, tt.message) || tt.line != 0 && e.Line != tt.line {
				t.Errorf("Parse gave %v, want %q at line %d", e, tt.message, tt.line)
			}
		})
	}
}

func TestParseKeepsDocumentsBeforeTheFault(t *testing.T) {
	docs, err := Parse([]byte("a: 1\n---\nb: [\n"))
	if err == nil || len(docs) != 1 || String(docs[0], "a") != "1" {
		t.Errorf("Parse = %d documents, %v; want the first one and an error", len(docs), err)
	}
}

func TestFields(t *testing.T) {
	docs, err := Parse([]byte(`
base: &base {image: x, restart: always}
more: &more {user: root}
web:
  image: y
  <<: [*base, *more]
other:
  <<: *base
  "<<": literal
`))
	if err != nil {
		t.Fatal(err)
	}
	read := func(n *yaml.Node) (got []string) {
		for k, v := range Fields(n) {
			got = append(got, k.Value+"="+v.Value)
		}
		return got
	}
	if diff := cmp.Diff([]string{"image=y", "restart=always", "user=root"}, read(Get(docs[0], "web"))); diff != "" {
		t.Errorf("web (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"<<=literal", "image=x", "restart=always"}, read(Get(docs[0], "other"))); diff != "" {
		t.Errorf("other (-want +got):\n%s", diff)
	}
	if got := String(docs[0], "web", "image", "none"); got != "" {
		t.Errorf("String below a scalar = %q, want none", got)
	}
	for k := range Fields(nil) {
		t.Errorf("Fields(nil) yields %q", k.Value)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("a: &x {b: 1}\nc: {<<: *x}\n---\n- *x\n"))
	f.Add([]byte(bomb(4)))
	f.Add([]byte("a: &x [*x]\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		docs, err := Parse(b)
		if err != nil && len(b) > 0 && err.Error() == "" {
			t.Error("an error without a message")
		}
		n := 0
		var walk func(*yaml.Node, int)
		walk = func(node *yaml.Node, depth int) {
			if n++; n > maxNodes || depth > 2*maxDepth {
				t.Fatalf("walk does not end: node %d, depth %d", n, depth)
			}
			node = Resolve(node)
			for _, v := range Fields(node) {
				walk(v, depth+1)
			}
			for v := range Items(node) {
				walk(v, depth+1)
			}
		}
		for _, d := range docs {
			walk(d, 1)
		}
	})
}
