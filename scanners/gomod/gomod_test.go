package gomod

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/intscan/intscan/fixtures"
	"github.com/intscan/intscan/scanners"
)

func at(file string, line, column int) scanners.Position {
	return scanners.Position{File: file, Line: line, Column: column}
}

const shopMod = `module example.com/shop

go 1.24.0

toolchain go1.25.1

tool golang.org/x/tools/cmd/stringer

require github.com/jackc/pgx/v5 v5.7.2

require (
	github.com/redis/go-redis/v9 v9.7.0
	golang.org/x/sys v0.30.0 // indirect
)

replace (
	example.com/proto => ../proto
	github.com/redis/go-redis/v9 v9.7.0 => github.com/shop/go-redis/v9 v9.7.1
)

exclude github.com/jackc/pgx/v5 v5.7.0

retract v0.1.0
`

func TestParseModule(t *testing.T) {
	const file = "svc/go.mod"
	got, diags := ParseModule(context.Background(), file, []byte(shopMod))
	want := Module{
		Path: "example.com/shop", Dir: "svc", File: file, Go: "1.24.0", Toolchain: "go1.25.1",
		Requires: []Require{
			{Path: "github.com/jackc/pgx/v5", Version: "v5.7.2", Position: at(file, 9, 1)},
			{Path: "github.com/redis/go-redis/v9", Version: "v9.7.0", Position: at(file, 12, 2)},
			{Path: "golang.org/x/sys", Version: "v0.30.0", Indirect: true, Position: at(file, 13, 2)},
		},
		Replaces: []Replace{
			{Old: "example.com/proto", New: "../proto", Position: at(file, 17, 2)},
			{Old: "github.com/redis/go-redis/v9", OldVersion: "v9.7.0", New: "github.com/shop/go-redis/v9", NewVersion: "v9.7.1", Position: at(file, 18, 2)},
		},
		Excludes: []Require{{Path: "github.com/jackc/pgx/v5", Version: "v5.7.0", Position: at(file, 21, 1)}},
		Tools:    []Tool{{Path: "golang.org/x/tools/cmd/stringer", Position: at(file, 7, 1)}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("module (-want +got):\n%s", diff)
	}
	if len(diags) != 0 {
		t.Errorf("diagnostics %v, want none", diags)
	}
	if dir, ok := got.Replaces[0].Dir(); dir != "../proto" || !ok {
		t.Errorf("Dir of the first replacement = %q, %t", dir, ok)
	}
	if _, ok := got.Replaces[1].Dir(); ok {
		t.Error("the second replacement is no folder")
	}
}

func TestParseModuleWithFaults(t *testing.T) {
	tests := []struct {
		name, in string
		path     string
		requires []string
		lines    []int
	}{
		{"conflict", "module m\n<<<<<<< HEAD\nrequire a.example/x v1.0.0\n=======\nrequire a.example/x v1.1.0\n>>>>>>> b\n",
			"m", []string{"a.example/x v1.0.0", "a.example/x v1.1.0"}, []int{2, 4, 6}},
		{"unknown statement", "module m\nfuture thing\nrequire a.example/x v1.0.0\n", "m", []string{"a.example/x v1.0.0"}, []int{2}},
		{"odd version", "module m\nrequire (\n\ta.example/x main\n\tb.example/y v1.0.0\n)\n", "m", []string{"b.example/y v1.0.0"}, []int{3}},
		{"missing version", "module m\nrequire (\n\ta.example/x\n\tb.example/y v1.0.0\n)\n", "m", []string{"b.example/y v1.0.0"}, []int{3}},
		{"bad go line", "module m\ngo next\nrequire a.example/x v1.0.0\n", "m", []string{"a.example/x v1.0.0"}, []int{2}},
		{"no module line", "go 1.22\n", "", nil, []int{0}},
		{"empty", "", "", nil, []int{0}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m, diags := ParseModule(context.Background(), "go.mod", []byte(tt.in))
			var requires []string
			for _, q := range m.Requires {
				requires = append(requires, q.Path+" "+q.Version)
			}
			var lines []int
			for _, d := range diags {
				lines = append(lines, d.Line)
			}
			if diff := cmp.Diff(tt.requires, requires); diff != "" || m.Path != tt.path {
				t.Errorf("module %q, requires (-want +got):\n%s", m.Path, diff)
			}
			if diff := cmp.Diff(tt.lines, lines); diff != "" {
				t.Errorf("lines of diagnostics %v (-want +got):\n%s", diags, diff)
			}
		})
	}
}

