package revision

import (
	"bytes"
	"context"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/intscan/intscan/scanners"
)

// maxChanged bounds the files that are taken out of the index one by one; beyond it
// the whole is laid out.
const maxChanged = 500

// Staged tells how the index differs from the files on disk, so that what is staged
// can be scanned where it lies. ok is false where that would not be the same as laying
// the index out: files are missing or turned into others on disk, what decides how
// packages are found is changed, or git changes the content on its way to the disk.
func (r *Repo) Staged(ctx context.Context) (o *scanners.Overlay, ok bool, err error) {
	files, err := r.list(ctx, Index)
	if err != nil {
		return nil, false, err
	}
	changed, ok, err := r.changed(ctx)
	if err != nil || !ok {
		return nil, false, err
	}
	o = &scanners.Overlay{Files: map[string]bool{}, Changed: map[string][]byte{}}
	var other []file
	for _, f := range files {
		if f.unlike {
			return nil, false, nil
		}
		o.Files[f.path] = true
		if changed[f.path] {
			other = append(other, f)
		}
	}
	if len(other) > maxChanged || r.filtered(o.Files) || r.untrackedVendor(o.Files) {
		return nil, false, nil
	}
	err = r.objects(ctx, other, func(f file, size int64, content io.Reader) error {
		b, err := io.ReadAll(io.LimitReader(content, maxBlob))
		o.Changed[f.path] = b
		return err
	})
	return o, err == nil, err
}

// changed lists the files whose content on disk differs from the index.
func (r *Repo) changed(ctx context.Context) (map[string]bool, bool, error) {
	out, err := git(ctx, r.dir, "diff-files", "--name-status", "-z", "--relative")
	if err != nil {
		return nil, false, err
	}
	fields := strings.Split(strings.TrimSuffix(out, "\x00"), "\x00")
	changed := map[string]bool{}
	for i := 0; i+1 < len(fields); i += 2 {
		status, name := fields[i], fields[i+1]
		if status != "M" || decidesPackages(name) {
			return nil, false, nil
		}
		changed[name] = true
	}
	return changed, true, nil
}

// decidesPackages: the go command or the walk of the tree reads the file where it lies.
func decidesPackages(name string) bool {
	return slices.Contains([]string{"go.mod", "go.sum", "go.work", ".gitignore", ".gitattributes"}, path.Base(name)) ||
		slices.Contains(strings.Split(name, "/"), "vendor")
}

// filtered: git rewrites files on their way between the index and the disk, as
// encryption does.
func (r *Repo) filtered(files map[string]bool) bool {
	for name := range files {
		if path.Base(name) != ".gitattributes" {
			continue
		}
		b, err := os.ReadFile(filepath.Join(r.dir, filepath.FromSlash(name)))
		if err != nil || bytes.Contains(b, []byte("filter=")) || bytes.Contains(b, []byte("working-tree-encoding")) {
			return true
		}
	}
	return false
}

// untrackedVendor: the types on disk are others than those of the revisions, which
// have no vendor folder.
func (r *Repo) untrackedVendor(files map[string]bool) bool {
	for name := range files {
		if path.Base(name) != "go.mod" {
			continue
		}
		list := path.Join(path.Dir(name), "vendor", "modules.txt")
		if _, err := os.Stat(filepath.Join(r.dir, filepath.FromSlash(list))); err == nil && !files[list] {
			return true
		}
	}
	return false
}
