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

// summarizeAll type-checks and summarises the packages, importers after what
// they import, as many at a time as there are cores.
func (s *scan) summarizeAll(raws []*raw) {
	byPath := map[string]*raw{}
	for _, r := range raws {
		if len(r.files) > 0 && byPath[r.path] == nil && (r.name != "main" || len(r.files) > 0) {
			byPath[r.path] = r
		}
	}
	levels := layers(raws, byPath)
	for _, level := range levels {
		each(len(level), func(i int) {
			if s.ctx.Err() == nil {
				s.summarizeOne(level[i], byPath[level[i].path] == level[i])
			}
		})
	}
}

// layers sorts packages so that each comes in a later layer than what it imports.
// A cycle, which only broken code has, is cut where it closes.
func layers(raws []*raw, byPath map[string]*raw) [][]*raw {
	depth := map[*raw]int{}
	onPath := map[*raw]bool{}
	var visit func(r *raw) int
	visit = func(r *raw) int {
		if d, ok := depth[r]; ok {
			return d
		}
		if onPath[r] {
			return 0
		}
		onPath[r] = true
		d := 0
		for _, imp := range r.imports {
			if q := byPath[imp]; q != nil && q != r {
				d = max(d, visit(q)+1)
			}
		}
		delete(onPath, r)
		depth[r] = d
		return d
	}
	var out [][]*raw
	for _, r := range raws {
		d := visit(r)
		for len(out) <= d {
			out = append(out, nil)
		}
		out[d] = append(out[d], r)
	}
	return out
}

func (s *scan) summarizeOne(r *raw, importable bool) {
	type checked struct {
		pkg     *types.Package
		info    *types.Info
		missing []string
	}
	var asts []*ast.File
	for _, f := range r.files {
		asts = append(asts, f.ast)
	}
	c, err := scanners.Guard(s.ctx, checkLimit, func(context.Context) (checked, error) {
		c := checked{info: newInfo(asts)}
		conf := types.Config{
			Importer:    importer{declarations: s.imports, module: r.module, missing: &c.missing},
			FakeImportC: true, DisableUnusedImportCheck: true,
			Error: func(error) {}, Sizes: sizes,
		}
		c.pkg, _ = conf.Check(r.path, s.fset, asts, c.info)
		return c, nil
	})
	if err != nil && len(r.files) > 0 {
		s.report(scanners.SeverityWarning, scanners.Position{File: r.files[0].path}, "package %s could not be type-checked (%v); it is read by its syntax alone", r.path, err)
		c = checked{info: newInfo(nil)}
	}
	if c.pkg != nil && importable && r.name != "main" {
		c.pkg.MarkComplete()
		s.imports.mu.Lock()
		s.imports.local[r.path] = c.pkg
		s.imports.mu.Unlock()
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
		p.Files = append(p.Files, File{Path: f.path, Generated: f.generated, Lines: f.lines})
		p.Imports = append(p.Imports, fileImports(s.fset, f, false)...)
		ignored = ignored && f.ignored
	}
	if ignored {
		p.Scope = ScopeDevelopment
	}
	for _, f := range r.tests {
		p.Files = append(p.Files, File{Path: f.path, Test: true, Lines: f.lines})
		p.Imports = append(p.Imports, fileImports(s.fset, f, true)...)
	}
	if len(r.files) == 0 {
		p.Scope = ScopeTest
	}
	sum := &summarizer{fset: s.fset, pkg: p, info: c.info, tpkg: c.pkg}
	_, err = scanners.Guard(s.ctx, checkLimit, func(context.Context) (struct{}, error) {
		for _, f := range r.files {
			sum.file(f.ast)
		}
		sum.finish()
		return struct{}{}, nil
	})
	if err != nil {
		s.report(scanners.SeverityWarning, scanners.Position{File: r.files[0].path}, "package %s could not be summarised: %v", r.path, err)
	}
	r.summary = p
	r.files, r.tests = nil, nil // the syntax trees are no longer needed
}

// How many bytes of source, comments and all, ordinary services have for each of
// what go/types records.
const (
	bytesPerType      = 28
	bytesPerUse       = 32
	bytesPerDef       = 112
	bytesPerSelection = 256
)

// newInfo makes the maps as large as the files are likely to fill them: growing
// them step by step costs a tenth of the check.
func newInfo(files []*ast.File) *types.Info {
	size := 0
	for _, f := range files {
		size += int(f.FileEnd - f.FileStart)
	}
	return &types.Info{
		Types:      make(map[ast.Expr]types.TypeAndValue, size/bytesPerType),
		Defs:       make(map[*ast.Ident]types.Object, size/bytesPerDef),
		Uses:       make(map[*ast.Ident]types.Object, size/bytesPerUse),
		Implicits:  map[ast.Node]types.Object{},
		Selections: make(map[*ast.SelectorExpr]*types.Selection, size/bytesPerSelection),
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
