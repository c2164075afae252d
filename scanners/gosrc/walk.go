package gosrc

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"github.com/intscan/intscan/scanners"
)

// walk reads statements and expressions in source order and records the calls,
// stores and returns of the current function.
func (s *summarizer) walk(n ast.Node) {
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			s.value(n)
			return false
		case *ast.ForStmt, *ast.RangeStmt:
			s.loop(n.(ast.Stmt))
			return false
		case *ast.GoStmt:
			if c := s.call(n.Call); c != nil {
				c.Go = true
			}
		case *ast.CallExpr:
			s.call(n)
		case *ast.CompositeLit:
			if v := s.value(n); v.Kind == Composite {
				s.use(v.Type, n)
			}
		case *ast.SelectorExpr:
			s.useSelector(n)
		case *ast.AssignStmt:
			s.assignment(n)
		case *ast.ReturnStmt:
			s.returns(n)
		case *ast.SelectStmt:
			s.selects(n)
		case *ast.SendStmt:
			if s.fn != nil {
				s.fn.Sends = append(s.fn.Sends, s.value(n.Chan))
			}
			s.put(s.value(n.Chan), s.value(n.Value), n)
		}
		return true
	})
}

// use notes the first place where a symbol of another package is named.
func (s *summarizer) use(symbol string, n ast.Node) {
	if symbol == "" {
		return
	}
	at := s.at(n)
	if old, ok := s.pkg.Uses[symbol]; !ok || at.Compare(old) < 0 {
		s.pkg.Uses[symbol] = at
	}
}

func (s *summarizer) useSelector(n *ast.SelectorExpr) {
	if id, ok := n.X.(*ast.Ident); ok {
		if pn, ok := s.info.Uses[id].(*types.PkgName); ok {
			s.use(pn.Imported().Path()+"."+n.Sel.Name, n)
		}
	}
}

// loop walks a loop's parts with the loop as the innermost one.
func (s *summarizer) loop(n ast.Stmt) {
	l := s.newLoop(n)
	switch n := n.(type) {
	case *ast.ForStmt:
		if n.Init != nil {
			s.walk(n.Init)
		}
		s.loops = append(s.loops, l)
		if n.Cond != nil {
			s.walk(n.Cond)
		}
		if n.Post != nil {
			s.walk(n.Post)
		}
		s.walk(n.Body)
	case *ast.RangeStmt:
		s.walk(n.X)
		s.loops = append(s.loops, l)
		s.walk(n.Body)
	}
	s.loops = s.loops[:len(s.loops)-1]
	s.attempts(l, n)
	s.collection(l, n)
}

// assignment records what is put into fields and package variables.
func (s *summarizer) assignment(n *ast.AssignStmt) {
	s.guessError(n)
	for i, lhs := range n.Lhs {
		var v *Value
		switch {
		case len(n.Rhs) == len(n.Lhs):
			v = s.value(n.Rhs[i])
		case len(n.Rhs) == 1:
			v = s.tupleValue(n.Rhs[0], i)
		default:
			continue
		}
		s.store(lhs, v)
	}
}

// guessError notes, for a call whose type is not known, that its last result is
// named as an error.
func (s *summarizer) guessError(n *ast.AssignStmt) {
	if len(n.Rhs) != 1 {
		return
	}
	e, ok := n.Rhs[0].(*ast.CallExpr)
	if !ok {
		return
	}
	if c := s.call(e); c != nil && !c.Typed {
		last, ok := n.Lhs[len(n.Lhs)-1].(*ast.Ident)
		c.Error = ok && strings.HasSuffix(strings.ToLower(last.Name), "err")
	}
}

