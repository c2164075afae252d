package gosrc

import (
	"context"
	"hash"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"

	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/gomod"
)

// resolver finds the folder of an imported package: in the repository's vendor
// folders, in GOROOT, in the module cache.
//
// A go.mod of Go 1.17 or later lists every module that its packages need, so the
// folder follows from the file alone, even where the go command refuses to load
// (a newer go directive, a missing module, no go.sum). For what it leaves open, the
// go command is asked through go/packages, once a module.
type resolver struct {
	tree   *scanners.Tree
	mods   gomod.Result
	opts   Options
	goroot string
	cache  string // the module cache; "" when there is none
	// goversion is the version of the toolchain, "" without one.
	goversion string
	diags     []scanners.Diagnostic

	ctx     context.Context
	listing sync.Mutex // held while the go command runs

	mu     sync.Mutex
	dirs   map[string]string     // import path in a module's view to folder
	listed map[string]listedPkgs // module dir to what the go command says
	extra  map[string][]require  // go.mod of dependencies, read for older modules
	probed map[string]bool       // folders of modules, and whether they are there

	// noteImports writes what the files of a module import, and when they are built.
	noteImports func(h hash.Hash, m *gomod.Module)
}

// listedPkgs maps import paths to folders.
type listedPkgs map[string]string

type require struct{ path, version string }

func newResolver(ctx context.Context, tree *scanners.Tree, mods gomod.Result, opts Options) *resolver {
	r := &resolver{
		tree: tree, mods: mods, opts: opts, ctx: ctx,
		dirs: map[string]string{}, listed: map[string]listedPkgs{}, extra: map[string][]require{}, probed: map[string]bool{},
	}
	if opts.Mode == "syntax" {
		return r
	}
	r.goroot, r.cache, r.goversion = goEnv(ctx)
	if r.goroot == "" {
		r.diags = append(r.diags, scanners.Diagnostic{
			Severity: scanners.SeverityInfo, Scanner: "gosrc",
			Message: "no Go toolchain on this machine: the standard library's declarations are not known; install Go for sharper answers",
		})
	}
	return r
}

// goEnv asks the go command where its root and the module cache are, and its version,
// and falls back on the customary places. It asks once for each environment.
func goEnv(ctx context.Context) (goroot, modcache, version string) {
	key := strings.Join(os.Environ(), "\x00")
	if known, ok := goEnvs.Load(key); ok {
		e := known.([3]string)
		return e[0], e[1], e[2]
	}
	goroot, modcache, version = askGoEnv(ctx)
	if ctx.Err() == nil {
		goEnvs.Store(key, [3]string{goroot, modcache, version})
	}
	return goroot, modcache, version
}

var goEnvs sync.Map // environment to the three

func askGoEnv(ctx context.Context) (goroot, modcache, version string) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, "go", "env", "GOROOT", "GOMODCACHE", "GOVERSION")
	cmd.Env = goCommandEnv(false)
	cmd.Dir = os.TempDir()
	cmd.WaitDelay = time.Second
	if out, err := cmd.Output(); err == nil {
		lines := strings.Split(strings.ReplaceAll(string(out), "\r\n", "\n"), "\n")
		if len(lines) >= 3 {
			goroot, modcache, version = strings.TrimSpace(lines[0]), strings.TrimSpace(lines[1]), strings.TrimSpace(lines[2])
		}
	}
	if modcache == "" {
		modcache = os.Getenv("GOMODCACHE")
	}
	if modcache == "" {
		if home, err := os.UserHomeDir(); err == nil {
			modcache = filepath.Join(home, "go", "pkg", "mod")
		}
	}
	return goroot, modcache, version
}

// goCommandEnv is the environment of every go command that a scan starts: it may
// run no other program, fetch nothing and write no file of the repository.
func goCommandEnv(download bool) []string {
	env := append(os.Environ(), "GOTOOLCHAIN=local", "CGO_ENABLED=0", "GOPACKAGESDRIVER=off", "GOFLAGS=", "GO111MODULE=on", "GOOS=linux", "GOARCH=amd64")
	if !download {
		env = append(env, "GOPROXY=off", "GOSUMDB=off", "GOVCS=*:off")
	}
	return env
}

// dir returns the folder of the package, as seen from module m (nil outside any);
// "" where it is not on this machine.
func (r *resolver) dir(m *gomod.Module, importPath string) string {
	if r.opts.Mode == "syntax" {
		return ""
	}
	key := importPath
	if m != nil {
		key = m.Dir + " " + importPath
	}
	r.mu.Lock()
	dir, ok := r.dirs[key]
	r.mu.Unlock()
	if ok {
		return dir
	}
	dir = r.find(m, importPath)
	r.mu.Lock()
	r.dirs[key] = dir
	r.mu.Unlock()
	return dir
}

