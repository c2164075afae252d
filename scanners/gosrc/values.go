package gosrc

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/intscan/intscan/scanners"
)

// value says where the value of an expression comes from. The same expression
// always gives the same node, so that effects meet on it.
func (s *summarizer) value(e ast.Expr) *Value {
	if e == nil {
		return &Value{Kind: Opaque}
	}
	if v := s.values[e]; v != nil {
		return v
	}
	if s.depth > 200 {
		return &Value{Kind: Opaque, At: s.at(e)}
	}
	s.depth++
	v := s.newValue(e)
	s.depth--
	if v.Type == "" {
		v.Type = s.typeOf(e)
	}
	s.values[e] = v
	return v
}

func (s *summarizer) typeOf(e ast.Expr) string {
	if tv, ok := s.info.Types[e]; ok && tv.Type != nil {
		return typeSymbol(tv.Type)
	}
	if id, ok := e.(*ast.Ident); ok {
		if o := s.object(id); o != nil && o.Type() != nil {
			return typeSymbol(o.Type())
		}
	}
	return ""
}

func (s *summarizer) object(id *ast.Ident) types.Object {
	if o := s.info.Uses[id]; o != nil {
		return o
	}
	return s.info.Defs[id]
}

func (s *summarizer) newValue(e ast.Expr) *Value {
	if tv, ok := s.info.Types[e]; ok && tv.Value != nil {
		return &Value{Kind: Const, Text: constText(tv.Value), Type: typeSymbol(tv.Type), At: s.at(e)}
	}
	switch e := e.(type) {
	case *ast.Ident:
		return s.identValue(e)
	case *ast.BasicLit:
		v := constant.MakeFromLiteral(e.Value, e.Kind, 0)
		return &Value{Kind: Const, Text: constText(v), At: s.at(e)}
	case *ast.ParenExpr:
		return s.value(e.X)
	case *ast.StarExpr:
		return s.value(e.X)
	case *ast.UnaryExpr:
		if e.Op == token.ARROW {
			return &Value{Kind: Element, X: s.value(e.X), At: s.at(e)}
		}
		return s.value(e.X)
	case *ast.TypeAssertExpr:
		v := s.value(e.X)
		return v
	case *ast.IndexExpr:
		if tv, ok := s.info.Types[e.Index]; ok && tv.IsType() {
			return s.value(e.X) // an instance of a generic function
		}
		return &Value{Kind: Element, X: s.value(e.X), At: s.at(e)}
	case *ast.IndexListExpr:
		return s.value(e.X)
	case *ast.SliceExpr:
		return s.value(e.X)
	case *ast.BinaryExpr:
		return &Value{Kind: Concat, Name: e.Op.String(), Args: []*Value{s.value(e.X), s.value(e.Y)}, At: s.at(e)}
	case *ast.SelectorExpr:
		return s.selectorValue(e)
	case *ast.CompositeLit:
		return s.compositeValue(e)
	case *ast.FuncLit:
		return s.closureValue(e)
	case *ast.CallExpr:
		return s.callValue(e)
	}
	return &Value{Kind: Opaque, At: s.at(e)}
}

func constText(v constant.Value) string {
	if v.Kind() == constant.String {
		return constant.StringVal(v)
	}
	if v.Kind() == constant.Unknown {
		return ""
	}
	if i := constant.ToInt(v); i.Kind() == constant.Int {
		return i.ExactString()
	}
	return v.String()
}

func (s *summarizer) identValue(id *ast.Ident) *Value {
	at := s.at(id)
	switch o := s.object(id).(type) {
	case *types.Nil:
		return &Value{Kind: Nil, Text: "nil", At: at}
	case *types.Const:
		if o.Val() != nil {
			return &Value{Kind: Const, Text: constText(o.Val()), Type: typeSymbol(o.Type()), At: at}
		}
	case *types.Func:
		return &Value{Kind: FuncRef, Name: funcSymbol(o), At: at}
	case *types.Var:
		if o.Pkg() != nil && o.Parent() == o.Pkg().Scope() {
			return &Value{Kind: Global, Name: objectSymbol(o), Type: typeSymbol(o.Type()), At: at}
		}
		return s.localValue(o, id)
	}
	if id.Name == "nil" {
		return &Value{Kind: Nil, At: at}
	}
	return &Value{Kind: Opaque, Name: id.Name, At: at}
}

