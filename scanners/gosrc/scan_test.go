package gosrc

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/intscan/intscan/fixtures"
	"github.com/intscan/intscan/scanners"
)

// TestBuildConstraints: every file counts, also those that no build takes together.
func TestBuildConstraints(t *testing.T) {
	code, diags := scanFiles(t, map[string]string{
		"go.mod":             shopModule,
		"store/store.go":     "package store\n\nfunc Open() error { return open() }\n",
		"store/linux.go":     "//go:build linux\n\npackage store\n\nimport \"os\"\n\nfunc open() error { os.Getenv(\"LINUX\"); return nil }\n",
		"store/s_windows.go": "package store\n\nimport \"os\"\n\nfunc open() error { os.Getenv(\"WINDOWS\"); return nil }\n",
		"store/enterprise.go": "//go:build enterprise && !linux\n\npackage store\n\nimport \"os\"\n\n" +
			"func licence() { os.Getenv(\"LICENCE\") }\n",
		"store/gen.go":        "//go:build ignore\n\npackage main\n\nimport \"os\"\n\nfunc main() { os.Getenv(\"GEN\") }\n",
		"store/store_test.go": "package store_test\n\nimport \"testing\"\n\nfunc TestX(t *testing.T) {}\n",
	}, "", Options{})
	if len(diags) > 0 {
		t.Error(messages(diags))
	}
	got := map[string]string{}
	for _, p := range code.Packages {
		for _, f := range p.Funcs {
			for _, c := range f.Calls {
				if c.Callee == "os.Getenv" {
					got[c.Args[0].Text] = p.Name + " " + string(p.Scope)
				}
			}
		}
	}
	want := map[string]string{
		"LINUX": "store runtime", "WINDOWS": "store runtime", "LICENCE": "store runtime", "GEN": "main development",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("variables read (-want +got):\n%s", diff)
	}
	if code.Lines != 40 {
		t.Errorf("%d lines counted, want 40", code.Lines)
	}
}

func TestIsIgnored(t *testing.T) {
	var got []string
	for _, x := range []string{
		"ignore", "tools", "ignore && linux", "mage || tools", "!windows", "linux && !cgo", "!ignore", "ignore || linux",
		"!linux && !windows", "integration",
	} {
		if isIgnored([]byte("//go:build "+x+"\n\npackage x\n"), nil) {
			got = append(got, x)
		}
	}
	if diff := cmp.Diff([]string{"ignore", "tools", "ignore && linux", "mage || tools"}, got); diff != "" {
		t.Errorf("ignored (-want +got):\n%s", diff)
	}
}

// TestSyntaxError: the fault is reported with its line, and what can be read of the
// file and of its neighbours is.
func TestSyntaxError(t *testing.T) {
	code, diags := scanFiles(t, map[string]string{
		"go.mod": shopModule,
		"a.go":   "package shop\n\nimport \"os\"\n\nfunc A() string { return os.Getenv(\"A\") }\n\nfunc broken( {\n\nfunc C() string { return os.Getenv(\"C\") }\n",
		"b.go":   "package shop\n\nimport \"os\"\n\nfunc B() string { return os.Getenv(\"B\") + A() }\n",
	}, "", Options{})
	if len(diags) != 1 || diags[0].File != "a.go" || diags[0].Line != 7 || !strings.Contains(diags[0].Message, "syntax error") {
		t.Errorf("diagnostics: %v, want one for a.go:7", diags)
	}
	for _, name := range []string{"A", "B"} {
		callIn(t, funcOf(t, code, "example.com/shop."+name), "os.Getenv")
	}
	if got := callees(funcOf(t, code, "example.com/shop.B")); !slices.Contains(got, "example.com/shop.A") {
		t.Errorf("B calls %v, want shop.A among them", got)
	}
}

// TestTypeErrors: what does not compile is summarised nevertheless.
func TestTypeErrors(t *testing.T) {
	code, _ := scanFiles(t, map[string]string{
		"go.mod": shopModule,
		"a.go": "package shop\n\nimport \"net/http\"\n\ntype T struct{ c *http.Client; x Missing }\n\nfunc (t *T) F() int {\n" +
			"\tvar s string = 5\n\tundefined(s)\n\tresp, err := t.c.Get(t.x.url)\n\treturn resp, err, 7\n}\n\nfunc (t *T) F() {}\n\nfunc init() { (&T{}).F() }\n",
	}, "", Options{})
	if got := callees(funcOf(t, code, "example.com/shop.T.F")); !slices.Contains(got, "net/http.Client.Get") {
		t.Errorf("F calls %v, want http.Client.Get among them", got)
	}
}