func (s *summarizer) store(lhs ast.Expr, v *Value) {
	switch x := lhs.(type) {
	case *ast.ParenExpr:
		s.store(x.X, v)
	case *ast.StarExpr:
		if p := s.value(x.X); p.Kind == Param && p.Fn != nil {
			if p.Fn.ParamStores == nil {
				p.Fn.ParamStores = map[int][]*Value{}
			}
			p.Fn.ParamStores[p.Index] = append(p.Fn.ParamStores[p.Index], v)
			return
		}
		s.store(x.X, v)
	case *ast.IndexExpr:
		// m[k] = v: v is one of the elements, and under a constant key like a field.
		base := s.value(x.X)
		if key := s.value(x.Index); base.Kind == Field && base.X != nil && key.Kind == Const && key.Text != "" {
			s.attach(base.X, Effect{Kind: EffectField, Name: base.Name + "." + key.Text, Value: v, At: s.at(x)})
		}
		s.put(base, v, lhs)
	case *ast.Ident:
		if o, ok := s.object(x).(*types.Var); ok && o.Pkg() != nil && o.Parent() == o.Pkg().Scope() {
			s.pkg.Stores = append(s.pkg.Stores, Store{Symbol: objectSymbol(o), Value: v, At: s.at(x), Fn: s.fn})
		}
	case *ast.SelectorExpr:
		target := s.value(x)
		if target.Name == "" {
			return
		}
		missing := s.body != nil && s.body.missing[x]
		s.pkg.Stores = append(s.pkg.Stores, Store{Symbol: target.Name, Value: v, At: s.at(x.Sel), Fn: s.fn})
		if target.Kind == Field {
			s.attach(target.X, Effect{Kind: EffectField, Name: target.Name, Value: v, Copy: s.ofCopy(x), At: s.at(x.Sel), Maybe: s.maybe(x, target.X), Missing: missing})
		}
	}
}

// ofCopy: the field is one of a variable's own struct, not of one behind a pointer.
func (s *summarizer) ofCopy(x *ast.SelectorExpr) bool {
	t := s.info.TypeOf(x.X)
	if sel := s.info.Selections[x]; t == nil || sel != nil && sel.Indirect() {
		return false
	}
	if _, isPtr := types.Unalias(t).(*types.Pointer); isPtr {
		return false
	}
	switch base := ast.Unparen(x.X).(type) {
	case *ast.Ident:
		return true
	case *ast.SelectorExpr:
		return s.ofCopy(base)
	}
	return false
}

// maybe: what a node does to a value may not be done, as the node stands in a branch or
// in a literal that is not the value's own.
func (s *summarizer) maybe(n ast.Node, to *Value) bool {
	own := to.Kind == Param && to.Fn == s.fn
	return s.body != nil && s.body.inner[n] || s.fn != nil && s.fn.Lit && !own
}

// put makes a value one of the elements of a list, a map or a channel.
func (s *summarizer) put(base, v *Value, n ast.Node) {
	switch base.Kind {
	case List:
		base.Args = append(base.Args, v)
	case Field, Global:
		list := &Value{Kind: List, Args: []*Value{v}, At: s.at(n)}
		s.pkg.Stores = append(s.pkg.Stores, Store{Symbol: base.Name, Value: list, At: s.at(n), Fn: s.fn})
		if base.Kind == Field {
			s.attach(base.X, Effect{Kind: EffectField, Name: base.Name, Value: list, At: s.at(n)})
		}
	}
}

func (s *summarizer) returns(n *ast.ReturnStmt) {
	if s.fn == nil {
		return
	}
	var vals []*Value
	switch {
	case len(n.Results) == 0:
		for _, o := range s.body.results {
			if v, ok := o.(*types.Var); ok {
				vals = append(vals, s.localValue(v, &ast.Ident{NamePos: n.Pos(), Name: v.Name()}))
			}
		}
	case len(n.Results) == 1:
		first := s.value(n.Results[0])
		vals = append(vals, first)
		if first.Kind == Result && len(first.Call.Results) > 1 {
			for i := 1; i < len(first.Call.Results); i++ {
				vals = append(vals, s.tupleValue(n.Results[0], i))
			}
		}
	default:
		for _, r := range n.Results {
			vals = append(vals, s.value(r))
		}
	}
	if len(vals) > 0 {
		s.fn.Returns = append(s.fn.Returns, vals)
	}
}