// localValue joins what the assignments that reach a use put into the variable.
func (s *summarizer) localValue(o *types.Var, id *ast.Ident) *Value {
	if s.body == nil {
		return &Value{Kind: Opaque, Name: id.Name, At: s.at(id)}
	}
	var vals []*Value
	reaching := s.body.reaching(o, id.Pos())
	if len(reaching) >= maxReaching && len(s.pkg.Cut) < 10 {
		s.pkg.Cut = append(s.pkg.Cut, s.at(id))
	}
	for _, a := range reaching {
		if v := s.assigned(o, a); v != nil && !slices.Contains(vals, v) {
			vals = append(vals, v)
		}
	}
	if len(vals) > 1 {
		// "var c T" before the branches that set it is no value of its own.
		vals = slices.DeleteFunc(vals, func(v *Value) bool { return v.Kind == Nil || s.zeros[v] && len(v.Effects) == 0 })
	}
	switch len(vals) {
	case 0:
		return &Value{Kind: Opaque, Name: id.Name, Type: typeSymbol(o.Type()), At: s.at(id)}
	case 1:
		return vals[0]
	}
	union := &Value{Kind: Union, Args: vals, Type: typeSymbol(o.Type()), At: s.at(id)}
	if reaching[0].missing && reaching[0].value == vals[0] {
		union.Index = 1
	}
	return union
}

func (s *summarizer) assigned(o *types.Var, a *assign) *Value {
	if a.value != nil {
		return a.value
	}
	if a.busy || a.rhs == nil {
		return nil
	}
	a.busy = true
	var v *Value
	switch {
	case a.elem:
		v = &Value{Kind: Element, X: s.value(a.rhs), At: s.at(a.rhs)}
	case a.key:
		v = &Value{Kind: Opaque, Text: "key", X: s.value(a.rhs), At: s.at(a.rhs)}
	case a.index >= 0:
		v = s.tupleValue(a.rhs, a.index)
	case s.body.changed[o] && s.copies(a.rhs):
		v = &Value{Kind: Composite, Type: s.typeOf(a.rhs), X: s.value(a.rhs), At: s.at(a.rhs)}
	default:
		v = s.value(a.rhs)
	}
	a.busy = false
	a.value = v
	return v
}

// copies: the expression names a struct, which an assignment copies.
func (s *summarizer) copies(e ast.Expr) bool {
	switch x := ast.Unparen(e).(type) {
	case *ast.StarExpr:
	case *ast.Ident, *ast.SelectorExpr:
		if tv, ok := s.info.Types[x]; ok && tv.Type != nil {
			_, isStruct := tv.Type.Underlying().(*types.Struct)
			return isStruct
		}
		return false
	default:
		return false
	}
	return true
}

// tupleValue is the index-th value of an expression with several.
func (s *summarizer) tupleValue(e ast.Expr, index int) *Value {
	switch x := e.(type) {
	case *ast.ParenExpr:
		return s.tupleValue(x.X, index)
	case *ast.CallExpr:
		first := s.value(x)
		if index == 0 || first.Kind != Result {
			if index == 0 {
				return first
			}
			return &Value{Kind: Opaque, At: s.at(e)}
		}
		v := &Value{Kind: Result, Call: first.Call, Index: index, At: s.at(e)}
		if tv, ok := s.info.Types[x]; ok {
			if t, ok := tv.Type.(*types.Tuple); ok && index < t.Len() {
				v.Type = typeSymbol(t.At(index).Type())
			}
		}
		return v
	case *ast.TypeAssertExpr, *ast.IndexExpr, *ast.UnaryExpr:
		if index == 0 {
			return s.value(e)
		}
	}
	return &Value{Kind: Opaque, At: s.at(e)}
}

