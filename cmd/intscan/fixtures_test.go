package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const fixtures = "../../fixtures"

// freshMachine makes the go command see what a machine has that was set up a
// minute ago: Go, an empty module cache, no way to fill it. Reports of fixtures
// would otherwise depend on what else this machine has built.
func freshMachine(t *testing.T) {
	t.Helper()
	for name, value := range map[string]string{
		"GOMODCACHE": t.TempDir(), "GOPROXY": "off", "GOFLAGS": "", "GOWORK": "", "GOENV": "off", "GOTOOLCHAIN": "local",
		"GO111MODULE": "", "NO_COLOR": "",
	} {
		t.Setenv(name, value)
	}
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

// TestFixtures scans each folder of fixtures/ and compares the report with
// NAME.want.json beside it (beside, as a file inside would be scanned too).
func TestFixtures(t *testing.T) {
	dirs, err := filepath.Glob(filepath.Join(fixtures, "*", "README.md"))
	if err != nil || len(dirs) < 8 {
		t.Fatalf("%d fixtures found, want at least 8 (%v)", len(dirs), err)
	}
	wanted, err := filepath.Glob(filepath.Join(fixtures, "*.want.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, readme := range dirs {
		dir := filepath.Dir(readme)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			freshMachine(t)
			before := treeHash(t, dir)
			got := runFine(t, "--format", "json", dir)
			if again := runFine(t, "--format", "json", dir); got != again {
				t.Errorf("a second scan prints other bytes (-first +second):\n%s", cmp.Diff(got, again))
			}
			if after := treeHash(t, dir); before != after {
				t.Error("the scan changed the repository")
			}
			compareReport(t, dir+".want.json", portable(got), len(wanted) > 0)
		})
	}
}

func compareReport(t *testing.T, file, got string, started bool) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if os.IsNotExist(err) && !started {
		t.Skip("no fixture has its report yet; go test ./cmd/intscan -update writes them once scans find something")
	}
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
