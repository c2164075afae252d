package gosrc

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestReachingAssignments: what a variable may hold where it is used, told of the
// argument of use.
func TestReachingAssignments(t *testing.T) {
	tests := []struct{ name, body, want string }{
		{"the last one", "v := \"a\"\n\tv = \"b\"\n\tuse(v)", "b"},
		{"one branch", "v := \"a\"\n\tif cond {\n\t\tv = \"b\"\n\t}\n\tuse(v)", "a b"},
		{"both branches and before", "var v string\n\tif cond {\n\t\tv = \"a\"\n\t} else {\n\t\tv = \"b\"\n\t}\n\tuse(v)", "a b"},
		{"a branch that leaves", "v := \"a\"\n\tif cond {\n\t\tv = \"b\"\n\t\treturn\n\t}\n\tuse(v)", "a"},
		{"inside the branch", "v := \"a\"\n\tif cond {\n\t\tv = \"b\"\n\t\tuse(v)\n\t}", "b"},
		{"later assignment", "v := \"a\"\n\tuse(v)\n\tv = \"b\"", "a"},
		{"switch", "v := \"a\"\n\tswitch n {\n\tcase 1:\n\t\tv = \"b\"\n\tcase 2:\n\t\tv = \"c\"\n\tcase 3:\n\t\tpanic(\"no\")\n\t}\n\tuse(v)", "a b c"},
		{"shadowed", "v := \"a\"\n\tif cond {\n\t\tv := \"b\"\n\t\t_ = v\n\t}\n\tuse(v)", "a"},
		{"copy", "v := \"a\"\n\tw := v\n\tv = \"b\"\n\tuse(w)", "a"},
		{"parameter", "use(p)", "param0"},
		{"parameter overwritten", "if p == \"\" {\n\t\tp = \"a\"\n\t}\n\tuse(p)", "a param0"},
		{"literal sets it", "var v string\n\tfunc() { v = \"a\" }()\n\tuse(v)", "a"},
		{"in a literal", "v := \"a\"\n\tfunc() { use(v) }()", "a"},
		{"constant", "const v = \"a\" + \"b\"\n\tuse(v)", "ab"},
		{"tuple", "v, _ := two()\n\tuse(v)", "two#0"},
		{"second of a tuple", "_, v := two()\n\tuse(v)", "two#1"},
		{"range element", "for _, v := range list {\n\t\tuse(v)\n\t}", "element"},
		{"package variable", "use(global)", "example.com/shop.global"},
		{"conversion", "v := kind(\"a\")\n\tuse(string(v))", "a"},
		{"type switch", "switch v := any(p).(type) {\n\tcase string:\n\t\tuse(v)\n\t}", "param0"},
	}
	var b strings.Builder
	b.WriteString("package shop\n\ntype kind string\n\nvar (\n\tglobal string\n\tlist   []string\n\tcond   bool\n\tn      int\n)\n\nfunc use(string) {}\n\nfunc two() (string, string) { return \"x\", \"y\" }\n\n")
	for i, tt := range tests {
		fmt.Fprintf(&b, "func case%d(p string) {\n\t%s\n}\n\n", i, tt.body)
	}
	code, diags := scanFiles(t, map[string]string{"go.mod": shopModule, "shop.go": b.String()}, "", Options{})
	if len(diags) > 0 {
		t.Fatal(messages(diags))
	}
	for i, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			fn := funcOf(t, code, fmt.Sprintf("example.com/shop.case%d", i))
			all := slices.Clone(fn.Calls)
			for _, f := range pkgOf(t, code, ".").Funcs {
				if f.Parent == fn {
					all = append(all, f.Calls...)
				}
			}
			for _, c := range all {
				if c.Callee == "example.com/shop.use" {
					if got := valueWords(c.Args[0]); got != tt.want {
						t.Errorf("value is %q, want %q:\n%s", got, tt.want, tt.body)
					}
					return
				}
			}
			t.Fatal("no call of use")
		})
	}
}

func valueWords(v *Value) string {
	switch v.Kind {
	case Const:
		return v.Text
	case Param:
		return fmt.Sprintf("param%d", v.Index)
	case Result:
		return fmt.Sprintf("%s#%d", v.Call.Callee[strings.LastIndexByte(v.Call.Callee, '.')+1:], v.Index)
	case Global:
		return v.Name
	case Element:
		return "element"
	case Nil:
		return "nil"
	case Union:
		var words []string
		for _, a := range v.Args {
			words = append(words, valueWords(a))
		}
		slices.Sort(words)
		return strings.Join(words, " ")
	}
	return fmt.Sprintf("kind %d", v.Kind)
}

// TestManyAssignments: past a bound, what a variable may hold is not known, which is
// said and not left out.
func TestManyAssignments(t *testing.T) {
	var b strings.Builder
	b.WriteString("package shop\n\nfunc use(string) {}\n\nfunc f(n int) {\n\tv := \"\"\n")
	for i := range 3 * maxReaching {
		fmt.Fprintf(&b, "\tif n == %d {\n\t\tv = \"v%d\"\n\t}\n", i, i)
	}
	b.WriteString("\tuse(v)\n}\n")
	code, _ := scanFiles(t, map[string]string{"go.mod": shopModule, "shop.go": b.String()}, "", Options{})
	v := callIn(t, funcOf(t, code, "example.com/shop.f"), ".use").Args[0]
	if v.Kind != Union || len(v.Args) > maxReaching+1 {
		t.Fatalf("kind %d with %d values, want a union of at most %d", v.Kind, len(v.Args), maxReaching+1)
	}
	if !slices.ContainsFunc(v.Args, func(a *Value) bool { return a.Kind == Opaque }) {
		t.Error("nothing says that values were left out")
	}
}

// TestFieldsAndStores: what is put into fields, through pointers and by literals.
func TestFieldsAndStores(t *testing.T) {
	code, diags := scanFiles(t, map[string]string{"go.mod": shopModule, "shop.go": `package shop

type conn struct{ name string }

type base struct{ c *conn }

type server struct {
	base
	next *server
	m    map[string]*conn
}

var shared *conn

func open(out **conn) { *out = &conn{name: "out"} }

func build() *server {
	s := &server{base: base{c: &conn{name: "lit"}}}
	s.c = &conn{name: "set"}
	s.next.c.name = "deep"
	s.m["a"] = &conn{name: "elem"}
	shared = s.c
	open(&s.c)
	return s
}
`}, "", Options{})
	if len(diags) > 0 {
		t.Fatal(messages(diags))
	}
	var got []string
	for _, st := range pkgOf(t, code, ".").Stores {
		got = append(got, strings.TrimPrefix(st.Symbol, "example.com/shop."))
	}
	slices.Sort(got)
	want := []string{"base.c", "conn.name", "server.base", "server.m", "shared"}
	if diff := cmp.Diff(want, slices.Compact(got)); diff != "" {
		t.Errorf("stores (-want +got):\n%s", diff)
	}
	if n := len(funcOf(t, code, "example.com/shop.open").ParamStores[0]); n != 1 {
		t.Errorf("%d values put through the parameter of open, want 1", n)
	}
}
