package gosrc

import (
	"context"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/intscan/intscan/scanners"
)

// checkLimit bounds the type-checking of one package; only crafted input takes
// longer than a fraction of it.
const checkLimit = 60 * time.Second

// checked is what the type checker found out about a package.
type checked struct {
	pkg     *types.Package
	info    *types.Info
	missing []string
}

// check type-checks the package and, if importable, hands it to its importers.
func (s *scan) check(r *raw, importable bool) checked {
	var asts []*ast.File
	for _, f := range r.files {
		asts = append(asts, f.ast)
	}
	c, err := scanners.Guard(s.ctx, checkLimit, func(context.Context) (checked, error) {
		c := checked{info: newInfo()}
		if r.known {
			c.info = nil // only the declarations are wanted, by importers
		}
		conf := types.Config{
			Importer:    importer{declarations: s.imports, module: r.module, missing: &c.missing},
			FakeImportC: true, DisableUnusedImportCheck: true, IgnoreFuncBodies: r.known,
			Error: func(error) {}, Sizes: sizes,
		}
		c.pkg, _ = conf.Check(r.path, s.fset, asts, c.info)
		return c, nil
	})
	if err != nil && len(r.files) > 0 {
		s.report(scanners.SeverityWarning, scanners.Position{File: r.files[0].path}, "package %s could not be type-checked (%v); it is read by its syntax alone", r.path, err)
		s.unsure.Store(true)
		c = checked{info: newInfo()}
	}
	if c.pkg != nil && importable && r.name != "main" {
		c.pkg.MarkComplete()
		s.imports.mu.Lock()
		s.imports.local[r.path] = c.pkg
		s.imports.mu.Unlock()
	}
	return c
}

// summarize turns the checked package into its summary.
func (s *scan) summarize(r *raw, c checked) {
	if r.known {
		r.files, r.tests = nil, nil
		return
	}
	p := &Package{
		Path: r.path, Name: r.name, Dir: r.dir, Scope: scopeOf(r.dir, r.name),
		Effects: map[string][]Effect{}, Uses: map[string]scanners.Position{},
	}
	if r.module != nil {
		p.Module = r.module.Path
	}
	slices.Sort(c.missing)
	p.Missing = slices.Compact(c.missing)
	p.Mode = modeOf(r, p.Missing)
	ignored := len(r.files) > 0
	for _, f := range r.files {
		p.Files = append(p.Files, File{Path: f.path, Generated: f.generated, Generator: f.generator, Lines: f.lines})
		p.Imports = append(p.Imports, fileImports(s.fset, f, false)...)
		ignored = ignored && f.ignored
	}
	if ignored {
		p.Scope = ScopeDevelopment
	}
	for _, f := range r.tests {
		p.Files = append(p.Files, File{Path: f.path, Test: true, Lines: f.lines})
		p.Imports = append(p.Imports, fileImports(s.fset, f, true)...)
		p.Tests = append(p.Tests, f.test)
	}
	if len(r.files) == 0 {
		p.Scope = ScopeTest
	}
	sum := &summarizer{fset: s.fset, pkg: p, info: c.info}
	_, err := scanners.Guard(s.ctx, checkLimit, func(context.Context) (struct{}, error) {
		for _, f := range r.files {
			sum.file(f.ast)
		}
		sum.finish()
		return struct{}{}, nil
	})
	if err != nil {
		s.report(scanners.SeverityWarning, scanners.Position{File: r.files[0].path}, "package %s could not be summarised: %v", r.path, err)
		s.unsure.Store(true)
	}
	r.summary = p
	s.remember(r)
	r.files, r.tests = nil, nil // the syntax trees are no longer needed
}

func newInfo() *types.Info {
	return &types.Info{
		Types:      map[ast.Expr]types.TypeAndValue{},
		Defs:       map[*ast.Ident]types.Object{},
		Uses:       map[*ast.Ident]types.Object{},
		Implicits:  map[ast.Node]types.Object{},
		Selections: map[*ast.SelectorExpr]*types.Selection{},
	}
}

func modeOf(r *raw, missing []string) Mode {
	outside := 0
	for _, imp := range r.imports {
		if strings.Contains(imp, ".") || imp != "C" {
			outside++
		}
	}
	switch {
	case len(missing) == 0:
		return ModeTypes
	case len(missing) >= outside:
		return ModeSyntax
	}
	return ModePartial
}

func fileImports(fset *token.FileSet, f *rawFile, test bool) []Import {
	var out []Import
	for _, i := range f.ast.Imports {
		p, err := strconv.Unquote(i.Path.Value)
		if err != nil {
			continue
		}
		out = append(out, Import{
			Path: p, At: position(fset, i.Path.Pos()), Test: test,
			Blank: i.Name != nil && i.Name.Name == "_",
		})
	}
	return out
}
