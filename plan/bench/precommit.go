package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/intscan/intscan/plan/cache"
)

const precommitLimit = 2.0

// precommit changes a file in a clone of the repository, another one in each run, and
// runs what the pre-commit hook runs, then go vet twice: on the change, and once more
// with nothing to do, which is what the ratio is to.
func precommit(ctx context.Context, b *bench) ([]row, error) {
	if err := b.build(ctx); err != nil {
		return nil, err
	}
	clone := filepath.Join(b.tmp, filepath.Base(b.dir))
	if out, err := exec.CommandContext(ctx, "git", "clone", "-q", "--shared", b.dir, clone).CombinedOutput(); err != nil {
		b.notes = append(b.notes, "precommit: not measured, it needs a git repository: "+lastLine(string(out)))
		return nil, nil
	}
	files, err := changeable(clone)
	if err != nil {
		return nil, err
	}
	env := []string{cache.Variable + "=" + filepath.Join(b.tmp, "kept")}
	hook := func() (usage, error) {
		return spendIn(ctx, clone, env, b.exe, "--staged", "--new-from", "HEAD", "--fail-on", "none", "--quiet")
	}
	vet := func() (usage, error) { return spendIn(ctx, clone, nil, "go", "vet", "-json", "./...") }
	if _, err := vet(); err != nil {
		b.notes = append(b.notes, "precommit: not measured: "+err.Error())
		return nil, nil
	}
	if _, err := hook(); err != nil {
		return nil, err
	}
	var ours, changed, idle []usage
	for i := range b.runs {
		if err := touch(ctx, clone, files[(i+1)*len(files)/(b.runs+1)]); err != nil {
			return nil, err
		}
		for _, m := range []struct {
			run  func() (usage, error)
			into *[]usage
		}{{hook, &ours}, {vet, &changed}, {vet, &idle}} {
			u, err := m.run()
			if err != nil {
				return nil, err
			}
			*m.into = append(*m.into, u)
		}
	}
	return []row{
		timed("pre-commit, one file changed", ours, "go vet, nothing to do", idle, precommitLimit),
		timed("pre-commit, one file changed", ours, "go vet, the same change", changed, precommitLimit),
	}, nil
}

// changeable lists the tracked Go files that are no tests.
func changeable(dir string) ([]string, error) {
	all, err := goFiles(dir)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, f := range all {
		if !strings.HasSuffix(f, "_test.go") {
			out = append(out, f)
		}
	}
	if len(out) == 0 {
		return nil, errors.New("no Go files")
	}
	return out, nil
}

// touch adds a line to a function's body, or else to the file's end, and stages it.
func touch(ctx context.Context, dir, file string) error {
	src, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	text := string(src)
	if i := strings.LastIndex(text, "\n}\n"); i > 0 {
		text = text[:i] + "\n\t// Measured." + text[i:]
	} else {
		text += "\n// Measured.\n"
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return err
	}
	if out, err := exec.CommandContext(ctx, "git", "-C", dir, "add", file).CombinedOutput(); err != nil {
		return fmt.Errorf("git add: %w: %s", err, lastLine(string(out)))
	}
	return nil
}
