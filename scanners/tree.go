package scanners

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/go-git/go-git/v5/plumbing/format/gitignore"
)

// Limits bounds what one scan reads, so that a hostile or broken tree costs
// neither hours nor gigabytes. The zero value of a field means its default.
type Limits struct {
	FileSize int64 // bytes of one file; default 8 MiB
	Files    int   // files in the tree; default 400,000
	Depth    int   // folders below the root; default 64
}

func (l Limits) withDefaults() Limits {
	if l.FileSize == 0 {
		l.FileSize = 8 << 20
	}
	if l.Files == 0 {
		l.Files = 400_000
	}
	if l.Depth == 0 {
		l.Depth = 64
	}
	return l
}

// File is a regular file of the tree.
type File struct {
	Path string // slash-separated, relative to the root
	Size int64  // bytes, when the tree was walked
}

// Tree is the one view of the repository that all scanners share: which files
// there are, and their content. It never leaves the root: symbolic links that
// lead out, and files outside, cannot be read through it.
type Tree struct {
	dir    string
	root   *os.Root
	limits Limits
	files  []File
	index  map[string]int
	diags  []Diagnostic
	other  *Overlay // nil where the tree is as it lies on disk
}

// skipDirs are folders that hold other people's code, or test data.
var skipDirs = map[string]bool{
	".git": true, ".hg": true, ".svn": true, "vendor": true, "node_modules": true, "testdata": true,
	".terraform": true, ".venv": true, "__pycache__": true, ".idea": true,
}

// OpenTree walks the folder dir once. It fails only where nothing can be scanned:
// dir does not exist, is no folder, or cannot be listed. Close it after use.
func OpenTree(dir string, limits Limits) (*Tree, error) {
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%s: no such folder", dir)
	case err != nil:
		return nil, err
	case !info.IsDir():
		return nil, fmt.Errorf("%s is a file; name the folder of a repository", dir)
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(abs)
	if err != nil {
		return nil, fmt.Errorf("cannot open %s: %w", dir, plainError(err))
	}
	t := &Tree{dir: abs, root: root, limits: limits.withDefaults(), index: map[string]int{}}
	if _, err := fs.ReadDir(root.FS(), "."); err != nil {
		root.Close()
		return nil, fmt.Errorf("cannot list %s: %w", dir, plainError(err))
	}
	w := treeWalk{tree: t}
	w.dirEntries(".", nil, 0)
	slices.SortFunc(t.files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	for i, f := range t.files {
		t.index[f.Path] = i
	}
	return t, nil
}

// Close releases the root folder.
func (t *Tree) Close() error { return t.root.Close() }

// Dir is the absolute path of the root in the file system's own notation. It is
// for starting the go command there and never appears in a report.
func (t *Tree) Dir() string { return t.dir }

// Files lists the tree's regular files, sorted by path. Callers must not change it.
func (t *Tree) Files() []File { return t.files }

// Restrict drops the files that keep does not want from the list, with what the walk
// told of them, and returns how many those are.
func (t *Tree) Restrict(keep func(path string) bool) int {
	before := len(t.files)
	t.diags = slices.DeleteFunc(t.diags, func(d Diagnostic) bool { return !keep(d.File) })
	t.files = slices.DeleteFunc(t.files, func(f File) bool { return !keep(f.Path) })
	clear(t.index)
	for i, f := range t.files {
		t.index[f.Path] = i
	}
	return before - len(t.files)
}

// Has reports whether the walk found the file.
func (t *Tree) Has(name string) bool {
	_, ok := t.index[path.Clean(name)]
	return ok
}

// Diagnostics tells what the walk left out that a person may miss.
func (t *Tree) Diagnostics() []Diagnostic { return t.diags }

// ErrTooLarge is wrapped by ReadFile for files over the size limit.
var ErrTooLarge = errors.New("file is over the size limit")

// ReadFile reads a file below the root, listed or not (an ignored .env may be
// wanted by a compose file). It fails on anything but a regular file, on one over
// the size limit, and on one that lies outside the root.
func (t *Tree) ReadFile(name string) ([]byte, error) {
	name = path.Clean(name)
	if content, ok, err := t.other.read(name); ok || err != nil {
		if int64(len(content)) > t.limits.FileSize {
			return nil, fmt.Errorf("%w (%d MiB)", ErrTooLarge, t.limits.FileSize>>20)
		}
		return content, err
	}
	info, err := t.root.Stat(filepath.FromSlash(name))
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: not a regular file", name)
	}
	if info.Size() > t.limits.FileSize {
		return nil, fmt.Errorf("%w (%d MiB): %d MiB", ErrTooLarge, t.limits.FileSize>>20, info.Size()>>20)
	}
	f, err := t.root.Open(filepath.FromSlash(name))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b := make([]byte, 0, info.Size()+512)
	r := io.LimitReader(f, t.limits.FileSize+1)
	for {
		if len(b) == cap(b) {
			b = append(b, 0)[:len(b)]
		}
		n, err := r.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
	}
	if int64(len(b)) > t.limits.FileSize {
		return nil, fmt.Errorf("%w (%d MiB)", ErrTooLarge, t.limits.FileSize>>20)
	}
	return b, nil
}