// callValue is the value of a call: its first result, or for conversions and
// builtins what they are made of.
func (s *summarizer) callValue(e *ast.CallExpr) *Value {
	if tv, ok := s.info.Types[e.Fun]; ok && tv.IsType() {
		if len(e.Args) == 1 {
			inner := s.value(e.Args[0])
			if inner.Kind == FuncRef || inner.Kind == Closure || inner.Kind == Const {
				return s.converted(inner, tv.Type)
			}
			return inner
		}
		return &Value{Kind: Opaque, At: s.at(e)}
	}
	if v := s.builtinValue(e); v != nil {
		return v
	}
	c := s.call(e)
	if c == nil {
		return &Value{Kind: Opaque, At: s.at(e)}
	}
	v := &Value{Kind: Result, Call: c, At: s.at(e)}
	if len(c.Results) > 0 {
		v.Type = c.Results[0]
	}
	return v
}

func (s *summarizer) builtinValue(e *ast.CallExpr) *Value {
	id, ok := ast.Unparen(e.Fun).(*ast.Ident)
	if !ok {
		return nil
	}
	if _, ok := s.info.Uses[id].(*types.Builtin); !ok {
		return nil
	}
	v := &Value{Kind: Opaque, At: s.at(e)}
	switch id.Name {
	case "append":
		v.Kind = List
		for i, a := range e.Args {
			av := s.value(a)
			if (i == 0 || e.Ellipsis.IsValid()) && av.Kind == List {
				v.Args = append(v.Args, av.Args...)
				continue
			}
			v.Args = append(v.Args, av)
		}
	case "make":
		v.Kind = List
	case "new":
		if len(e.Args) == 1 {
			v.Kind, v.Type = Composite, s.exprTypeSymbol(e.Args[0])
		}
	case "min", "max":
		v.Kind, v.Name = Concat, id.Name
		for _, a := range e.Args {
			v.Args = append(v.Args, s.value(a))
		}
	}
	return v
}

// call records a call expression once, whoever meets it first.
func (s *summarizer) call(e *ast.CallExpr) *Call {
	if c, ok := s.calls[e]; ok {
		return c
	}
	if tv, ok := s.info.Types[e.Fun]; ok && (tv.IsType() || tv.IsBuiltin()) {
		s.calls[e] = nil
		return nil
	}
	c := &Call{Fn: s.fn, At: s.at(e)}
	s.calls[e] = c
	if s.body != nil {
		c.Again, c.Failed = s.body.seconds[e], s.body.onFailure[e]
	}
	if len(s.loops) > 0 {
		c.Loop = s.loops[len(s.loops)-1]
	} else {
		c.Loop = s.gotoLoop(e.Pos())
	}
	s.callee(c, e)
	args := e.Args
	if s.methodExpression(e) && len(args) > 0 {
		c.Method, c.Recv, args = true, s.value(args[0]), args[1:] // (*http.Client).Do(client, req)
	}
	for _, a := range args {
		c.Args = append(c.Args, s.value(a))
	}
	s.callSignature(c, e)
	if len(args) < len(e.Args) && c.Typed {
		c.Params = c.Params[1:]
		c.Context = len(c.Params) > 0 && c.Params[0] == "context.Context"
	}
	s.use(c.Callee, e)
	if s.fn != nil {
		s.fn.Calls = append(s.fn.Calls, c)
	}
	if c.Recv != nil {
		s.attach(c.Recv, Effect{Kind: EffectMethod, Call: c, At: c.At, Maybe: s.maybe(e, c.Recv)})
	}
	for i, a := range c.Args {
		s.attach(a, Effect{Kind: EffectArg, Call: c, Index: i, At: c.At, Maybe: s.maybe(e, a)})
	}
	return c
}

// methodExpression: what is called is a method by way of its type.
func (s *summarizer) methodExpression(e *ast.CallExpr) bool {
	x, ok := ast.Unparen(e.Fun).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	sel := s.info.Selections[x]
	return sel != nil && sel.Kind() == types.MethodExpr
}

// callee finds out what is called.
func (s *summarizer) callee(c *Call, e *ast.CallExpr) {
	fun := ast.Unparen(e.Fun)
	switch x := fun.(type) {
	case *ast.IndexExpr:
		if tv, ok := s.info.Types[x.Index]; !ok || tv.IsType() {
			fun = x.X // an instance of a generic function, not an element: steps[i](x)
		}
	case *ast.IndexListExpr:
		fun = x.X
	}
	switch x := fun.(type) {
	case *ast.Ident:
		if f, ok := s.object(x).(*types.Func); ok {
			c.Callee = funcSymbol(f)
			return
		}
		c.Func = s.value(x)
	case *ast.SelectorExpr:
		s.selectorCallee(c, x)
	default:
		c.Func = s.value(fun)
	}
}

