package gosrc

import (
	"fmt"
	"go/ast"
	"go/build/constraint"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/intscan/intscan/scanners/gomod"
)

// declarations imports packages by their declarations: it parses the source,
// drops every function body, and follows only those imports that the remaining
// declarations mention. That costs a fraction of compiling, and needs no compiler.
type declarations struct {
	fset     *token.FileSet
	resolver *resolver

	mu    sync.Mutex
	pkgs  map[string]*declared // by folder
	stubs map[string]*types.Package
	uses  map[string]*stubUse
	local map[string]*types.Package // the repository's own, once checked
}

// declared is a package read, or being read; done is closed when it is.
type declared struct {
	done chan struct{}
	pkg  *types.Package // nil where there is none to read
	by   *reader
}

// reader is one goroutine's reading of a package and of what that imports.
type reader struct {
	waits *declared // what another reader reads for it, just now
}

// waitsForItself: were the reader to wait for d, it would wait for itself. Imports
// form no circle in code that compiles, but do in broken trees, and where two
// modules of one repository require different versions of two libraries.
func (r *reader) waitsForItself(d *declared) bool {
	for d != nil {
		if d.by == r {
			return true
		}
		d = d.by.waits
	}
	return false
}

// importWait bounds the wait for a package that another goroutine reads.
const importWait = 20 * time.Second

func newDeclarations(fset *token.FileSet, r *resolver) *declarations {
	return &declarations{
		fset: fset, resolver: r, pkgs: map[string]*declared{}, stubs: map[string]*types.Package{},
		uses: map[string]*stubUse{}, local: map[string]*types.Package{},
	}
}

// importer is the view of one importing package. It remembers the chain of
// imports it was reached by, so that a cycle in broken input ends.
type importer struct {
	*declarations
	module  *gomod.Module
	chain   []string
	missing *[]string
	// stdVendored: the importing package lies in GOROOT's vendor folder.
	stdVendored bool
	reader      *reader
}

// Import implements types.Importer. A package that cannot be had is returned as
// a stub, which lets go/types go on.
func (i importer) Import(importPath string) (*types.Package, error) {
	if importPath == "unsafe" {
		return types.Unsafe, nil
	}
	i.mu.Lock()
	own := i.local[importPath]
	i.mu.Unlock()
	if own != nil {
		return own, nil
	}
	if slices.Contains(i.chain, importPath) || len(i.chain) > 200 {
		return nil, fmt.Errorf("import cycle through %s", importPath)
	}
	dir := i.dir(importPath)
	if dir == "" {
		if i.missing != nil {
			*i.missing = append(*i.missing, importPath)
		}
		return i.stub(importPath), nil
	}
	if std := i.standard(dir); std != nil {
		return importer{declarations: std}.Import(importPath)
	}
	if i.reader == nil {
		i.reader = &reader{}
	}
	i.mu.Lock()
	d, reading := i.pkgs[dir]
	if !reading {
		d = &declared{done: make(chan struct{}), by: i.reader}
		i.pkgs[dir] = d
	}
	i.mu.Unlock()
	if !reading {
		i.read(d, importPath, dir)
	} else if !i.await(d) {
		return i.stub(importPath), nil
	}
	if d.pkg == nil {
		return i.stub(importPath), nil
	}
	return d.pkg, nil
}

// await waits until another goroutine has read the package; false where that would
// not end.
func (i importer) await(d *declared) bool {
	select {
	case <-d.done:
		return true
	default:
	}
	i.mu.Lock()
	if i.reader.waitsForItself(d) {
		i.mu.Unlock()
		return false
	}
	i.reader.waits = d
	i.mu.Unlock()
	defer func() {
		i.mu.Lock()
		i.reader.waits = nil
		i.mu.Unlock()
	}()
	select {
	case <-d.done:
		return true
	case <-time.After(importWait):
		return false
	}
}

// standardLibraries holds what was read of each GOROOT. It is the same for every
// tree, so a process that scans many reads it once.
var standardLibraries sync.Map // GOROOT to *declarations

// standard returns the declarations of the standard library where dir is one of
// its folders and they are not those that i reads already.
func (i importer) standard(dir string) *declarations {
	goroot := i.resolver.goroot
	if goroot == "" || i.resolver.tree == nil || !strings.HasPrefix(dir, filepath.Join(goroot, "src")+string(filepath.Separator)) {
		return nil
	}
	if d, ok := standardLibraries.Load(goroot); ok {
		return d.(*declarations)
	}
	d, _ := standardLibraries.LoadOrStore(goroot, newDeclarations(token.NewFileSet(), &resolver{goroot: goroot, dirs: map[string]string{}}))
	return d.(*declarations)
}

func (i importer) read(d *declared, importPath, dir string) {
	defer close(d.done) // also where the type checker panics on crafted input
	i.chain = append(slices.Clone(i.chain), importPath)
	i.missing = nil
	i.stdVendored = !isStd(importPath) && strings.HasPrefix(dir, filepath.Join(i.resolver.goroot, "src", "vendor"))
	d.pkg, _ = i.load(importPath, dir)
}

// dir finds the folder of an import. The standard library's own imports of
// golang.org/x are those of its vendor folder, never a module's.
func (i importer) dir(importPath string) string {
	if len(i.chain) > 0 && isStd(i.chain[len(i.chain)-1]) || len(i.chain) > 0 && i.stdVendored {
		if d := firstDir(filepath.Join(i.resolver.goroot, "src", "vendor", filepath.FromSlash(importPath))); d != "" && !isStd(importPath) {
			return d
		}
	}
	return i.resolver.dir(i.module, importPath)
}

