package gosrc

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/intscan/intscan/scanners"
)

// summarizer turns the syntax of one package, with what is known of its types,
// into its summary.
type summarizer struct {
	fset *token.FileSet
	pkg  *Package
	info *types.Info

	zeros  map[*Value]bool // structs declared without a value
	fn     *Func           // the function being read; nil at package level
	body   *bodyState      // its locals
	values map[ast.Expr]*Value
	calls  map[*ast.CallExpr]*Call
	loops  []*Loop
	named  map[*ast.StructType]bool // structs whose fields are read already
	depth  int
}

func (s *summarizer) at(n ast.Node) scanners.Position { return position(s.fset, n.Pos()) }

// file reads one file: first the functions, so that each call is met in its own
// function, then what stands at package level.
func (s *summarizer) file(f *ast.File) {
	if s.values == nil {
		s.values, s.calls = map[ast.Expr]*Value{}, map[*ast.CallExpr]*Call{}
		s.named = map[*ast.StructType]bool{}
	}
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			s.funcDecl(d)
		case *ast.GenDecl:
			s.genDecl(d)
		}
	}
	s.strings(f)
}

func (s *summarizer) genDecl(d *ast.GenDecl) {
	for _, spec := range d.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			s.typeDecl(spec)
		case *ast.ValueSpec:
			if d.Tok == token.VAR {
				s.globalVar(spec)
			}
		}
	}
}

// globalVar reads package variables in a function of its own, "init of NAME", so
// that calls and literals in the initialiser have a place.
func (s *summarizer) globalVar(spec *ast.ValueSpec) {
	if len(spec.Values) == 0 {
		return
	}
	fn := &Func{
		Pkg: s.pkg, Name: s.pkg.Path + ".init", At: s.at(spec),
		ParamEffects: map[int][]Effect{},
	}
	s.pkg.Funcs = append(s.pkg.Funcs, fn)
	s.enter(fn, nil, func() {
		s.body.collectExprs(s, spec.Values)
		stored := len(s.pkg.Stores)
		for _, v := range spec.Values {
			s.walk(v)
			s.uses(v, stored)
		}
		for i, name := range spec.Names {
			if name.Name == "_" {
				continue
			}
			sym := s.pkg.Path + "." + name.Name
			var v *Value
			if len(spec.Values) == len(spec.Names) {
				v = s.value(spec.Values[i])
			} else {
				v = s.tupleValue(spec.Values[0], i)
			}
			s.pkg.Stores = append(s.pkg.Stores, Store{Symbol: sym, Value: v, At: s.at(name), Fn: fn})
		}
	})
}

func (s *summarizer) funcDecl(d *ast.FuncDecl) {
	fn := &Func{
		Pkg: s.pkg, At: s.at(d.Name), Exported: d.Name.IsExported(),
		ParamEffects: map[int][]Effect{},
	}
	if obj, ok := s.info.Defs[d.Name].(*types.Func); ok {
		fn.Symbol, fn.Name = funcSymbol(obj), displayName(obj)
	} else {
		fn.Symbol = s.pkg.Path + "." + d.Name.Name
		if d.Recv != nil && len(d.Recv.List) > 0 {
			fn.Symbol = s.pkg.Path + "." + receiverName(d.Recv.List[0].Type) + "." + d.Name.Name
		}
		fn.Name = fn.Symbol
	}
	if d.Recv != nil && len(d.Recv.List) > 0 {
		fn.Recv = s.pkg.Path + "." + receiverName(d.Recv.List[0].Type)
	}
	s.pkg.Funcs = append(s.pkg.Funcs, fn)
	s.signature(fn, d.Type)
	s.enter(fn, nil, func() {
		if d.Recv != nil {
			s.bindParams(d.Recv, -1)
		}
		s.bindParams(d.Type.Params, 0)
		s.namedResults(d.Type.Results)
		if d.Body != nil {
			s.body.collect(s, d.Body)
			s.body.jumps, s.body.seconds, s.body.onFailure = s.jumps(d.Body), s.secondAttempts(d.Body), s.callsAfterFailure(d)
			stored := len(s.pkg.Stores)
			s.walk(d.Body)
			s.uses(d.Body, stored)
		}
	})
}

