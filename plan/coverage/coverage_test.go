package coverage_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/plan/coverage"
	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/gosrc"
)

func TestMeasure(t *testing.T) {
	files := []scanners.File{{Path: "a/a.go"}, {Path: "a/a_test.go"}, {Path: "b/b.go"}, {Path: "b/empty.go"}, {Path: "b/huge.go"}, {Path: "README.md"}}
	code := gosrc.Code{Packages: []*gosrc.Package{
		{Mode: gosrc.ModeTypes, Files: []gosrc.File{{Path: "a/a.go"}, {Path: "a/a_test.go", Test: true}}},
		{Mode: gosrc.ModeSyntax, Files: []gosrc.File{{Path: "b/b.go"}}},
	}}
	modules := []detect.Module{{Path: "example.com/a", Mode: "types"}, {Path: "example.com/b", Mode: "syntax", Why: "1 import is missing"}}
	at := func(file string) scanners.Position { return scanners.Position{File: file, Line: 2} }
	diags := []scanners.Diagnostic{
		{Severity: scanners.SeverityError, Scanner: "gosrc", Position: at("b/huge.go"), Message: "cannot be read: too large"},
		{Severity: scanners.SeverityWarning, Scanner: "compose", Position: at("compose.yaml"), Message: "no service db"},
		{Severity: scanners.SeverityWarning, Scanner: "tree", Position: at("deep"), Message: "nested too deep"},
		{Severity: scanners.SeverityInfo, Scanner: "openapi", Position: at("api.yaml"), Message: "not valid"},
	}
	want := &coverage.Coverage{
		Modules:  coverage.Extent{Types: 1, Syntax: 1},
		Packages: coverage.Extent{Types: 1, Syntax: 1},
		Files:    coverage.Extent{Types: 1, Syntax: 1, None: 2},
		Excluded: 3,
		Skipped: []coverage.Skipped{
			{Position: scanners.Position{File: "b/empty.go"}, Why: "holds no Go code that could be read"},
			{Position: at("b/huge.go"), Why: "cannot be read: too large"},
			{Position: at("compose.yaml"), Part: true, Why: "no service db"},
			{Position: at("deep"), Why: "nested too deep"},
		},
		Untyped: []coverage.Untyped{{Module: "example.com/b", Mode: "syntax", Why: "1 import is missing"}},
	}
	got := coverage.Measure(files, code, modules, diags, 3)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if missing := "3 places not looked at, 1 place read in part, 1 module read without all types"; got.Complete() || got.Missing() != missing {
		t.Errorf("complete %v, missing %q; want %q", got.Complete(), got.Missing(), missing)
	}
	if whole := coverage.Measure(nil, gosrc.Code{}, nil, nil, 3); !whole.Complete() || whole.Missing() != "" {
		t.Errorf("what is left out on purpose counts as missing: %q", whole.Missing())
	}
}
