package gosrc

import (
	"errors"
	"go/ast"
	"go/token"
	"go/types"
	"strconv"
)

// stubType declares an opaque type of so many type parameters.
func stubType(p *types.Package, name string, params int) *types.TypeName {
	tn := types.NewTypeName(token.NoPos, p, name, nil)
	named := types.NewNamed(tn, types.NewStruct(nil, nil), nil)
	var list []*types.TypeParam
	for range params {
		param := types.NewTypeName(token.NoPos, p, "T", nil)
		list = append(list, types.NewTypeParam(param, types.Universe.Lookup("any").Type()))
	}
	named.SetTypeParams(list)
	return tn
}

// markFake tells go/types that a package is a stand-in, so that a name which it does
// not have is no error. Only go/types can set the mark, on what a failed import
// returns. That is done here, once: at the imports themselves it would be a race of
// all packages that import the stub.
func markFake(p *types.Package) {
	spec := &ast.ImportSpec{Path: &ast.BasicLit{Kind: token.STRING, Value: strconv.Quote("stub")}}
	file := &ast.File{Name: ast.NewIdent("marker"), Decls: []ast.Decl{&ast.GenDecl{Tok: token.IMPORT, Specs: []ast.Spec{spec}}}}
	conf := types.Config{Importer: failingImporter{p}, Error: func(error) {}}
	_, _ = conf.Check("marker", token.NewFileSet(), []*ast.File{file}, nil)
}

// failingImporter returns its package and says that it could not be had.
type failingImporter struct{ pkg *types.Package }

func (f failingImporter) Import(string) (*types.Package, error) {
	return f.pkg, errors.New("not on this machine")
}