func (r *resolver) find(m *gomod.Module, importPath string) string {
	if !fsValid(importPath) {
		return ""
	}
	if isStd(importPath) {
		if r.goroot == "" {
			return ""
		}
		return firstDir(filepath.Join(r.goroot, "src", importPath))
	}
	if m == nil {
		return ""
	}
	for _, base := range []string{m.Dir, "."} {
		if d := firstDir(filepath.Join(r.tree.Dir(), filepath.FromSlash(base), "vendor", filepath.FromSlash(importPath))); d != "" {
			return d
		}
	}
	if d := r.inCache(m.Requires, m, importPath); d != "" {
		return d
	}
	if d := r.viaDependencies(m, importPath); d != "" {
		return d
	}
	if r.worthAsking(m) {
		return r.ask(m, importPath)
	}
	return ""
}

// cacheFilled: an empty module cache has nothing that the go command could find.
func (r *resolver) cacheFilled() bool {
	entries, err := os.ReadDir(r.cache)
	return err == nil && len(entries) > 0
}

// inCache looks the package up by the longest required module path that holds it.
func (r *resolver) inCache(reqs []gomod.Require, m *gomod.Module, importPath string) string {
	best, version := "", ""
	for _, q := range reqs {
		if len(q.Path) > len(best) && holds(q.Path, importPath) {
			best, version = q.Path, q.Version
		}
	}
	if best == "" || r.cache == "" {
		return ""
	}
	for _, p := range m.Replaces {
		if p.Old == best && (p.OldVersion == "" || p.OldVersion == version) {
			if p.NewVersion == "" {
				// A folder: within the repository it is a module of its own.
				return ""
			}
			return r.cached(p.New, p.NewVersion, strings.TrimPrefix(importPath, best))
		}
	}
	return r.cached(best, version, strings.TrimPrefix(importPath, best))
}

func (r *resolver) cached(path, version, rest string) string {
	p, err1 := module.EscapePath(path)
	v, err2 := module.EscapeVersion(version)
	if err1 != nil || err2 != nil || r.cache == "" {
		return ""
	}
	root := filepath.Join(r.cache, filepath.FromSlash(p)+"@"+v)
	switch {
	case !r.there(root):
		return ""
	case rest == "":
		return root
	}
	return firstDir(filepath.Join(root, filepath.FromSlash(rest)))
}

// there tells if the folder of a module is on the machine. One that is missing is
// looked for again: the go command may have brought it meanwhile.
func (r *resolver) there(root string) bool {
	r.mu.Lock()
	there := r.probed[root]
	r.mu.Unlock()
	if there {
		return true
	}
	there = firstDir(root) != ""
	r.mu.Lock()
	r.probed[root] = there
	r.mu.Unlock()
	return there
}

// viaDependencies serves modules of before Go 1.17, whose go.mod names only what
// they import themselves: one step further, through the go.mod files of those.
func (r *resolver) viaDependencies(m *gomod.Module, importPath string) string {
	for _, q := range m.Requires {
		for _, t := range r.requiresOf(q.Path, q.Version) {
			if holds(t.path, importPath) {
				if d := r.cached(t.path, t.version, strings.TrimPrefix(importPath, t.path)); d != "" {
					return d
				}
			}
		}
	}
	return ""
}

func (r *resolver) requiresOf(path, version string) []require {
	key := path + "@" + version
	r.mu.Lock()
	reqs, ok := r.extra[key]
	r.mu.Unlock()
	if ok {
		return reqs
	}
	if d := r.cached(path, version, ""); d != "" {
		if b, err := os.ReadFile(filepath.Join(d, "go.mod")); err == nil {
			if f, err := modfile.ParseLax("go.mod", b, nil); err == nil {
				for _, q := range f.Require {
					reqs = append(reqs, require{q.Mod.Path, q.Mod.Version})
				}
			}
		}
	}
	r.mu.Lock()
	r.extra[key] = reqs
	r.mu.Unlock()
	return reqs
}

func holds(modulePath, importPath string) bool {
	return importPath == modulePath || strings.HasPrefix(importPath, modulePath+"/")
}

// isStd: paths of the standard library have no dot in their first element.
func isStd(importPath string) bool { return !strings.Contains(firstElement(importPath), ".") }

func firstElement(importPath string) string {
	first, _, _ := strings.Cut(importPath, "/")
	return first
}

// fsValid keeps import paths of hostile files from leading anywhere.
func fsValid(importPath string) bool {
	return importPath != "" && importPath != "C" && !strings.Contains(importPath, "..") && !strings.HasPrefix(importPath, "/") &&
		!strings.ContainsAny(importPath, "\\\x00:") && (runtime.GOOS != "windows" || filepath.IsLocal(importPath))
}

func firstDir(dir string) string {
	if info, err := os.Stat(dir); err == nil && info.IsDir() {
		return dir
	}
	return ""
}