func (s *summarizer) selectorCallee(c *Call, x *ast.SelectorExpr) {
	if id, ok := x.X.(*ast.Ident); ok {
		if pn, ok := s.info.Uses[id].(*types.PkgName); ok {
			c.Callee = pn.Imported().Path() + "." + x.Sel.Name
			if _, isVar := s.info.Uses[x.Sel].(*types.Var); isVar {
				c.Func = s.value(x)
			}
			return
		}
	}
	sel := s.info.Selections[x]
	if sel == nil {
		if f, ok := s.info.Uses[x.Sel].(*types.Func); ok {
			c.Callee = funcSymbol(f)
			return
		}
		c.Method, c.Recv = true, s.value(x.X)
		c.Callee = "?." + x.Sel.Name
		if c.Recv.Type != "" {
			c.Callee = c.Recv.Type + "." + x.Sel.Name
		}
		return
	}
	switch o := sel.Obj().(type) {
	case *types.Func:
		if sel.Kind() == types.MethodExpr {
			c.Callee = funcSymbol(o)
			return
		}
		c.Method, c.Callee = true, funcSymbol(o)
		c.Interface = types.IsInterface(sel.Recv()) || o.Origin().Type().(*types.Signature).Recv() != nil && types.IsInterface(o.Origin().Type().(*types.Signature).Recv().Type())
		c.Recv = s.embedded(s.value(x.X), sel)
	case *types.Var:
		c.Func = s.value(x)
	}
}

// embedded follows the embedded fields through which a method is promoted.
func (s *summarizer) embedded(v *Value, sel *types.Selection) *Value {
	t := sel.Recv()
	for _, i := range sel.Index()[:len(sel.Index())-1] {
		st := structOf(t)
		if st == nil || i >= st.NumFields() {
			return v
		}
		f := st.Field(i)
		v = &Value{Kind: Field, Name: s.fieldOf(t, f), X: v, Type: typeSymbol(f.Type()), At: v.At}
		t = f.Type()
	}
	return v
}

// callSignature notes what the types, or else the arguments, tell of the callee.
func (s *summarizer) callSignature(c *Call, e *ast.CallExpr) {
	if tv, ok := s.info.Types[e.Fun]; ok && tv.Type != nil {
		if sig, ok := tv.Type.Underlying().(*types.Signature); ok {
			c.Typed = true
			c.Variadic = sig.Variadic()
			for v := range sig.Params().Variables() {
				c.Params = append(c.Params, paramSymbol(v.Type()))
			}
			c.Context = len(c.Params) > 0 && c.Params[0] == "context.Context"
			for v := range sig.Results().Variables() {
				c.Results = append(c.Results, typeSymbol(v.Type()))
			}
			if n := sig.Results().Len(); n > 0 {
				c.Error = c.Results[n-1] == "error"
			}
			return
		}
	}
	if len(c.Args) > 0 {
		c.Context = c.Args[0].Type == "context.Context"
	}
}

// strings collects the literals of a file that look like addresses.
func (s *summarizer) strings(f *ast.File) {
	var visit func(n ast.Node) bool
	visit = func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.StructType:
			s.anonymousTags(n)
		case *ast.Field:
			if n.Tag != nil { // a tag is no address
				ast.Inspect(n.Type, visit)
				return false
			}
		case *ast.BasicLit:
			if n.Kind == token.STRING && len(n.Value) > 8 && len(n.Value) < 2000 {
				s.address(n)
			}
		}
		return true
	}
	ast.Inspect(f, visit)
}

func (s *summarizer) address(n *ast.BasicLit) {
	text := constTextOf(n)
	if !strings.Contains(text, "://") {
		return // only a scheme makes a literal an address by itself
	}
	if e, ok := scanners.ParseEndpoint(text); ok && e.Scheme != "" && e.Host != "" {
		s.pkg.Strings = append(s.pkg.Strings, String{Value: scanners.Redact(text), At: s.at(n)})
	}
}
