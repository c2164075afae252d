package gosrc

import (
	"bytes"
	"errors"
	"go/ast"
	"go/parser"
	"go/scanner"
	"slices"
	"strings"

	"github.com/intscan/intscan/scanners"
)

// parse reads the files of the packages whole, as many at a time as there are cores.
func (s *scan) parse(raws []*raw) {
	var files []*rawFile
	var of []*raw
	for _, r := range raws {
		for _, f := range slices.Concat(r.files, r.tests) {
			if !f.parsed {
				files, of = append(files, f), append(of, r)
			}
		}
	}
	flawed := make([]bool, len(files))
	each(len(files), func(i int) {
		if s.ctx.Err() == nil {
			flawed[i] = !s.parseFile(files[i])
		}
	})
	for i, r := range of {
		r.flawed = r.flawed || flawed[i]
	}
}

// declared parses what is to be read: the packages whose summary is not known, whole,
// and the declarations of the known ones that they need, by way of others too.
func (s *scan) declared(raws []*raw) []*raw {
	byPath := importable(raws)
	var round, all []*raw
	for _, r := range raws {
		if !r.known {
			round = append(round, r)
		}
	}
	s.parse(round)
	wanted := map[*raw]bool{}
	for len(round) > 0 {
		all = append(all, round...)
		var next []*raw
		for _, r := range round {
			for _, imp := range r.imports {
				if p := byPath[imp]; p != nil && p.known && !wanted[p] {
					wanted[p] = true
					next = append(next, p)
				}
			}
		}
		each(len(next), func(i int) { s.parseDeclarations(next[i]) })
		round = next
	}
	return all
}

// parseDeclarations reads of a package what its importers see.
func (s *scan) parseDeclarations(r *raw) {
	for _, f := range r.files {
		switch whole := f.ast; {
		case f.parsed: // for what it shows of missing packages
			dropBodies(whole)
			pruneImports(whole)
		default:
			if whole = parseDeclarations(s.fset, f.path, f.src); whole != nil {
				pruneImports(whole)
				f.ast = whole
			}
		}
		f.src, f.parsed = nil, true
	}
	r.imports = importsOf(r.files)
}

// parseFile reads a file whole; of a test file the imports are enough, and names.
// false: there is something wrong with it.
func (s *scan) parseFile(f *rawFile) bool {
	src := f.src
	f.src, f.parsed = nil, true
	mode := parser.SkipObjectResolution
	if f.isTest() {
		mode |= parser.ImportsOnly
	}
	text, declarationsOnly := src, s.leavesOut(f, src)
	if declarationsOnly {
		text = blankBodies(src) // parsing what is left out would cost most of the time
	}
	whole, err := parser.ParseFile(s.fset, f.path, text, mode)
	if err != nil && declarationsOnly {
		whole, err = parser.ParseFile(s.fset, f.path, src, mode)
	}
	if err != nil {
		s.reportSyntax(f.path, err)
	}
	if whole == nil {
		return false
	}
	f.ast = whole
	if declarationsOnly {
		dropBodies(whole) // those that blanking did not recognise
	}
	if f.isTest() {
		f.test = s.readTest(f.path, src, whole)
	}
	return err == nil
}

// leavesOut: only the imports that matter give a file's functions something to tell.
func (s *scan) leavesOut(f *rawFile, src []byte) bool {
	if s.relevant == nil || f.isTest() {
		return false
	}
	if strings.HasSuffix(f.path, ".pb.go") && f.generated {
		return true // messages and stubs; who calls those tells more
	}
	return !slices.ContainsFunc(importsOf([]*rawFile{f}), func(imp string) bool {
		if imp == "os" && !bytes.Contains(src, []byte("env(")) && !bytes.Contains(src, []byte("Env(")) {
			return false // of os only the environment matters
		}
		return s.relevant(imp)
	})
}

func dropBodies(f *ast.File) {
	for _, d := range f.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok {
			fn.Body = nil
		}
	}
}

func (s *scan) reportSyntax(name string, err error) {
	at, msg := scanners.Position{File: name}, err.Error()
	var list scanner.ErrorList
	if errors.As(err, &list) && len(list) > 0 {
		at.Line, at.Column, msg = list[0].Pos.Line, list[0].Pos.Column, list[0].Msg
	}
	s.report(scanners.SeverityWarning, at, "syntax error: %s; the rest of the file is read as far as it can be", msg)
}
