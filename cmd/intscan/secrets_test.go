package main

import (
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/intscan/intscan/fixtures"
	"github.com/intscan/intscan/plan/render"
)

// TestNoSecretInAnyOutput scans a repository with a secret in every place where
// people leave one. Each begins with "hush", which may stand in no byte of any
// output, not even as a part.
func TestNoSecretInAnyOutput(t *testing.T) {
	fixtures.Offline(t, fixtures.ModuleCache(t, filepath.Join(fixtureDir, "modules")))
	archive, err := txtar.ParseFile(filepath.Join("testdata", "secrets.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	planted := 0
	for _, f := range archive.Files {
		planted += strings.Count(string(f.Data), "hush")
	}
	if planted < 40 {
		t.Fatalf("only %d secrets are planted", planted)
	}
	dir := t.TempDir()
	fixtures.Unpack(t, archive, dir)

	plain := runFine(t, "--format", "json", dir)
	for _, read := range readInSecrets { // a scan that finds nothing hides everything
		if !strings.Contains(plain, read) {
			t.Errorf("%s is not in the report: the file that holds it was not read", read)
		}
	}
	for _, format := range render.Names(render.Formats) {
		for _, more := range [][]string{nil, {"--mode", "syntax"}, {"--inventory"}, {"-v"}, {"-q"}} {
			args := append([]string{"--format", format, dir}, more...)
			noSecret(t, args, runFine(t, args...))
		}
	}
	for _, format := range render.Names(render.PlanFormats) {
		args := []string{"plan", "--format", format, dir}
		noSecret(t, args, runFine(t, args...))
	}
	sites := decode(t, plain).CallSites
	if len(sites) < 4 {
		t.Errorf("%d calls found, want at least 4", len(sites))
	}
	for _, s := range sites {
		for _, format := range []string{"text", "json"} {
			args := []string{"why", s.File + ":" + strconv.Itoa(s.Line), dir, "--format", format}
			noSecret(t, args, runFine(t, args...))
		}
	}
}

// readInSecrets are names out of each file of the archive that stand beside its
// secrets.
var readInSecrets = []string{
	"BILLING_DB_URL", "AWS_SECRET_ACCESS_KEY", "BROKEN", "API_TOKEN", "postgres:17", "deploy/compose.yml",
	"\"Leaky\"", "conf/broken.yaml", "config.json", "AMQP_URL", "REGISTRY_TOKEN", "\"slack\"",
}

func noSecret(t *testing.T, args []string, got string) {
	t.Helper()
	if i := strings.Index(strings.ToLower(got), "hush"); i >= 0 {
		t.Errorf("%v: a secret is printed: …%s…", args, got[max(0, i-120):min(len(got), i+40)])
	}
}