// TestImportCycle ends, and each package is summarised.
func TestImportCycle(t *testing.T) {
	code, _ := scanFiles(t, map[string]string{
		"go.mod": shopModule,
		"a/a.go": "package a\n\nimport \"example.com/shop/b\"\n\ntype A struct{ B *b.B }\n\nfunc F() { b.F() }\n",
		"b/b.go": "package b\n\nimport \"example.com/shop/c\"\n\ntype B struct{ C *c.C }\n\nfunc F() { c.F() }\n",
		"c/c.go": "package c\n\nimport \"example.com/shop/a\"\n\ntype C struct{ A *a.A }\n\nfunc F() { a.F() }\n",
		"d/d.go": "package d\n\nimport \"example.com/shop/d\"\n\nfunc F() { d.F() }\n",
	}, "", Options{})
	for from, to := range map[string]string{"a": "b", "b": "c", "c": "a"} {
		want := "example.com/shop/" + to + ".F"
		if got := callees(funcOf(t, code, "example.com/shop/"+from+".F")); !slices.Contains(got, want) {
			t.Errorf("%s.F calls %v, want %s", from, got, want)
		}
	}
}

// TestMissingModule: the types of a library that is not on the machine keep their
// names, so that calls on them keep theirs.
func TestMissingModule(t *testing.T) {
	files := map[string]string{
		"go.mod": shopModule + "\nrequire github.com/redis/go-redis/v9 v9.21.0\n",
		"cache/cache.go": "package cache\n\nimport (\n\t\"context\"\n\n\t\"github.com/redis/go-redis/v9\"\n)\n\ntype Cache struct{ rdb *redis.Client }\n\n" +
			"func New() *Cache { return &Cache{rdb: redis.NewClient(&redis.Options{Addr: \"cache:6379\"})} }\n\n" +
			"func (c *Cache) Get(ctx context.Context, k string) (string, error) { return c.rdb.Get(ctx, k).Result() }\n",
	}
	code, _ := scanFiles(t, files, "", Options{})
	p := pkgOf(t, code, "cache")
	if diff := cmp.Diff([]string{"github.com/redis/go-redis/v9"}, p.Missing); diff != "" {
		t.Errorf("missing (-want +got):\n%s", diff)
	}
	if p.Mode == ModeTypes {
		t.Errorf("mode is %s although an import is missing", p.Mode)
	}
	if got := callees(funcOf(t, code, "example.com/shop/cache.Cache.Get")); !slices.Contains(got, "github.com/redis/go-redis/v9.Client.Get") {
		t.Errorf("Get calls %v, want redis.Client.Get", got)
	}
	if got := p.Types[0].Fields["rdb"]; got != "github.com/redis/go-redis/v9.Client" {
		t.Errorf("field rdb is a %q", got)
	}
	strict, diags := scanFiles(t, files, "", Options{Mode: "syntax"})
	if len(strict.Packages) != 1 || len(diags) != 0 {
		t.Errorf("syntax mode: %d packages, diagnostics %v", len(strict.Packages), diags)
	}
}

// TestModuleCache: a module in the cache is found by the version of go.mod,
// upper case letters escaped.
func TestModuleCache(t *testing.T) {
	cache := t.TempDir()
	fixtures.Write(t, cache, map[string]string{
		"github.com/!acme/wire@v1.2.0/wire.go":     "package wire\n\nimport \"context\"\n\ntype Conn struct{}\n\nfunc (c *Conn) Send(ctx context.Context, b []byte) error {\n\treturn nil\n}\n",
		"github.com/!acme/wire@v1.1.0/wire.go":     "package wire\n\ntype Conn struct{}\n",
		"github.com/!acme/wire@v1.2.0/wire_arm.go": "package wire\n\ntype Conn struct{ other int }\n",
	})
	code, diags := scanFiles(t, map[string]string{
		"go.mod":  shopModule + "\nrequire github.com/Acme/wire v1.2.0\n",
		"shop.go": "package shop\n\nimport (\n\t\"context\"\n\n\t\"github.com/Acme/wire\"\n)\n\nfunc F(ctx context.Context, c *wire.Conn) error { return c.Send(ctx, nil) }\n",
	}, cache, Options{})
	if len(diags) > 0 {
		t.Error(messages(diags))
	}
	c := callIn(t, funcOf(t, code, "example.com/shop.F"), "github.com/Acme/wire.Conn.Send")
	if !c.Typed || !c.Context || !c.Error {
		t.Errorf("typed %t, context %t, error %t; want all true", c.Typed, c.Context, c.Error)
	}
	if m := pkgOf(t, code, ".").Mode; m != ModeTypes {
		t.Errorf("mode is %s, want %s", m, ModeTypes)
	}
}

