package workflows

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/intscan/intscan/fixtures"
	"github.com/intscan/intscan/scanners"
)

func TestScan(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) { fixtures.Write(t, dir, map[string]string{name: text}) }
	write(".github/workflows/ship.yml", `name: Ship
on: [push, workflow_dispatch]
jobs:
  build:
    steps:
      - uses: docker/build-push-action@v6
      # run: helm upgrade shop
      - name: then helm upgrade it
        run: helm upgrade --install shop ./chart
  test:
    steps: [{run: k6 run load.js}]
`)
	write(".gitlab-ci.yml", "deploy:\n  script:\n    - terraform -chdir=infra apply -auto-approve\n")
	write("docs/ship.yml", "jobs: {}\n")
	write(".github/workflows/broken.yml", "on: [push\n")
	tree, err := scanners.OpenTree(dir, scanners.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer tree.Close()
	got, diags := Scan(context.Background(), tree)
	at := func(file string, line int) scanners.Position { return scanners.Position{File: file, Line: line} }
	const ship = ".github/workflows/ship.yml"
	want := []Workflow{
		{Position: at(".github/workflows/broken.yml", 1), System: "github", Name: "broken.yml", Triggers: []string{}, Jobs: []string{}, Steps: []Step{}},
		{Position: at(ship, 1), System: "github", Name: "Ship", Triggers: []string{"push", "workflow_dispatch"}, Jobs: []string{"build", "test"}, Steps: []Step{
			{at(ship, 6), "publish", "docker"}, {at(ship, 9), "deploy", "helm"}, {at(ship, 11), "load_test", "k6"},
		}},
		{Position: at(".gitlab-ci.yml", 1), System: "gitlab", Name: ".gitlab-ci.yml", Triggers: []string{}, Jobs: []string{"deploy"}, Steps: []Step{{at(".gitlab-ci.yml", 3), "deploy", "terraform"}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("workflows (-want +got):\n%s", diff)
	}
	if len(diags) != 1 || diags[0].File != ".github/workflows/broken.yml" {
		t.Errorf("diagnostics %v, want one on the broken file", diags)
	}
}
