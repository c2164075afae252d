package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/plan"
)

// TestBorrowModules: a module of a revision that was read without all types gets the
// go.mod and go.sum of today; one that was read with them keeps its own.
func TestBorrowModules(t *testing.T) {
	today, revision := t.TempDir(), t.TempDir()
	files := []string{"go.mod", "go.sum", "tools/go.mod", "old/go.mod"}
	for _, dir := range []string{today, revision} {
		for _, name := range files {
			if dir == today && name == "old/go.mod" {
				continue // gone since
			}
			put(t, filepath.Join(dir, filepath.FromSlash(name)), filepath.Base(dir)+" "+name)
		}
	}
	r := &plan.Report{}
	r.Repository.Modules = []detect.Module{{Dir: ".", Mode: "partial"}, {Dir: "tools", Mode: "types"}, {Dir: "old", Mode: "syntax"}}
	if !borrowModules(r, today, revision) {
		t.Error("nothing was borrowed")
	}
	got := map[string]string{}
	for _, name := range files {
		b, err := os.ReadFile(filepath.Join(revision, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		got[name] = string(b)
	}
	now, was := filepath.Base(today), filepath.Base(revision)
	want := map[string]string{"go.mod": now + " go.mod", "go.sum": now + " go.sum", "tools/go.mod": was + " tools/go.mod", "old/go.mod": was + " old/go.mod"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if borrowModules(r, today, revision) {
		t.Error("it is borrowed once more, though nothing differs")
	}
}