func TestParseModuleGivesUp(t *testing.T) {
	for name, in := range map[string]string{
		"open block":  "module m\nrequire (\n\ta.example/x v1.0.0\n",
		"many faults": "module m\n" + strings.Repeat("nonsense here\n", 100),
	} {
		m, diags := ParseModule(context.Background(), "go.mod", []byte(in))
		if m.Path != "m" || len(diags) == 0 {
			t.Errorf("%s: module %q and diagnostics %v; want the path and at least one", name, m.Path, diags)
		}
	}
}

func TestParseWorkspace(t *testing.T) {
	const file = "go.work"
	got, diags := ParseWorkspace(context.Background(), file, []byte("go 1.24\n\nuse (\n\t.\n\t./svc/orders\n\t../other\n)\nuse /abs\nreplace a.example/x => ./x\n"))
	want := Workspace{
		File: file, Go: "1.24",
		Uses: []Use{
			{Dir: ".", Position: at(file, 4, 2)},
			{Dir: "svc/orders", Position: at(file, 5, 2)},
			{Dir: "../other", Outside: true, Position: at(file, 6, 2)},
			{Dir: "/abs", Outside: true, Position: at(file, 8, 1)},
		},
		Replaces: []Replace{{Old: "a.example/x", New: "./x", Position: at(file, 9, 1)}},
	}
	if diff := cmp.Diff(want, got); diff != "" || len(diags) != 0 {
		t.Errorf("workspace (-want +got):\n%s\ndiagnostics: %v", diff, diags)
	}
}

func TestScan(t *testing.T) {
	tree := fixtures.Tree(t, map[string]string{
		"go.mod": "module example.com/mono\n", "go.work": "go 1.24\nuse ./svc\nuse .\n", "svc/go.mod": shopMod,
		"svc/tools/go.mod": "module example.com/tools\n", "lib/big/go.mod": strings.Repeat("// x\n", maxSize/5+1),
	})
	r, diags := Scan(context.Background(), tree)
	if len(diags) != 1 || diags[0].File != "lib/big/go.mod" {
		t.Errorf("diagnostics %v, want one for the file that is too large", diags)
	}
	for dir, want := range map[string]string{
		".": "example.com/mono", "cmd/x": "example.com/mono", "svc": "example.com/shop", "svc/a/b": "example.com/shop",
		"svc/tools": "example.com/tools", "svc2": "example.com/mono", "../x": "",
	} {
		got := ""
		if m := r.ModuleOf(dir); m != nil {
			got = m.Path
		}
		if got != want {
			t.Errorf("ModuleOf(%q) = %q, want %q", dir, got, want)
		}
	}
	svc := r.ModuleOf("svc")
	if w := r.Workspace(svc); w == nil || w.File != "go.work" {
		t.Errorf("Workspace of svc = %v, want go.work", w)
	}
	if w := r.Workspace(r.ModuleOf("svc/tools")); w != nil {
		t.Errorf("Workspace of svc/tools = %v, want none", w)
	}
	if q := svc.Require("github.com/jackc/pgx/v5/pgxpool"); q == nil || q.Version != "v5.7.2" {
		t.Errorf("requirement of pgxpool = %v", q)
	}
	if q := svc.Require("github.com/jackc/pgx/v50"); q != nil {
		t.Errorf("requirement of another path = %v, want none", q)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(shopMod))
	f.Add([]byte("module m\nrequire (\n\"\n)\nuse ./a\n"))
	f.Add([]byte("go 1.24\nuse (\n\t.\n)\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, diags := ParseModule(context.Background(), "go.mod", b)
		for _, q := range m.Requires {
			if q.Position.Line < 1 {
				t.Errorf("%s has no line", q.Path)
			}
		}
		if len(diags) > 2*maxFaults {
			t.Errorf("%d diagnostics", len(diags))
		}
		ParseWorkspace(context.Background(), "go.work", b)
	})
}
