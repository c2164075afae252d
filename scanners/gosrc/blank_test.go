package gosrc

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// declarationsOf prints the declarations of a file without function bodies. Text of
// string literals does not count: a raw string may hold what looks like a body.
func declarationsOf(t testing.TB, src []byte) (string, bool) {
	t.Helper()
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "x.go", src, parser.SkipObjectResolution)
	if err != nil {
		return "", false
	}
	for _, d := range f.Decls {
		if fd, ok := d.(*ast.FuncDecl); ok {
			fd.Body = nil
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING {
			l.Value = `""`
		}
		return true
	})
	var b bytes.Buffer
	// A fresh file set drops the line breaks, which blanking may move.
	if err := printer.Fprint(&b, token.NewFileSet(), f); err != nil {
		t.Fatal(err)
	}
	return strings.Join(strings.Fields(b.String()), " "), true
}

var blankSeeds = map[string]string{
	"plain":              "package x\n\nfunc f() int {\n\treturn 1\n}\n\ntype T int\n",
	"one line":           "package x\n\nfunc f() {}\n\nfunc g() int { return 1 }\n\ntype T int\n",
	"no body":            "package x\n\nfunc f(a int) int\n\nfunc g() {\n\tprintln()\n}\n",
	"method":             "package x\n\ntype T struct{}\n\nfunc (t *T) M() (int, error) {\n\tif true {\n\t}\n\treturn 1, nil\n}\n",
	"long signature":     "package x\n\nfunc f(\n\ta int,\n\tb string,\n) error {\n\treturn nil\n}\n\nvar V int\n",
	"struct parameter":   "package x\n\nfunc f(p struct {\n\tA int\n}) error {\n\treturn nil\n}\n\nvar V int\n",
	"interface result":   "package x\n\nfunc f() interface {\n\tM()\n} {\n\treturn nil\n}\n\nvar V int\n",
	"struct result":      "package x\n\nfunc f() struct {\n\tA int\n} {\n\treturn struct{ A int }{}\n}\n\ntype T string\n",
	"raw string":         "package x\n\nconst s = `\nfunc f() {\n\tx\n}\n`\n\ntype T int\n",
	"raw string, open":   "package x\n\nvar s = `\nfunc f() {\n`\n\nfunc g() int {\n\treturn 1\n}\n\ntype T int\n",
	"raw string in body": "package x\n\nfunc f() string {\n\treturn `\n}\nfunc g() {\n`\n}\n\ntype T int\n",
	"comment":            "package x\n\n/*\nfunc f() {\n*/\n\ntype T int\n\nfunc g() {\n\tprintln(1)\n}\n",
	"func type":          "package x\n\ntype F func(\n\tint,\n) error\n\nvar f = func() {\n\tprintln()\n}\n\nfunc g() {\n\tprintln()\n}\n",
	"crlf":               "package x\r\n\r\nfunc f() int {\r\n\treturn 1\r\n}\r\n\r\ntype T int\r\n",
	"generic":            "package x\n\nfunc f[K comparable, V any](m map[K]V) []K {\n\treturn nil\n}\n\ntype S[T any] struct{ v T }\n\nfunc (s *S[T]) Get() T {\n\treturn s.v\n}\n",
	"generic interface":  "package x\n\nfunc f[T interface {\n\t~int\n}](v T) T {\n\treturn v\n}\n\ntype U int\n",
	"label at margin":    "package x\n\nfunc f() {\nagain:\n\tgoto again\n}\n\ntype T int\n",
	"not gofmted":        "package x\nfunc f() int {\nif true {\nreturn 1\n}\nreturn 2\n}\ntype T int\n",
	"brace in comment":   "package x\n\nfunc f() { // {\n\tprintln()\n}\n\ntype T int\n",
	"last line":          "package x\n\nfunc f() {\n\tprintln()\n}",
	"unclosed":           "package x\n\nfunc f() {\n\tprintln(",
	"empty":              "",
	"func first":         "func f() {\n}\n",
	"backtick comment":   "package x\n\nvar s = `\nfunc a() {\n` // `\n\ntype Lost struct {\n\tX int\n}\n\ntype T int\n",
}

// TestBlankBodies: what parseDeclarations makes of a file are its declarations, all
// of them and no others.
func TestBlankBodies(t *testing.T) {
	for name, src := range blankSeeds {
		t.Run(name, func(t *testing.T) {
			checkBlanked(t, []byte(src))
		})
	}
}

// TestBlankBodiesBlanks: the work is really saved.
func TestBlankBodiesBlanks(t *testing.T) {
	for _, name := range []string{"plain", "method", "long signature", "crlf", "generic", "label at margin"} {
		if out := blankBodies([]byte(blankSeeds[name])); bytes.Contains(out, []byte("return")) || bytes.Contains(out, []byte("goto")) {
			t.Errorf("%s: a body is left:\n%s", name, out)
		}
	}
}

func checkBlanked(t *testing.T, src []byte) {
	t.Helper()
	want, ok := declarationsOf(t, src)
	out := blankBodies(src)
	if len(out) != len(src) || bytes.Count(out, []byte("\n")) != bytes.Count(src, []byte("\n")) {
		t.Fatalf("blanking moved positions: %d bytes and %d lines, want %d and %d", len(out), bytes.Count(out, []byte("\n")), len(src), bytes.Count(src, []byte("\n")))
	}
	if !ok {
		return
	}
	f := parseDeclarations(token.NewFileSet(), "x.go", src)
	if f == nil {
		t.Fatal("no file")
	}
	got, ok := declarationsOf(t, out)
	if !ok {
		return // parseDeclarations parses the whole then
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("declarations of\n%s\nblanked to\n%s\n(-want +got):\n%s", src, out, diff)
	}
}

func FuzzBlankBodies(f *testing.F) {
	for _, src := range blankSeeds {
		f.Add([]byte(src))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		if len(src) > 1<<12 {
			return
		}
		checkBlanked(t, src)
	})
}
