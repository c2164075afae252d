package main

import (
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/intscan/intscan/detect/catalog"
)

// leastExamples guards against a collection that finds none.
const leastExamples = 80

// TestShippedExamples holds what can be held without the modules; make verify-catalog
// type-checks the examples.
func TestShippedExamples(t *testing.T) {
	cat := catalog.Shipped()
	examples := collect(cat).examples
	if len(examples) < leastExamples {
		t.Fatalf("%d examples, want at least %d", len(examples), leastExamples)
	}
	var protecting []string
	for _, tk := range cat.Toolkits {
		protecting = slices.Concat(protecting, tk.Runs, tk.Wraps, tk.Records)
	}
	for _, x := range examples {
		t.Run(x.where, func(t *testing.T) {
			checkExample(t, x, protecting)
		})
	}
}

func checkExample(t *testing.T, x example, protecting []string) {
	text, _, err := x.source()
	if err != nil {
		t.Fatal(err)
	}
	_, body := catalog.SplitExample(x.code)
	formatted, err := format.Source([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(formatted), body); diff != "" {
		t.Errorf("it is not formatted (-want +got):\n%s", diff)
	}
	sets := slices.Concat(x.by, x.dsn, protecting, []string{"context.WithTimeout", "time.After"})
	if names := namesIn(t, text); !slices.ContainsFunc(sets, func(s string) bool { return names[lastName(s)] }) {
		t.Errorf("it uses none of %s, no toolkit and neither context.WithTimeout nor time.After", strings.Join(slices.Concat(x.by, x.dsn), ", "))
	}
}

// lastName is the name of a symbol's field, method or function.
func lastName(symbol string) string {
	symbol, _, _ = strings.Cut(symbol, "=")
	return symbol[strings.LastIndexByte(symbol, '.')+1:]
}

// namesIn are the fields, methods and functions that code uses, and the words of its
// strings, among which are parameters of connection strings.
func namesIn(t *testing.T, text string) map[string]bool {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), "", text, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			names[n.Sel.Name] = true
		case *ast.KeyValueExpr:
			if id, ok := n.Key.(*ast.Ident); ok {
				names[id.Name] = true
			}
		case *ast.BasicLit:
			for _, w := range strings.FieldsFunc(n.Value, func(r rune) bool { return strings.ContainsRune("\"`?&= ", r) }) {
				names[w] = true
			}
		}
		return true
	})
	return names
}

func TestExampleSource(t *testing.T) {
	x := example{
		where:    "entries/queue.yaml: timeout.example",
		code:     "import \"queue.test/trace\"\n\n// conn is a *wire.Conn.\nclient, err := queue.New(conn, trace.Hook(), 3*time.Second)\nclient.Send(ctx, topic)\n",
		packages: []string{"queue.test/go-queue", "queue.test/wire/..."},
	}
	want := `package example
import "queue.test/trace"
import queue "queue.test/go-queue"
import time "time"
import wire "queue.test/wire"
import context "context"
func _(conn *wire.Conn, ctx context.Context, topic string) error {
// conn is a *wire.Conn.
client, err := queue.New(conn, trace.Hook(), 3*time.Second)
client.Send(ctx, topic)

return nil
}
`
	got, _, err := x.source()
	if err != nil {
		t.Fatal(err)
	}
	sorted := func(s string) []string { return slices.Sorted(strings.Lines(s)) }
	if diff := cmp.Diff(sorted(want), sorted(got)); diff != "" {
		t.Errorf("source (-want +got):\n%s", diff)
	}
}

func TestExamplesAreTypeChecked(t *testing.T) {
	for _, tc := range []struct {
		name, code string
		want       string // part of the one fault; "" for none
	}{
		{"right", "client := &http.Client{Timeout: 10 * time.Second}\n", ""},
		{"no such field", "client := &http.Client{Deadline: 10 * time.Second}\n", "unknown field Deadline"},
		{"no such import", "client := elsewhere.New()\n", "no import for elsewhere"},
		{"no Go", "client := := 1\n", "is no Go"},
		{"no known module", "import \"elsewhere.test/x\"\n\nclient := x.New()\n", "no version of the module of elsewhere.test/x"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			v := newVerifier(t)
			v.examples([]example{{where: "entries/http.yaml: timeout.example", code: tc.code, packages: []string{"net/http"}}})
			got := strings.Join(v.faults, "; ")
			if (got == "") != (tc.want == "") || !strings.Contains(got, tc.want) {
				t.Errorf("faults %q, want %q", got, tc.want)
			}
			if tc.want == "" && v.compiled != 1 {
				t.Errorf("%d examples counted, want 1", v.compiled)
			}
		})
	}
}