func (s *summarizer) selectorValue(e *ast.SelectorExpr) *Value {
	at := s.at(e.Sel)
	if id, ok := e.X.(*ast.Ident); ok {
		if pn, ok := s.info.Uses[id].(*types.PkgName); ok {
			return s.packageMember(pn, e, at)
		}
	}
	if sel := s.info.Selections[e]; sel != nil {
		switch o := sel.Obj().(type) {
		case *types.Var:
			x, name := s.value(e.X), s.fieldSymbol(sel)
			if (x.Kind == Field || x.Kind == Global) && typeSymbol(sel.Recv()) == "" && len(sel.Index()) == 1 {
				name = x.Name + "." + o.Name() // a field of an unnamed struct: Config.Net.ReadTimeout
			}
			return &Value{Kind: Field, Name: name, X: x, Type: typeSymbol(o.Type()), At: at}
		case *types.Func:
			if sel.Kind() == types.MethodExpr {
				return &Value{Kind: FuncRef, Name: funcSymbol(o), At: at}
			}
			return &Value{Kind: FuncRef, Name: funcSymbol(o), X: s.value(e.X), At: at}
		}
	}
	x := s.value(e.X)
	name := "?." + e.Sel.Name
	if t := s.typeOf(e.X); t != "" {
		name = t + "." + e.Sel.Name
	} else if pkg := s.rootPackage(e.X); pkg != "" {
		name = pkg + "." + name
	}
	return &Value{Kind: Field, Name: name, X: x, At: at}
}

// rootPackage is, for a chain of fields whose types are not known, the package of
// the value at its start: that of opts in opts.Retry.MaxRetries.
func (s *summarizer) rootPackage(e ast.Expr) string {
	for {
		sel, ok := ast.Unparen(e).(*ast.SelectorExpr)
		if !ok {
			return ""
		}
		e = sel.X
		t := s.info.TypeOf(e)
		if p, ok := t.(*types.Pointer); ok {
			t = p.Elem()
		}
		if named, ok := t.(*types.Named); ok && named.Obj().Pkg() != nil {
			return named.Obj().Pkg().Path()
		}
	}
}

func (s *summarizer) packageMember(pn *types.PkgName, e *ast.SelectorExpr, at scanners.Position) *Value {
	sym := pn.Imported().Path() + "." + e.Sel.Name
	switch o := s.info.Uses[e.Sel].(type) {
	case *types.Func:
		return &Value{Kind: FuncRef, Name: sym, At: at}
	case *types.Var:
		return &Value{Kind: Global, Name: sym, Type: typeSymbol(o.Type()), At: at}
	}
	return &Value{Kind: Global, Name: sym, At: at}
}

func (s *summarizer) compositeValue(e *ast.CompositeLit) *Value {
	v := &Value{Kind: Composite, Type: s.typeOf(e), At: s.at(e)}
	s.values[e] = v // literals may refer to themselves through closures
	var st *types.Struct
	if tv, ok := s.info.Types[e]; ok && tv.Type != nil {
		st = structOf(tv.Type)
		switch types.Unalias(tv.Type).Underlying().(type) {
		case *types.Slice, *types.Array, *types.Map:
			v.Kind = List
		}
	} else {
		switch e.Type.(type) {
		case *ast.ArrayType, *ast.MapType:
			v.Kind = List
		}
	}
	if keyedByValues(e) {
		v.Kind = List // also where the map's type is a missing library's
	}
	for i, el := range e.Elts {
		if v.Kind == List {
			if kv, ok := el.(*ast.KeyValueExpr); ok {
				v.Fields = append(v.Fields, FieldValue{Name: s.value(kv.Key).Text, Value: s.value(kv.Value), At: s.at(kv)})
				el = kv.Value
			}
			v.Args = append(v.Args, s.value(el))
			continue
		}
		name := ""
		if kv, ok := el.(*ast.KeyValueExpr); ok {
			if id, ok := kv.Key.(*ast.Ident); ok {
				name = id.Name
			}
			el = kv.Value
		} else if st != nil && i < st.NumFields() {
			name = st.Field(i).Name()
		}
		fv := FieldValue{Name: name, Value: s.value(el), At: s.at(el)}
		v.Fields = append(v.Fields, fv)
		if symbol := s.literalField(v, st, name); symbol != "" {
			s.pkg.Stores = append(s.pkg.Stores, Store{Symbol: symbol, Value: fv.Value, At: fv.At, Fn: s.fn})
		}
	}
	return v
}