func receiverName(e ast.Expr) string {
	for {
		switch x := e.(type) {
		case *ast.StarExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.IndexListExpr:
			e = x.X
		case *ast.Ident:
			return x.Name
		default:
			return "?"
		}
	}
}

func (s *summarizer) signature(fn *Func, t *ast.FuncType) {
	if t.Params == nil {
		return
	}
	for _, f := range t.Params.List {
		sym := s.exprTypeSymbol(f.Type)
		if _, ok := f.Type.(*ast.Ellipsis); ok {
			fn.Variadic = true
		}
		for range max(1, len(f.Names)) {
			fn.Params = append(fn.Params, sym)
		}
	}
}

// exprTypeSymbol names the type that a type expression denotes.
func (s *summarizer) exprTypeSymbol(e ast.Expr) string {
	if el, ok := e.(*ast.Ellipsis); ok {
		e = el.Elt
	}
	if tv, ok := s.info.Types[e]; ok && tv.Type != nil {
		if sym := typeSymbol(tv.Type); sym != "" {
			return sym
		}
	}
	switch x := e.(type) {
	case *ast.StarExpr:
		return s.exprTypeSymbol(x.X)
	case *ast.ParenExpr:
		return s.exprTypeSymbol(x.X)
	case *ast.ArrayType:
		return s.exprTypeSymbol(x.Elt)
	case *ast.IndexExpr:
		return s.exprTypeSymbol(x.X)
	case *ast.SelectorExpr:
		if id, ok := x.X.(*ast.Ident); ok {
			if pn, ok := s.info.Uses[id].(*types.PkgName); ok {
				return pn.Imported().Path() + "." + x.Sel.Name
			}
		}
	}
	return ""
}

// enter runs read with fn as the current function; a literal sees the locals of
// the functions around it.
func (s *summarizer) enter(fn *Func, outer *bodyState, read func()) {
	saved, savedBody, savedLoops := s.fn, s.body, s.loops
	s.fn, s.body, s.loops = fn, outer, nil
	if outer == nil {
		s.body = newBodyState()
	}
	read()
	s.fn, s.body, s.loops = saved, savedBody, savedLoops
}

func (s *summarizer) bindParams(fields *ast.FieldList, start int) {
	if fields == nil {
		return
	}
	i := start
	for _, f := range fields.List {
		for _, name := range f.Names {
			if obj := s.info.Defs[name]; obj != nil {
				v := &Value{Kind: Param, Fn: s.fn, Index: i, Name: name.Name, Type: s.exprTypeSymbol(f.Type), At: s.at(name)}
				s.body.bind(obj, v, name.Pos())
			}
			i++
		}
		if len(f.Names) == 0 {
			i++
		}
	}
}

func (s *summarizer) namedResults(fields *ast.FieldList) {
	if fields == nil {
		return
	}
	for _, f := range fields.List {
		for _, name := range f.Names {
			if obj := s.info.Defs[name]; obj != nil {
				s.body.bind(obj, s.zeroValue(f.Type, name), name.Pos())
				s.body.results = append(s.body.results, obj)
			}
		}
	}
}

// zeroValue is what a variable declared without a value holds. For a struct that
// is an empty literal, whose fields may be set later.
func (s *summarizer) zeroValue(t ast.Expr, n ast.Node) *Value {
	v := &Value{Kind: Nil, Type: s.exprTypeSymbol(t), At: s.at(n)}
	if tv, ok := s.info.Types[t]; ok && tv.Type != nil {
		if _, isPtr := types.Unalias(tv.Type).(*types.Pointer); isPtr {
			return v
		}
		switch tv.Type.Underlying().(type) {
		case *types.Struct:
			v.Kind = Composite
			if s.zeros == nil {
				s.zeros = map[*Value]bool{}
			}
			s.zeros[v] = true
		case *types.Slice, *types.Map, *types.Array:
			v.Kind = List
		}
	}
	return v
}