// load type-checks the declarations of the package in dir.
func (i importer) load(importPath, dir string) (*types.Package, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var files []*ast.File
	for _, e := range entries {
		name := e.Name()
		if e.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || !buildsName(name) {
			continue
		}
		if info, err := e.Info(); err != nil || !info.Mode().IsRegular() || info.Size() > 16<<20 {
			continue
		}
		src, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || !buildsSource(src) {
			continue
		}
		if f := parseDeclarations(i.fset, name, src); f != nil {
			files = append(files, f)
		}
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("no Go files in %s", importPath)
	}
	files = onePackage(files, path.Base(importPath))
	for _, f := range files {
		pruneImports(f)
	}
	conf := types.Config{
		Importer: i, FakeImportC: true, IgnoreFuncBodies: true, DisableUnusedImportCheck: true,
		Error: func(error) {}, Sizes: sizes,
	}
	pkg, _ := conf.Check(importPath, i.fset, files, nil)
	if pkg != nil {
		pkg.MarkComplete()
	}
	return pkg, nil
}

var sizes = types.SizesFor("gc", "amd64")

// parseDeclarations parses a file without its function bodies. Blanking them out
// before parsing saves most of the work; where that goes wrong, the whole is
// parsed.
func parseDeclarations(fset *token.FileSet, name string, src []byte) *ast.File {
	const mode = parser.SkipObjectResolution
	f, err := parser.ParseFile(fset, name, blankBodies(src), mode)
	if err != nil {
		f, _ = parser.ParseFile(fset, name, src, mode)
	}
	if f == nil {
		return nil
	}
	dropBodies(f)
	return f
}

// onePackage keeps the files of one package where a folder holds several.
func onePackage(files []*ast.File, want string) []*ast.File {
	counts := map[string]int{}
	for _, f := range files {
		counts[f.Name.Name]++
	}
	if len(counts) == 1 {
		return files
	}
	best := ""
	for name, n := range counts {
		if name == "main" || name == "documentation" {
			continue
		}
		if best == "" || n > counts[best] || n == counts[best] && (name == want || name < best && best != want) {
			best = name
		}
	}
	return slices.DeleteFunc(files, func(f *ast.File) bool { return f.Name.Name != best })
}

// pruneImports drops the imports that no declaration of the file mentions, now
// that the bodies are gone. Dot imports stay.
func pruneImports(f *ast.File) {
	used := map[string]bool{}
	var decls []ast.Decl
	for _, d := range f.Decls {
		if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.IMPORT {
			continue
		}
		decls = append(decls, d)
		ast.Inspect(d, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok {
				if id, ok := sel.X.(*ast.Ident); ok {
					used[id.Name] = true
				}
			}
			return true
		})
	}
	var imports []*ast.ImportSpec
	for _, s := range f.Imports {
		if mentioned(s, used) {
			imports = append(imports, s)
		}
	}
	f.Imports = imports
	if len(imports) > 0 {
		g := &ast.GenDecl{Tok: token.IMPORT, Lparen: f.Package, Rparen: f.Package}
		for _, s := range imports {
			g.Specs = append(g.Specs, s)
		}
		decls = append([]ast.Decl{g}, decls...)
	}
	f.Decls = decls
}

func mentioned(s *ast.ImportSpec, used map[string]bool) bool {
	if s.Name != nil {
		return s.Name.Name == "." || used[s.Name.Name]
	}
	p := strings.Trim(s.Path.Value, "\"`")
	for _, n := range packageNames(p) {
		if used[n] {
			return true
		}
	}
	for n := range used {
		if len(n) > 2 && strings.Contains(strings.ToLower(strings.ReplaceAll(p, "-", "")), strings.ToLower(n)) {
			return true
		}
	}
	return false
}

var knownOS = map[string]bool{
	"aix": true, "android": true, "darwin": true, "dragonfly": true, "freebsd": true, "illumos": true, "ios": true, "js": true,
	"nacl": true, "netbsd": true, "openbsd": true, "plan9": true, "solaris": true, "wasip1": true, "windows": true, "zos": true,
	"hurd": true,
}

var knownArch = map[string]bool{
	"386": true, "arm": true, "arm64": true, "loong64": true, "mips": true, "mips64": true, "mips64le": true, "mipsle": true,
	"ppc64": true, "ppc64le": true, "riscv64": true, "s390x": true, "wasm": true, "sparc64": true, "riscv": true, "ppc": true,
	"armbe": true, "arm64be": true, "amd64p32": true,
}

// buildsName applies the file name part of build constraints for linux/amd64,
// whatever the machine: the same tree gives the same answer everywhere.
func buildsName(name string) bool {
	parts := strings.Split(strings.TrimSuffix(name, ".go"), "_")
	for _, p := range parts[1:] {
		if knownOS[p] || knownArch[p] {
			return false
		}
	}
	return !strings.HasPrefix(name, "_") && !strings.HasPrefix(name, ".")
}

func buildsSource(src []byte) bool {
	h := header(src)
	if len(h) == 0 {
		return true
	}
	for line := range strings.Lines(string(h)) {
		x, err := constraint.Parse(strings.TrimSpace(line))
		if err != nil {
			continue
		}
		return x.Eval(func(tag string) bool {
			switch tag {
			case "linux", "amd64", "unix", "gc", "cgo":
				return true
			}
			return strings.HasPrefix(tag, "go1.")
		})
	}
	return true
}
