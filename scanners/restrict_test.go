package scanners_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/intscan/intscan/scanners"
)

func TestRestrict(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a.go", "b.go", "old/c.go"} {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"gone.go", "old/gone.go"} {
		if err := os.Symlink("nowhere", filepath.Join(dir, name)); err != nil {
			t.Skipf("no symbolic links here: %v", err)
		}
	}
	tree, err := scanners.OpenTree(dir, scanners.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer tree.Close()
	n := tree.Restrict(func(path string) bool { return !strings.HasPrefix(path, "old/") })
	var files []string
	for _, f := range tree.Files() {
		files = append(files, f.Path)
	}
	if diff := cmp.Diff([]string{"a.go", "b.go"}, files); diff != "" || n != 1 || tree.Has("old/c.go") || !tree.Has("b.go") {
		t.Errorf("%d dropped, want 1; files (-want +got):\n%s", n, diff)
	}
	if d := tree.Diagnostics(); len(d) != 1 || d[0].File != "gone.go" {
		t.Errorf("diagnostics %+v, want that of gone.go alone", d)
	}
}
