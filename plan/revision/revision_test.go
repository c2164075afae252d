package revision_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/intscan/intscan/fixtures"
	"github.com/intscan/intscan/plan/revision"
)

// repository is a git repository with two commits and something staged.
func repository(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not on the PATH")
	}
	dir := t.TempDir()
	t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	t.Setenv("GIT_CONFIG_SYSTEM", os.DevNull)
	run(t, dir, "init", "-q", "-b", "main")
	write(t, dir, "sub/a.go", "package a // one\n")
	write(t, dir, ".gitattributes", "*.go filter=evil export-ignore\n")
	run(t, dir, "config", "filter.evil.smudge", "touch "+filepath.Join(dir, "ran"))
	commit(t, dir, "one")
	run(t, dir, "checkout", "-q", "-b", "topic")
	write(t, dir, "sub/a.go", "package a // two\n")
	if err := os.Symlink("/etc/hostname", filepath.Join(dir, "sub", "link")); err != nil {
		t.Fatal(err)
	}
	commit(t, dir, "two")
	write(t, dir, "sub/a.go", "package a // staged\n")
	run(t, dir, "add", "-A")
	write(t, dir, "sub/a.go", "package a // not staged\n")
	os.Remove(filepath.Join(dir, "ran"))
	return dir
}

func run(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=T", "-c", "user.email=t@example.com"}, args...)...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

func commit(t *testing.T, dir, message string) {
	t.Helper()
	run(t, dir, "add", "-A")
	run(t, dir, "commit", "-q", "-m", message)
}

func write(t *testing.T, dir, name, content string) {
	t.Helper()
	fixtures.Write(t, dir, map[string]string{name: content})
}

// laid lists the files of a revision with their content.
func laid(t *testing.T, r *revision.Repo, commit string) map[string]string {
	t.Helper()
	to := t.TempDir()
	if err := r.Lay(context.Background(), commit, to); err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	err := filepath.WalkDir(to, func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(name)
		rel, _ := filepath.Rel(to, name)
		out[filepath.ToSlash(rel)] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func open(t *testing.T, dir string) *revision.Repo {
	t.Helper()
	r, err := revision.Open(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func resolve(t *testing.T, r *revision.Repo, rev string) string {
	t.Helper()
	c, err := r.Resolve(context.Background(), rev)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestLay(t *testing.T) {
	dir := repository(t)
	attributes := "*.go filter=evil export-ignore\n"
	r := open(t, dir)
	for _, tc := range []struct {
		name, commit string
		repo         *revision.Repo
		want         map[string]string
	}{
		{"the first commit", resolve(t, r, "main"), r, map[string]string{".gitattributes": attributes, "sub/a.go": "package a // one\n"}},
		{"no links", resolve(t, r, "topic"), r, map[string]string{".gitattributes": attributes, "sub/a.go": "package a // two\n"}},
		{"the index", revision.Index, r, map[string]string{".gitattributes": attributes, "sub/a.go": "package a // staged\n"}},
		{"a folder of it", resolve(t, r, "main"), open(t, filepath.Join(dir, "sub")), map[string]string{"a.go": "package a // one\n"}},
		{"the index of a folder", revision.Index, open(t, filepath.Join(dir, "sub")), map[string]string{"a.go": "package a // staged\n"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, laid(t, tc.repo, tc.commit)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	if _, err := os.Stat(filepath.Join(dir, "ran")); err == nil {
		t.Error("a filter of the repository ran")
	}
}

func TestMergeBase(t *testing.T) {
	dir := repository(t)
	r := open(t, dir)
	base, err := r.MergeBase(context.Background(), "main")
	if err != nil || base != resolve(t, r, "main") {
		t.Errorf("got %s, %v", base, err)
	}
}

func TestErrorsNameTheCure(t *testing.T) {
	dir := repository(t)
	shallow := filepath.Join(t.TempDir(), "shallow")
	run(t, dir, "clone", "-q", "--depth", "1", "--branch", "topic", "file://"+dir, shallow)
	for _, tc := range []struct {
		name, dir, rev, want string
	}{
		{"unknown", dir, "nosuch", "git fetch"},
		{"an option", dir, "--output=x", "no revision"},
		{"shallow", shallow, "main", "fetch-depth: 0"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := open(t, tc.dir).Resolve(context.Background(), tc.rev)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want it to name %q", err, tc.want)
			}
		})
	}
	if _, err := revision.Open(context.Background(), t.TempDir()); err == nil || !strings.Contains(err.Error(), "no git repository") {
		t.Errorf("outside any repository: %v", err)
	}
}

// TestHookEnvironment: git tells its hooks the repository by relative paths.
func TestHookEnvironment(t *testing.T) {
	dir := repository(t)
	t.Chdir(dir)
	t.Setenv("GIT_DIR", ".git")
	t.Setenv("GIT_INDEX_FILE", ".git/index")
	got := laid(t, open(t, filepath.Join(dir, "sub")), revision.Index)
	if diff := cmp.Diff(map[string]string{"a.go": "package a // staged\n"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestPartialClone: a clone made with a filter lacks the content of some files. What
// can change a finding must be there, the rest need not.
func TestPartialClone(t *testing.T) {
	dir := repository(t)
	write(t, dir, "logo.png", "a picture")
	commit(t, dir, "three")
	forget := func(name string) {
		t.Helper()
		object := run(t, dir, "rev-parse", "HEAD:"+name)
		if err := os.Remove(filepath.Join(dir, ".git", "objects", object[:2], object[2:])); err != nil {
			t.Fatal(err)
		}
	}
	forget("logo.png")
	r := open(t, dir)
	head := resolve(t, r, "HEAD")
	if _, ok := laid(t, r, head)["sub/a.go"]; !ok {
		t.Error("without a picture the other files are not laid out")
	}
	forget("sub/a.go")
	err := r.Lay(context.Background(), head, t.TempDir())
	if err == nil || !strings.Contains(err.Error(), "sub/a.go") || !strings.Contains(err.Error(), "git fetch") {
		t.Errorf("got %v, want the file and git fetch named", err)
	}
}

// TestUnborn: before the first commit there is no HEAD, which is no mistake.
func TestUnborn(t *testing.T) {
	dir := repository(t)
	run(t, dir, "checkout", "-q", "--orphan", "anew")
	if _, err := open(t, dir).Resolve(context.Background(), "HEAD"); !errors.Is(err, revision.ErrUnborn) {
		t.Errorf("HEAD without a commit: %v", err)
	}
	if _, err := open(t, dir).Resolve(context.Background(), "nosuch"); err == nil || errors.Is(err, revision.ErrUnborn) {
		t.Errorf("another name without a commit: %v", err)
	}
}
