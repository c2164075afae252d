package documents

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/intscan/intscan/fixtures"
	"github.com/intscan/intscan/scanners"
)

func TestScan(t *testing.T) {
	tree := fixtures.Tree(t, map[string]string{
		"README.md": "x", "docs/runbooks/db.md": "x", "docs/adr/0001-queue.md": "x", "readme_test.go": "package x", "CHANGELOG": "x",
		"CODEOWNERS":         "# all\n*  @org/all # everything\n/db/ @org/db a@example.com\n[section]\n/none/\n",
		"web/load.js":        "export default {}",
		"tests/load/pay.js":  "import http from 'k6/http';",
		"store/a_test.go":    "package store",
		"store/testdata/a.x": "1", "store/testdata/b.x": "2",
		"other/testdata/a.x": "1",
	})
	got, diags := Scan(context.Background(), tree)
	at := func(file string, line int) scanners.Position { return scanners.Position{File: file, Line: line} }
	want := Result{
		Documents: []Document{
			{at("CHANGELOG", 1), "changelog"}, {at("README.md", 1), "readme"}, {at("docs/adr/0001-queue.md", 1), "decision"}, {at("docs/runbooks/db.md", 1), "runbook"},
		},
		Owners: []Owner{
			{at("CODEOWNERS", 2), "*", []string{"@org/all"}},
			{at("CODEOWNERS", 3), "/db/", []string{"@org/db", "a@example.com"}},
		},
		TestData: []TestData{{at("store/testdata", 0), 2}},
		Scripts:  []Script{{at("tests/load/pay.js", 1), "k6"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("found (-want +got):\n%s", diff)
	}
	if len(diags) > 0 {
		t.Errorf("diagnostics %v", diags)
	}
}
