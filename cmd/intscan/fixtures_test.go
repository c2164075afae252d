package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/intscan/intscan/fixtures"
	"github.com/intscan/intscan/plan"
)

const fixtureDir = "../../fixtures"

// freshMachine makes the go command see what a machine has that was set up a
// minute ago: Go, an empty module cache, no way to fill it. Reports of fixtures
// would otherwise depend on what else this machine has built.
func freshMachine(t *testing.T) {
	t.Helper()
	fixtures.Offline(t, t.TempDir())
}

// runFine runs the command and returns what it printed.
func runFine(t *testing.T, args ...string) string {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if code := Run(context.Background(), args, &stdout, &stderr); code != exitFine {
		t.Fatalf("intscan %s: exit code %d: %s", strings.Join(args, " "), code, stderr.String())
	}
	if stderr.Len() > 0 {
		t.Errorf("intscan %s: standard error is not empty: %s", strings.Join(args, " "), stderr.String())
	}
	return stdout.String()
}

// TestFixtures scans each folder of fixtures/ on a machine that has stand-ins of its
// libraries, and compares the report with NAME.want.json beside it (beside, as a
// file inside would be scanned too). On a machine that has none of the libraries
// the same integrations must be found.
func TestFixtures(t *testing.T) {
	dirs, err := filepath.Glob(filepath.Join(fixtureDir, "*", "README.md"))
	if err != nil || len(dirs) < 8 {
		t.Fatalf("%d fixtures found, want at least 8 (%v)", len(dirs), err)
	}
	libraries, none := fixtures.ModuleCache(t, filepath.Join(fixtureDir, "modules")), t.TempDir()
	for _, readme := range dirs {
		dir := filepath.Dir(readme)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			fixtures.Offline(t, libraries)
			before := treeHash(t, dir)
			got := runFine(t, "--format", "json", dir)
			if again := runFine(t, "--format", "json", dir); got != again {
				t.Errorf("a second scan prints other bytes (-first +second):\n%s", cmp.Diff(got, again))
			}
			fixtures.Offline(t, none)
			bare := runFine(t, "--format", "json", "--inventory", dir)
			if diff := cmp.Diff(inventoryOf(t, got), inventoryOf(t, bare)); diff != "" {
				t.Errorf("without its libraries on the machine other integrations are found (-with +without):\n%s", diff)
			}
			if after := treeHash(t, dir); before != after {
				t.Error("the scan changed the repository")
			}
			compareReport(t, dir+".want.json", portable(withoutPlan(t, got)))
		})
	}
}

// withoutPlan cuts off the report's last field, which follows from the others and
// has golden files of its own.
func withoutPlan(t *testing.T, report string) string {
	t.Helper()
	rest, _, ok := strings.Cut(report, ",\n  \"plan\": {")
	if !ok {
		t.Fatal("the report has no plan")
	}
	return rest + "\n}\n"
}

// inventoryOf lists the integrations of a report in JSON.
func inventoryOf(t *testing.T, report string) []string {
	t.Helper()
	r := decode(t, report)
	var out []string
	for _, in := range r.Integrations {
		out = append(out, fmt.Sprintf("%s %s %s", in.ID, in.Direction, in.Scope))
	}
	return out
}

func decode(t *testing.T, report string) *plan.Report {
	t.Helper()
	r := new(plan.Report)
	if err := json.Unmarshal([]byte(report), r); err != nil {
		t.Fatal(err)
	}
	return r
}

func compareReport(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v (go test ./cmd/intscan -update writes it)", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", filepath.Base(file), diff)
	}
}

// portable takes the version of the Go installed out of a report.
func portable(s string) string {
	return strings.ReplaceAll(s, runtime.Version(), "go1.NN")
}

// treeHash sums names and content of all files below dir.
func treeHash(t *testing.T, dir string) [sha256.Size]byte {
	t.Helper()
	h := sha256.New()
	err := filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(name)
		h.Write([]byte(name))
		h.Write(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return [sha256.Size]byte(h.Sum(nil))
}
