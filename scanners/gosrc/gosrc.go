// Package gosrc reads Go source: every .go file of the repository, whatever its
// build constraints, in all its modules. Each package is parsed, type-checked as
// far as its imports can be had, and summarised on its own: what it calls, with
// which clients, contexts and values, in symbols.
//
// Types come from declarations alone: dependencies are parsed from the vendor
// folder, the module cache and GOROOT with their function bodies dropped, and
// only as far as the repository's packages refer to them. Nothing is compiled
// and nothing downloaded. What is missing costs precision, never the scan.
//
// The package names no system and judges nothing; joining the summaries and
// deciding is the work of package detect.
package gosrc

import (
	"cmp"
	"context"
	"fmt"
	"go/token"
	"hash"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/gomod"
)

// Options say how to read.
type Options struct {
	// Mode is "auto" or "" (the best that can be had), "types" (the same, with a
	// diagnostic for each import that is missing) or "syntax" (no declarations
	// outside the repository are read).
	Mode string
	// Relevant, when set, tells the imports that matter. In mode "syntax" the
	// functions of files without one are left out: declarations, imports and
	// addresses are all that is read of those.
	Relevant func(importPath string) bool
	// Download lets the go command fetch missing modules into the module cache.
	Download bool
	// Tags are build tags that are set in every build (true) or in none (false). A
	// file that they rule out counts as one that no ordinary build takes.
	Tags map[string]bool
	// Cache, when set, keeps the summaries of packages from one run to the next.
	Cache Cache
}

// Code is the summary of all Go code in the tree.
type Code struct {
	Packages []*Package
	Lines    int // of all .go files, tests too
	// Machine is what the summaries depend on beside the tree. It is known where a
	// cache is used and another reading would come to the same.
	Machine *Machine
}

// Scan reads all Go code of the tree. mods are the modules found in it.
func Scan(ctx context.Context, tree *scanners.Tree, mods gomod.Result, opts Options) (Code, []scanners.Diagnostic) {
	s := &scan{ctx: ctx, tree: tree, fset: token.NewFileSet(), mods: mods, tags: opts.Tags}
	if opts.Mode == "syntax" {
		s.relevant = opts.Relevant
	}
	if s.relevant == nil {
		s.cache = opts.Cache // what else matters to a caller has no key
	}
	raws := s.readAll()
	opts.Cache = s.cache
	s.resolver = newResolver(ctx, tree, mods, opts)
	s.resolver.noteImports = func(h hash.Hash, m *gomod.Module) { noteImports(h, raws, m) }
	s.imports = newDeclarations(s.fset, s.resolver)
	s.stubUses(raws)
	s.recall(raws)
	s.summarizeAll(s.declared(raws))
	s.diags = append(s.diags, s.resolver.diags...)
	var r Code
	for _, p := range raws {
		if p.summary != nil {
			r.Packages = append(r.Packages, p.summary)
		}
	}
	r.Lines = s.lines
	if s.cache != nil && !s.unsure.Load() {
		r.Machine = s.resolver.machine()
	}
	slices.SortFunc(r.Packages, func(a, b *Package) int {
		return cmp.Or(cmp.Compare(a.Dir, b.Dir), cmp.Compare(a.Name, b.Name))
	})
	return r, s.diags
}

type scan struct {
	ctx      context.Context
	tree     *scanners.Tree
	fset     *token.FileSet
	mods     gomod.Result
	resolver *resolver
	imports  *declarations
	relevant func(importPath string) bool // nil for all
	tags     map[string]bool
	lines    int
	cache    Cache       // nil for none
	unsure   atomic.Bool // a bound was hit that another run may not hit

	mu    sync.Mutex
	diags []scanners.Diagnostic
}

func (s *scan) report(sev scanners.Severity, at scanners.Position, format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.diags = append(s.diags, scanners.Diagnostic{
		Severity: sev, Scanner: "gosrc", Position: at, Message: fmt.Sprintf(format, args...),
	})
}

// each runs work for 0..n-1 on all cores and returns when all is done.
func each(n int, work func(i int)) {
	var wg sync.WaitGroup
	next := make(chan int)
	for range min(runtime.GOMAXPROCS(0), n) {
		wg.Go(func() {
			for i := range next {
				work(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wg.Wait()
}
