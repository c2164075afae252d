package gosrc

import (
	"bytes"
	"cmp"
	"go/ast"
	"go/build/constraint"
	"go/parser"
	"go/token"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/gomod"
)

// raw is a package as parsed, before it is summarised.
type raw struct {
	path, name, dir string
	module          *gomod.Module
	files           []*rawFile
	tests           []*rawFile // _test.go files, imports only
	imports         []string   // of files, sorted, unique
	summary         *Package

	// known: the summary was remembered; of such a package no more than the
	// declarations are read, and those only where an importer wants them.
	known bool
	// flawed: something went wrong that is worth saying again the next time.
	flawed bool
	key    string // what the summary is remembered by; "" without a cache
}

type rawFile struct {
	path      string
	src       []byte    // until it is parsed
	ast       *ast.File // the imports alone, until it is parsed
	parsed    bool
	lines     int
	generated bool
	ignored   bool // build constraint that nothing satisfies ("ignore")
	generator string
	test      *TestFile // of a _test.go file

	// What a cache goes by: the whole text, what importers see of it, and the imports
	// that this mentions.
	sum, face string
	mentions  []string
}

// readAll reads every .go file of the tree as far as its imports and groups the
// files into packages, sorted by folder and name.
func (s *scan) readAll() []*raw {
	var paths []string
	for _, f := range s.tree.Files() {
		if strings.HasSuffix(f.Path, ".go") {
			paths = append(paths, f.Path)
		}
	}
	files := make([]*rawFile, len(paths))
	each(len(paths), func(i int) {
		if s.ctx.Err() == nil {
			files[i] = s.readFile(paths[i])
		}
	})
	groups := map[string]*raw{}
	for _, f := range files {
		if f == nil {
			continue
		}
		s.lines += f.lines
		dir := path.Dir(f.path)
		name := f.ast.Name.Name
		if f.isTest() {
			name = strings.TrimSuffix(name, "_test")
		}
		key := dir + " " + name
		if f.ignored {
			key += " ignored"
		}
		p := groups[key]
		if p == nil {
			p = &raw{name: name, dir: dir}
			p.path, p.module = s.importPath(dir)
			groups[key] = p
		}
		if f.isTest() {
			p.tests = append(p.tests, f)
		} else {
			p.files = append(p.files, f)
		}
	}
	var out []*raw
	for _, p := range groups {
		p.imports = importsOf(p.files)
		out = append(out, p)
	}
	slices.SortFunc(out, func(a, b *raw) int {
		return cmp.Or(cmp.Compare(a.dir, b.dir), cmp.Compare(a.name, b.name), cmp.Compare(len(b.files), len(a.files)))
	})
	return out
}

func (f *rawFile) isTest() bool { return strings.HasSuffix(f.path, "_test.go") }

// readFile reads a file as far as its imports.
func (s *scan) readFile(name string) *rawFile {
	src, err := s.tree.ReadFile(name)
	if err != nil {
		s.report(scanners.SeverityError, scanners.Position{File: name}, "cannot be read: %v", err)
		return nil
	}
	f, err := parser.ParseFile(token.NewFileSet(), name, src, parser.ImportsOnly|parser.SkipObjectResolution)
	if f == nil || f.Name == nil || f.Name.Name == "" || f.Name.Name == "_" {
		s.reportSyntax(name, err)
		return nil
	}
	raw := &rawFile{
		path: name, src: src, ast: f,
		lines:     bytes.Count(src, []byte("\n")) + 1,
		generated: isGenerated(src),
		generator: generatorOf(src),
		ignored:   isIgnored(src, s.tags),
	}
	if s.cache != nil {
		raw.readFace()
	}
	return raw
}

// importPath is the import path of the package in dir, by its module.
func (s *scan) importPath(dir string) (string, *gomod.Module) {
	m := s.mods.ModuleOf(dir)
	if m == nil {
		return dir, nil
	}
	rel := strings.TrimPrefix(dir, m.Dir)
	if m.Dir == "." {
		rel = "/" + dir
	}
	if dir == m.Dir {
		rel = ""
	}
	return m.Path + rel, m
}

func importsOf(files []*rawFile) []string {
	var out []string
	for _, f := range files {
		for _, i := range f.ast.Imports {
			if p, err := strconv.Unquote(i.Path.Value); err == nil {
				out = append(out, p)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// header is the part of a file before its package clause.
func header(src []byte) []byte {
	if i := bytes.Index(src, []byte("\npackage ")); i >= 0 {
		return src[:i]
	}
	return nil
}

func isGenerated(src []byte) bool {
	for line := range bytes.Lines(header(src)) {
		line = bytes.TrimRight(line, "\r\n")
		if bytes.HasPrefix(line, []byte("// Code generated ")) && bytes.HasSuffix(line, []byte(" DO NOT EDIT.")) {
			return true
		}
	}
	return false
}

// isIgnored reports a constraint such as "ignore" or "tools", which no ordinary
// build satisfies, or that the tags given rule out.
func isIgnored(src []byte, tags map[string]bool) bool {
	for line := range bytes.Lines(header(src)) {
		x, err := constraint.Parse(strings.TrimSpace(string(line)))
		if err != nil {
			continue
		}
		return !canBe(x, true, tags)
	}
	return false
}

// neverSet are tags that only the tools set that read such files.
var neverSet = map[string]bool{"ignore": true, "tools": true, "mage": true, "generate": true, "wireinject": true}

// canBe reports whether some build makes the constraint true (or false): any tag
// may be set or not, but those given and those that no ordinary build sets.
func canBe(x constraint.Expr, want bool, tags map[string]bool) bool {
	switch x := x.(type) {
	case *constraint.TagExpr:
		if set, ok := tags[x.Tag]; ok {
			return set == want
		}
		return !want || !neverSet[x.Tag]
	case *constraint.NotExpr:
		return canBe(x.X, !want, tags)
	case *constraint.AndExpr:
		if want {
			return canBe(x.X, true, tags) && canBe(x.Y, true, tags)
		}
		return canBe(x.X, false, tags) || canBe(x.Y, false, tags)
	case *constraint.OrExpr:
		if want {
			return canBe(x.X, true, tags) || canBe(x.Y, true, tags)
		}
		return canBe(x.X, false, tags) && canBe(x.Y, false, tags)
	}
	return true
}

// position turns a token.Pos into a position of the report.
func position(fset *token.FileSet, pos token.Pos) scanners.Position {
	if !pos.IsValid() {
		return scanners.Position{}
	}
	p := fset.PositionFor(pos, false)
	return scanners.Position{File: p.Filename, Line: p.Line, Column: p.Column}
}