// literalField names a field of a struct's literal, also where the struct has no name:
// []struct{ run func() error }{{s.index}, {s.sweep}}.
func (s *summarizer) literalField(v *Value, st *types.Struct, name string) string {
	switch {
	case name == "":
		return ""
	case v.Type != "":
		return v.Type + "." + name
	case st != nil:
		for f := range st.Fields() {
			if f.Name() == name {
				return s.fieldOf(st, f)
			}
		}
	}
	return ""
}

// keyedByValues: a key of the literal is no name, so that it is no struct's field.
func keyedByValues(e *ast.CompositeLit) bool {
	return slices.ContainsFunc(e.Elts, func(el ast.Expr) bool {
		kv, ok := el.(*ast.KeyValueExpr)
		if !ok {
			return false
		}
		_, name := kv.Key.(*ast.Ident)
		return !name
	})
}

func (s *summarizer) closureValue(e *ast.FuncLit) *Value {
	fn := &Func{
		Pkg: s.pkg, Lit: true, Parent: s.fn, At: s.at(e),
		ParamEffects: map[int][]Effect{},
	}
	if s.fn != nil {
		fn.Name = s.fn.Name
		fn.Recv = s.fn.Recv
	}
	v := &Value{Kind: Closure, Fn: fn, At: s.at(e)}
	s.values[e] = v
	s.pkg.Funcs = append(s.pkg.Funcs, fn)
	s.signature(fn, e.Type)
	outer := s.body
	if outer == nil {
		outer = newBodyState()
	}
	s.enter(fn, outer, func() {
		s.bindParams(e.Type.Params, 0)
		named := s.body.results
		s.body.results = nil
		s.namedResults(e.Type.Results)
		s.walk(e.Body)
		s.body.results = named
	})
	return v
}

// attach notes what is done to a value, where the value was made.
func (s *summarizer) attach(v *Value, ef Effect) { s.attachTo(v, ef, 0) }

func (s *summarizer) attachTo(v *Value, ef Effect, depth int) {
	if v == nil || depth > 8 {
		return
	}
	switch v.Kind {
	case Composite, Result, List, Closure, FuncRef:
		v.Effects = append(v.Effects, ef)
	case Union:
		ef.Maybe = true
		for _, a := range v.Args {
			s.attachTo(a, ef, depth+1)
		}
	case Element:
		ef.Maybe = true
		s.attachTo(v.X, ef, depth+1)
	case Param:
		if v.Fn != nil && v.Fn.Pkg == s.pkg {
			v.Fn.ParamEffects[v.Index] = append(v.Fn.ParamEffects[v.Index], ef)
		}
	case Field, Global:
		if v.Name != "" {
			named := ef
			named.On = v
			s.pkg.Effects[v.Name] = append(s.pkg.Effects[v.Name], named)
		}
		if v.X != nil && !strings.HasPrefix(v.Name, s.pkg.Path+".") {
			// A part of a library's struct: the whole is changed too.
			s.attachTo(v.X, ef, depth+1)
		}
	}
}
