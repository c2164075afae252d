// Package revision lays a revision of a git repository, or its index, out as a
// folder that can be scanned. It reads objects only: no checkout, so no filter or
// hook of the repository runs, and the working tree and the index stay as they are.
package revision

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Index is the revision that stands for what is staged.
const Index = ""

// ErrUnborn is that of HEAD in a repository that has no commit yet.
var ErrUnborn = errors.New("there is no commit yet; the first one has no HEAD to compare with")

// maxBlob bounds the size of a file that is laid out; the scan reads none larger.
const maxBlob = 16 << 20

// Repo is the git repository around a folder. It is not for use by several goroutines.
type Repo struct {
	dir    string // the folder scanned
	prefix string // its path in the repository, "" or "sub/dir/"

	lists map[string][]file // the files of each commit asked for, and of the index
}

// Open finds the repository around dir. The error names the cure where git is
// missing or dir lies in no repository.
func Open(ctx context.Context, dir string) (*Repo, error) {
	if _, err := exec.LookPath("git"); err != nil {
		return nil, errors.New("git is not on the PATH; it is needed to read another revision")
	}
	out, err := git(ctx, dir, "rev-parse", "--show-prefix")
	if err != nil {
		return nil, fmt.Errorf("%s lies in no git repository: %w", dir, err)
	}
	return &Repo{dir: dir, prefix: strings.TrimSpace(out), lists: map[string][]file{}}, nil
}

// Resolve gives the commit that a revision names.
func (r *Repo) Resolve(ctx context.Context, rev string) (string, error) {
	if strings.HasPrefix(rev, "-") {
		return "", fmt.Errorf("%s is no revision", rev)
	}
	out, err := git(ctx, r.dir, "rev-parse", "--verify", "--quiet", rev+"^{commit}")
	if err == nil {
		return strings.TrimSpace(out), nil
	}
	if _, err := git(ctx, r.dir, "rev-parse", "--verify", "--quiet", "HEAD"); err != nil && (rev == "HEAD" || rev == "@") {
		if _, err := git(ctx, r.dir, "symbolic-ref", "--quiet", "HEAD"); err == nil {
			return "", ErrUnborn
		}
	}
	if shallow, _ := git(ctx, r.dir, "rev-parse", "--is-shallow-repository"); strings.TrimSpace(shallow) == "true" {
		return "", fmt.Errorf("revision %s is not in this shallow clone; git fetch --unshallow, or fetch-depth: 0 in the checkout step, brings it", rev)
	}
	return "", fmt.Errorf("there is no revision %s in this repository; git fetch brings a branch that is elsewhere", rev)
}

// MergeBase gives the commit where the current branch left another.
func (r *Repo) MergeBase(ctx context.Context, branch string) (string, error) {
	commit, err := r.Resolve(ctx, branch)
	if err != nil {
		return "", err
	}
	out, err := git(ctx, r.dir, "merge-base", "HEAD", commit)
	if err != nil {
		if shallow, _ := git(ctx, r.dir, "rev-parse", "--is-shallow-repository"); strings.TrimSpace(shallow) == "true" {
			return "", fmt.Errorf("the clone is too shallow to know where this branch left %s; git fetch --unshallow, or fetch-depth: 0 in the checkout step, brings the history", branch)
		}
		return "", fmt.Errorf("this branch and %s have no commit in common", branch)
	}
	return strings.TrimSpace(out), nil
}

// Content names the files of the scanned folder at a commit, or in the index: the same
// files give the same name.
func (r *Repo) Content(ctx context.Context, commit string) (string, error) {
	files, err := r.list(ctx, commit)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	for _, f := range files {
		fmt.Fprintf(h, "%s %s\x00", f.object, f.path)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// file is one regular file of a tree.
type file struct {
	object, path string
	// unlike: the index does not vouch for what is on disk: the file is left out there
	// (a sparse checkout), or taken for unchanged unseen.
	unlike bool
}

// Lay writes the files of the scanned folder at a commit, or those of the index,
// below to. Links and submodules are left out, and files that no scan reads.
func (r *Repo) Lay(ctx context.Context, commit, to string) error {
	files, err := r.list(ctx, commit)
	if err != nil {
		return err
	}
	return r.objects(ctx, files, func(f file, size int64, content io.Reader) error {
		if size > maxBlob {
			return nil
		}
		return write(filepath.Join(to, filepath.FromSlash(f.path)), content)
	})
}

func write(name string, content io.Reader) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	w, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(w, content)
	return errors.Join(err, w.Close())
}

func (r *Repo) list(ctx context.Context, commit string) ([]file, error) {
	if files, ok := r.lists[commit]; ok {
		return files, nil
	}
	args := []string{"ls-tree", "-r", "-z", "--full-tree", commit}
	if commit == Index {
		args = []string{"ls-files", "--stage", "-v", "-z", "--full-name"}
	}
	if r.prefix != "" && commit != Index {
		args = append(args, "--", strings.TrimSuffix(r.prefix, "/"))
	}
	out, err := git(ctx, r.dir, args...)
	if err != nil {
		return nil, err
	}
	files, err := parseList(out, r.prefix, commit == Index)
	if err == nil {
		r.lists[commit] = files
	}
	return files, err
}

// parseList reads what git ls-tree -z prints, or ls-files --stage -v -z of the index.
func parseList(out, prefix string, index bool) ([]file, error) {
	var files []file
	for entry := range strings.SplitSeq(out, "\x00") {
		head, name, ok := strings.Cut(entry, "\t")
		fields := strings.Fields(head)
		unlike := false
		if index && len(fields) > 0 {
			unlike = fields[0] != "H"
			fields = fields[1:]
		}
		if !ok || len(fields) < 3 || !strings.HasPrefix(fields[0], "100") {
			continue
		}
		object := fields[2] // mode type object
		if index {
			object = fields[1] // mode object stage
			if fields[2] != "0" {
				return nil, fmt.Errorf("%s has a merge conflict", name)
			}
		}
		if name, ok = strings.CutPrefix(name, prefix); ok && filepath.IsLocal(name) {
			files = append(files, file{object, name, unlike})
		}
	}
	return files, nil
}

func git(ctx context.Context, dir string, args ...string) (string, error) {
	cmd := command(ctx, dir, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		if line, _, _ := strings.Cut(strings.TrimSpace(stderr.String()), "\n"); line != "" {
			return "", errors.New(line)
		}
		return "", fmt.Errorf("git %s: %w", args[0], err)
	}
	return stdout.String(), nil
}

// command runs git on the repository and nothing that the repository configures.
func command(ctx context.Context, dir string, args ...string) *exec.Cmd {
	full := append([]string{"-C", dir, "-c", "core.fsmonitor=false", "-c", "core.hooksPath=" + os.DevNull, "--no-pager", "--no-replace-objects"}, args...)
	cmd := exec.CommandContext(ctx, "git", full...)
	cmd.Env = append(environment(), "GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0", "LC_ALL=C", "GIT_NO_LAZY_FETCH=1")
	return cmd
}

// environment is that of this process, fit for another folder: git tells its hooks
// the repository by paths that hold only where the hook was started.
func environment() []string {
	var env []string
	for _, v := range os.Environ() {
		name, value, _ := strings.Cut(v, "=")
		switch name {
		case "GIT_DIR", "GIT_WORK_TREE", "GIT_PREFIX":
			continue // found again from the folder
		case "GIT_INDEX_FILE":
			if abs, err := filepath.Abs(value); err == nil {
				v = name + "=" + abs
			}
		}
		env = append(env, v)
	}
	return env
}