// TestNewerGo: a go directive newer than any Go does not stop the scan.
func TestNewerGo(t *testing.T) {
	code, _ := scanFiles(t, map[string]string{
		"go.mod":  "module example.com/shop\n\ngo 1.99\n\ntoolchain go1.99.1\n",
		"shop.go": "package shop\n\nimport \"net/http\"\n\nfunc F() (*http.Response, error) { return http.Get(\"https://a.b.io\") }\n",
	}, "", Options{})
	if c := callIn(t, funcOf(t, code, "example.com/shop.F"), "net/http.Get"); !c.Typed {
		t.Error("the standard library's declarations were not read")
	}
}

// TestCgo: import "C" does not spoil what else the file says.
func TestCgo(t *testing.T) {
	code, diags := scanFiles(t, map[string]string{
		"go.mod":  shopModule,
		"shop.go": "package shop\n\n/*\n#include <stdlib.h>\n*/\nimport \"C\"\n\nimport (\n\t\"net/http\"\n\t\"unsafe\"\n)\n\nfunc F(c *http.Client) {\n\tp := C.CString(\"x\")\n\tdefer C.free(unsafe.Pointer(p))\n\tc.Get(C.GoString(p))\n}\n",
	}, "", Options{})
	if len(diags) > 0 {
		t.Error(messages(diags))
	}
	callIn(t, funcOf(t, code, "example.com/shop.F"), "net/http.Client.Get")
	if p := pkgOf(t, code, "."); p.Mode != ModeTypes {
		t.Errorf("mode is %s, missing %v", p.Mode, p.Missing)
	}
}

// TestVendor: declarations come from the vendor folder, which is no part of the
// repository's own code.
func TestVendor(t *testing.T) {
	code, _ := scanFiles(t, map[string]string{
		"go.mod":                           shopModule + "\nrequire github.com/acme/wire v1.2.0\n",
		"shop.go":                          "package shop\n\nimport \"github.com/acme/wire\"\n\nfunc F(c *wire.Conn) error { return c.Send() }\n",
		"vendor/modules.txt":               "# github.com/acme/wire v1.2.0\n## explicit\ngithub.com/acme/wire\n",
		"vendor/github.com/acme/wire/w.go": "package wire\n\ntype Conn struct{}\n\nfunc (c *Conn) Send() error { return nil }\n",
	}, "", Options{})
	if c := callIn(t, funcOf(t, code, "example.com/shop.F"), "wire.Conn.Send"); !c.Typed {
		t.Error("the vendored declarations were not read")
	}
	if len(code.Packages) != 1 {
		t.Errorf("%d packages, want 1: vendored code is not the repository's", len(code.Packages))
	}
}

// TestNestedModules: each folder belongs to the nearest go.mod above it.
func TestNestedModules(t *testing.T) {
	code, _ := scanFiles(t, map[string]string{
		"go.mod":            shopModule,
		"shop.go":           "package shop\n",
		"api/go.mod":        "module example.com/api/v2\n\ngo 1.24\n\nrequire example.com/shop v0.0.0\n\nreplace example.com/shop => ../\n",
		"api/client/cli.go": "package client\n\nimport \"example.com/shop/store\"\n\nfunc F() { store.Open() }\n",
		"store/store.go":    "package store\n\nfunc Open() {}\n",
	}, "", Options{})
	got := map[string]string{}
	for _, p := range code.Packages {
		got[p.Dir] = p.Module + " " + p.Path
	}
	want := map[string]string{
		".": "example.com/shop example.com/shop", "store": "example.com/shop example.com/shop/store",
		"api/client": "example.com/api/v2 example.com/api/v2/client",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("packages (-want +got):\n%s", diff)
	}
	callIn(t, funcOf(t, code, "example.com/api/v2/client.F"), "example.com/shop/store.Open")
}