// typeDecl records a declared type: its methods, fields, embedded types, tags.
func (s *summarizer) typeDecl(spec *ast.TypeSpec) {
	t := &Type{Symbol: s.pkg.Path + "." + spec.Name.Name, At: s.at(spec.Name), Methods: map[string]string{}, Fields: map[string]string{}, Promoted: map[string]string{}}
	s.pkg.Types = append(s.pkg.Types, t)
	if st, ok := spec.Type.(*ast.StructType); ok {
		s.structFields(t, st)
	}
	obj, ok := s.info.Defs[spec.Name].(*types.TypeName)
	if !ok || obj.Type() == nil {
		return
	}
	typ := obj.Type()
	if obj.IsAlias() {
		t.Embeds = append(t.Embeds, typeSymbol(typ))
		return
	}
	_, t.Interface = typ.Underlying().(*types.Interface)
	set := types.NewMethodSet(typ)
	if !t.Interface {
		set = types.NewMethodSet(types.NewPointer(typ))
	}
	for m := range set.Methods() {
		f, ok := m.Obj().(*types.Func)
		if !ok {
			continue
		}
		t.Methods[f.Name()] = signatureKey(f)
		if decl := funcSymbol(f); decl != t.Symbol+"."+f.Name() {
			t.Promoted[f.Name()] = decl
		}
	}
}

func signatureKey(f *types.Func) string {
	sig, ok := f.Type().(*types.Signature)
	if !ok {
		return "?"
	}
	// Parameter names do not count; types are written with their package path.
	q := func(p *types.Package) string { return p.Path() }
	key := fmt.Sprintf("%d:%d:%s", sig.Params().Len(), sig.Results().Len(),
		types.TypeString(types.NewSignatureType(nil, nil, nil, unnamed(sig.Params()), unnamed(sig.Results()), sig.Variadic()), q))
	key = strings.ReplaceAll(key, "interface{}", "any") // printed as it was written
	if recv := sig.Recv(); recv != nil && parametrised(recv.Type()) {
		key += GenericMethod
	}
	return key
}

// GenericMethod ends the signature of a method of a generic type: what stands for
// its type parameters is not known from the signature.
const GenericMethod = " [generic]"

func parametrised(t types.Type) bool {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	n, ok := types.Unalias(t).(*types.Named)
	return ok && n.TypeParams().Len() > 0
}

func unnamed(t *types.Tuple) *types.Tuple {
	vars := make([]*types.Var, 0, t.Len())
	for v := range t.Variables() {
		vars = append(vars, types.NewVar(token.NoPos, nil, "", unaliased(v.Type())))
	}
	return types.NewTuple(vars...)
}

// unaliased is the type that an alias stands for: two names of one type make no
// difference between signatures.
func unaliased(t types.Type) types.Type {
	switch x := types.Unalias(t).(type) {
	case *types.Pointer:
		return types.NewPointer(unaliased(x.Elem()))
	case *types.Slice:
		return types.NewSlice(unaliased(x.Elem()))
	case *types.Array:
		return types.NewArray(unaliased(x.Elem()), x.Len())
	case *types.Map:
		return types.NewMap(unaliased(x.Key()), unaliased(x.Elem()))
	case *types.Chan:
		return types.NewChan(x.Dir(), unaliased(x.Elem()))
	case *types.Signature:
		return types.NewSignatureType(nil, nil, nil, unnamed(x.Params()), unnamed(x.Results()), x.Variadic())
	default:
		return x
	}
}

// finish puts the summary in its final order.
func (s *summarizer) finish() {
	for _, fn := range s.pkg.Funcs {
		slices.SortStableFunc(fn.Calls, func(a, b *Call) int { return a.At.Compare(b.At) })
	}
	slices.SortStableFunc(s.pkg.Strings, func(a, b String) int { return a.At.Compare(b.At) })
}