// Open opens a file below the root, listed or not, for those who want a part of it.
// Nothing outside the root can be opened.
func (t *Tree) Open(name string) (fs.File, error) {
	if content, ok, err := t.other.read(path.Clean(name)); ok || err != nil {
		return memoryFile{name: path.Base(name), Reader: bytes.NewReader(content)}, err
	}
	return t.root.FS().Open(name)
}

// ReadDir lists a folder below the root, walked or not.
func (t *Tree) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := fs.ReadDir(t.root.FS(), name)
	return slices.DeleteFunc(entries, func(e fs.DirEntry) bool { return !e.IsDir() && !t.other.has(path.Join(name, e.Name())) }), err
}

type treeWalk struct {
	tree *Tree
	full bool // the file limit was reached
}

func (w *treeWalk) warn(file, format string, args ...any) {
	w.tree.diags = append(w.tree.diags, Diagnostic{
		Severity: SeverityWarning, Scanner: "tree",
		Position: Position{File: file}, Message: fmt.Sprintf(format, args...),
	})
}

func (w *treeWalk) dirEntries(dir string, ignores []gitignore.Pattern, depth int) {
	if depth > w.tree.limits.Depth {
		w.warn(dir, "folders below this one are nested deeper than %d and were not read", w.tree.limits.Depth)
		return
	}
	entries, err := fs.ReadDir(w.tree.root.FS(), dir)
	if err != nil {
		w.warn(dir, "folder cannot be listed: %v", plainError(err))
		return
	}
	ignores = append(ignores[:len(ignores):len(ignores)], w.ignoreFile(dir)...)
	matcher := gitignore.NewMatcher(ignores)
	for _, e := range entries {
		if w.full {
			return
		}
		name := path.Join(dir, e.Name())
		if matcher.Match(strings.Split(name, "/"), e.IsDir()) {
			continue
		}
		w.entry(name, e, ignores, depth)
	}
}

func (w *treeWalk) entry(name string, e fs.DirEntry, ignores []gitignore.Pattern, depth int) {
	switch {
	case !printable(name):
		w.warn(name, "name has control characters or is not UTF-8; left out")
	case e.IsDir():
		if !skipDirs[e.Name()] {
			w.dirEntries(name, ignores, depth+1)
		}
	case e.Type()&fs.ModeSymlink != 0:
		w.symlink(name)
	case e.Type().IsRegular():
		if info, err := e.Info(); err == nil {
			w.add(name, info.Size())
		}
	default:
		w.warn(name, "a named pipe, socket or device, not a file; left out")
	}
}

// symlink takes in links to files inside the root. Links to folders are not
// followed: what they lead to is walked under its own name, or lies outside.
func (w *treeWalk) symlink(name string) {
	info, err := w.tree.root.Stat(filepath.FromSlash(name))
	switch {
	case err != nil:
		w.warn(name, "symbolic link leads out of the repository, in a circle, or nowhere; left out")
	case info.Mode().IsRegular():
		w.add(name, info.Size())
	}
}

func (w *treeWalk) add(name string, size int64) {
	if len(w.tree.files) >= w.tree.limits.Files {
		w.full = true
		w.warn(name, "the repository has more than %d files; this one and those after it were not read", w.tree.limits.Files)
		return
	}
	w.tree.files = append(w.tree.files, File{Path: name, Size: size})
}

func (w *treeWalk) ignoreFile(dir string) []gitignore.Pattern {
	b, err := w.tree.ReadFile(path.Join(dir, ".gitignore"))
	if err != nil {
		return nil
	}
	var domain []string
	if dir != "." {
		domain = strings.Split(dir, "/")
	}
	var ps []gitignore.Pattern
	for line := range strings.Lines(string(b)) {
		line = strings.TrimRight(line, "\r\n")
		if strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#") {
			continue
		}
		ps = append(ps, gitignore.ParsePattern(line, domain))
	}
	return ps
}

func printable(name string) bool {
	return utf8.ValidString(name) && !strings.ContainsFunc(name, unicode.IsControl)
}

// plainError drops the absolute path that fs errors carry: no output names a
// path of the machine.
func plainError(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}