// TestNoModule: Go files outside any module are read too.
func TestNoModule(t *testing.T) {
	code, _ := scanFiles(t, map[string]string{
		"scripts/seed.go": "package main\n\nimport \"net/http\"\n\nfunc main() { http.Get(\"https://a.b.io\") }\n",
	}, "", Options{})
	callIn(t, funcOf(t, code, "scripts.main"), "net/http.Get")
}

// TestGenerated: the marker counts above the package clause only.
func TestGenerated(t *testing.T) {
	code, _ := scanFiles(t, map[string]string{
		"go.mod": shopModule,
		"a.go":   "// Code generated by x. DO NOT EDIT.\n\npackage shop\n",
		"b.go":   "package shop\n\n// Code generated by x. DO NOT EDIT.\n",
		"c.go":   "// Copyright.\n\n// Code generated by x. DO NOT EDIT.\n\n// Package shop.\npackage shop\n",
	}, "", Options{})
	var got []string
	for _, f := range pkgOf(t, code, ".").Files {
		if f.Generated {
			got = append(got, f.Path)
		}
	}
	if diff := cmp.Diff([]string{"a.go", "c.go"}, got); diff != "" {
		t.Errorf("generated files (-want +got):\n%s", diff)
	}
}

// FuzzScan: whatever stands in a file, the scan ends, and each position is of a
// file in the tree.
func FuzzScan(f *testing.F) {
	f.Add("package shop\n\nimport \"net/http\"\n\nfunc F() { for { if _, err := http.Get(\"x\"); err == nil { break } } }\n")
	f.Add(loopHeader + "func f() error { for range 3 { if do() == nil { return nil } }; return nil }\n")
	f.Add("package shop\n\ntype T[P any] struct{ *T[P]; f func(T[T[P]]) }\n\nfunc (t *T[P]) M() { t.M(); t.f(*t) }\n")
	f.Add("package shop\n\nvar a, b = b, a\n\nfunc f() (x int, err error) { defer func() { x = a }(); goto l\nl:\n\treturn }\n")
	f.Add("package shop\n\ntype C struct { A string `env:\"A,default=b\" envDefault:\"x\"` }\n\nvar _ = C{A: \"https://u:p@h.io/\" + x.y().z[0](1)(2)}\n")
	f.Add("package main\n\nfunc main( {\n\tx.y = append(z, func() { *p = q }...)\n")
	f.Fuzz(func(t *testing.T, src string) {
		if len(src) > 1<<12 || strings.Count(src, "1e")+strings.Count(src, "<<") > 0 {
			return // constants of a million digits are slow in go/types itself
		}
		// In syntax mode no process is started for each input.
		code, diags := scanFiles(t, map[string]string{"go.mod": shopModule, "shop.go": src}, "", Options{Mode: "syntax"})
		checkPositions(t, code, diags)
	})
}

func checkPositions(t *testing.T, code Code, diags []scanners.Diagnostic) {
	t.Helper()
	for _, d := range diags {
		if d.File != "shop.go" {
			t.Errorf("diagnostic about %q: %s", d.File, d.Message)
		}
	}
	for _, p := range code.Packages {
		for _, f := range p.Funcs {
			for _, c := range f.Calls {
				if c.At.File != "shop.go" || c.At.Line < 1 {
					t.Errorf("call of %s at %v", c.Callee, c.At)
				}
			}
		}
	}
}

// TestGivenTags: tags that are always or never set decide which constraints can hold.
func TestGivenTags(t *testing.T) {
	tags := map[string]bool{"enterprise": true, "debug": false, "tools": true}
	for x, ignored := range map[string]bool{
		"enterprise": false, "!enterprise": true, "debug": true, "!debug": false, "other": false, "!other": false,
		"enterprise && debug": true, "enterprise || debug": false, "!(enterprise || other)": true, "tools": false,
	} {
		if got := isIgnored([]byte("//go:build "+x+"\n\npackage x\n"), tags); got != ignored {
			t.Errorf("%s: ignored %v, want %v", x, got, ignored)
		}
	}
}
