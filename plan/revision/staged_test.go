package revision_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/intscan/intscan/scanners"
)

// What is staged, seen where it lies, is what laying it out gives; where that would
// not be so, it is laid out.
func TestStaged(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not on the PATH")
	}
	t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	t.Setenv("GIT_CONFIG_SYSTEM", os.DevNull)
	for _, tc := range []struct {
		name  string
		state func(t *testing.T, dir string)
		ok    bool
	}{
		{"all committed", func(*testing.T, string) {}, true},
		{"staged", func(t *testing.T, dir string) {
			write(t, dir, "sub/a.go", "package a // staged\n")
			write(t, dir, "sub/new.go", "package a\n")
			os.Remove(filepath.Join(dir, "main.go"))
			run(t, dir, "add", "-A")
		}, true},
		{"changed after staging", func(t *testing.T, dir string) {
			write(t, dir, "sub/a.go", "package a // staged\n")
			run(t, dir, "add", "-A")
			write(t, dir, "sub/a.go", "package a // not staged, and longer\n")
		}, true},
		{"untracked", func(t *testing.T, dir string) {
			write(t, dir, "sub/b.go", "package a\n")
			write(t, dir, ".env", "TOKEN=x\n")
		}, true},
		{"removed on disk alone", func(_ *testing.T, dir string) { os.Remove(filepath.Join(dir, "sub/a.go")) }, false},
		{"a link on disk alone", func(t *testing.T, dir string) {
			os.Remove(filepath.Join(dir, "sub/a.go"))
			if err := os.Symlink("../main.go", filepath.Join(dir, "sub/a.go")); err != nil {
				t.Skip(err)
			}
		}, false},
		{"go.mod changed on disk alone", func(t *testing.T, dir string) { write(t, dir, "go.mod", "module example.com/b\n") }, false},
		{"vendor changed on disk alone", func(t *testing.T, dir string) {
			write(t, dir, "vendor/x/x.go", "package x // mended here\n")
		}, false},
		{"vendor untracked", func(t *testing.T, dir string) {
			run(t, dir, "rm", "-r", "-q", "--cached", "vendor")
			commitStaged(t, dir)
		}, false},
		{"filter", func(t *testing.T, dir string) {
			write(t, dir, ".gitattributes", "*.env filter=crypt\n")
			commit(t, dir, "filter")
		}, false},
		{"sparse", func(t *testing.T, dir string) {
			run(t, dir, "update-index", "--skip-worktree", "sub/a.go")
			os.Remove(filepath.Join(dir, "sub/a.go"))
		}, false},
		{"assumed unchanged", func(t *testing.T, dir string) {
			run(t, dir, "update-index", "--assume-unchanged", "sub/a.go")
			write(t, dir, "sub/a.go", "package a // unseen\n")
		}, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir := t.TempDir()
			run(t, dir, "init", "-q", "-b", "main")
			write(t, dir, "go.mod", "module example.com/a\n")
			write(t, dir, "main.go", "package main\n")
			write(t, dir, "sub/a.go", "package a // one\n")
			write(t, dir, "vendor/modules.txt", "# x\n")
			write(t, dir, "vendor/x/x.go", "package x\n")
			commit(t, dir, "one")
			tc.state(t, dir)
			r := open(t, dir)
			state, ok, err := r.Staged(context.Background())
			if err != nil || ok != tc.ok {
				t.Fatalf("can be scanned in place: %t, %v; want %t", ok, err, tc.ok)
			}
			if !ok {
				return
			}
			to := t.TempDir()
			if err := r.Lay(context.Background(), "", to); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tree(t, to, nil), tree(t, dir, state)); diff != "" {
				t.Errorf("laid out and in place (-want +got):\n%s", diff)
			}
		})
	}
}

func commitStaged(t *testing.T, dir string) {
	t.Helper()
	run(t, dir, "commit", "-q", "-m", "staged")
}

// tree reads all files that a scan of the folder sees.
func tree(t *testing.T, dir string, state *scanners.Overlay) map[string]string {
	t.Helper()
	tree, err := scanners.OpenTree(dir, scanners.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer tree.Close()
	tree.Apply(state)
	out := map[string]string{}
	for _, f := range tree.Files() {
		b, err := tree.ReadFile(f.Path)
		if err != nil || int64(len(b)) != f.Size {
			t.Errorf("%s: %d of %d bytes, %v", f.Path, len(b), f.Size, err)
		}
		out[f.Path] = string(b)
	}
	if b, err := tree.ReadFile(".env"); err == nil {
		out[".env"] = string(b)
	}
	return out
}
