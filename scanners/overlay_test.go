package scanners_test

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/intscan/intscan/scanners"
)

// An overlay hides files and changes others, whichever way they are read.
func TestOverlay(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"same.go", "changed.go", "hidden.go"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("on disk"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	tree, err := scanners.OpenTree(dir, scanners.Limits{FileSize: 100})
	if err != nil {
		t.Fatal(err)
	}
	defer tree.Close()
	tree.Apply(&scanners.Overlay{
		Files:   map[string]bool{"same.go": true, "changed.go": true},
		Changed: map[string][]byte{"changed.go": []byte("staged")},
	})
	if diff := cmp.Diff([]scanners.File{{Path: "changed.go", Size: 6}, {Path: "same.go", Size: 7}}, tree.Files()); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	for name, want := range map[string]string{"same.go": "on disk", "changed.go": "staged", "hidden.go": ""} {
		b, err := tree.ReadFile("./" + name)
		if string(b) != want || errors.Is(err, fs.ErrNotExist) != (want == "") {
			t.Errorf("ReadFile(%s) = %q, %v; want %q", name, b, err, want)
		}
		f, err := tree.Open(name)
		if err == nil {
			b, err = io.ReadAll(f)
		}
		if string(b) != want || errors.Is(err, fs.ErrNotExist) != (want == "") {
			t.Errorf("Open(%s) reads %q, %v; want %q", name, b, err, want)
		}
	}
	entries, err := tree.ReadDir(".")
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if diff := cmp.Diff([]string{"changed.go", "same.go"}, names); diff != "" || err != nil {
		t.Errorf("folder, %v (-want +got):\n%s", err, diff)
	}
}
