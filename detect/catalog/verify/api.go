package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// api is what a package declares, as far as syntax tells: enough to say whether a
// symbol of the catalog exists, without type-checking the package's own imports.
// Files of all platforms count.
type api struct {
	funcs map[string]bool // functions, variables, constants
	types map[string]*typeDecl
}

type typeDecl struct {
	members map[string]ref // fields and methods, with a field's type
	embeds  []ref          // embedded, aliased or underlying types
}

// ref names a type: in package pkg, "" for the declaring one.
type ref struct{ pkg, name string }

func parsePackage(dir string) (*api, error) {
	files, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	a := &api{funcs: map[string]bool{}, types: map[string]*typeDecl{}}
	fset := token.NewFileSet()
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		syntax, err := parser.ParseFile(fset, filepath.Join(dir, f.Name()), nil, parser.SkipObjectResolution)
		if err != nil {
			continue // templates and deliberately broken files; what parsed counts
		}
		a.file(syntax)
	}
	return a, nil
}

func (a *api) decl(name string) *typeDecl {
	if a.types[name] == nil {
		a.types[name] = &typeDecl{members: map[string]ref{}}
	}
	return a.types[name]
}

func (a *api) file(f *ast.File) {
	imports := map[string]string{}
	for _, spec := range f.Imports {
		path, _ := strconv.Unquote(spec.Path.Value)
		if spec.Name != nil {
			imports[spec.Name.Name] = path
			continue
		}
		imports[packageName(path)] = path
	}
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil {
				a.funcs[d.Name.Name] = true
			} else if recv := typeRef(d.Recv.List[0].Type, nil); recv.name != "" {
				a.decl(recv.name).members[d.Name.Name] = ref{}
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					t := a.decl(spec.Name.Name)
					t.add("", spec.Type, imports)
				case *ast.ValueSpec:
					for _, n := range spec.Names {
						a.funcs[n.Name] = true
					}
				}
			}
		}
	}
}

// add takes in the members of a type expression; those of an anonymous struct in a
// field stand under the field's name ("Net.ReadTimeout").
func (t *typeDecl) add(prefix string, x ast.Expr, imports map[string]string) {
	var fields *ast.FieldList
	switch x := x.(type) {
	case *ast.StructType:
		fields = x.Fields
	case *ast.InterfaceType:
		fields = x.Methods
	default:
		if r := typeRef(x, imports); r.name != "" {
			t.embeds = append(t.embeds, r)
		}
		return
	}
	for _, f := range fields.List {
		r := typeRef(f.Type, imports)
		if len(f.Names) == 0 && r.name != "" {
			t.embeds = append(t.embeds, r)
			t.members[prefix+r.name] = r
		}
		for _, n := range f.Names {
			t.members[prefix+n.Name] = r
			if s, ok := f.Type.(*ast.StructType); ok {
				t.add(prefix+n.Name+".", s, imports)
			}
		}
	}
}

// typeRef names the type of an expression, without pointers and type arguments.
func typeRef(x ast.Expr, imports map[string]string) ref {
	switch x := x.(type) {
	case *ast.StarExpr:
		return typeRef(x.X, imports)
	case *ast.ParenExpr:
		return typeRef(x.X, imports)
	case *ast.IndexExpr:
		return typeRef(x.X, imports)
	case *ast.IndexListExpr:
		return typeRef(x.X, imports)
	case *ast.Ident:
		return ref{name: x.Name}
	case *ast.SelectorExpr:
		if pkg, ok := x.X.(*ast.Ident); ok {
			path := imports[pkg.Name]
			if path == "" {
				path = "?" // imported under a name that its path does not show
			}
			return ref{path, x.Sel.Name}
		}
	}
	return ref{}
}

// packageName guesses a package's name from its path.
func packageName(path string) string {
	last := path[strings.LastIndexByte(path, '/')+1:]
	if n := len(last); n > 1 && last[0] == 'v' && strings.Trim(last[1:], "0123456789") == "" {
		path = parent(path)
		last = path[strings.LastIndexByte(path, '/')+1:]
	}
	last, _, _ = strings.Cut(last, ".")
	return strings.TrimPrefix(strings.TrimSuffix(last, "-go"), "go-")
}
