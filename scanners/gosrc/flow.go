package gosrc

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/intscan/intscan/scanners"
)

// bodyState holds the local variables of a function and of the literals in it:
// where each is assigned. What a use of a variable may hold is decided by source
// order and nesting: the nearest assignment before it in a block that also holds
// the use ends the search; those in inner blocks may or may not have run.
type bodyState struct {
	assigns map[types.Object][]*assign
	results []types.Object // named results of the declared function
	// changed are the variables whose fields are assigned.
	changed map[types.Object]bool
	// inner are the calls and assigned fields that stand in an inner block of their
	// function, missing the fields that are assigned only where they hold nothing.
	inner, missing map[ast.Node]bool
	jumps          []jump
	// seconds are the calls that are made twice, onFailure those of the function itself
	// or named for doing it again that follow a failure.
	seconds   map[*ast.CallExpr]scanners.Position
	onFailure map[*ast.CallExpr]bool
}

type assign struct {
	pos    token.Pos
	block  ast.Node // the innermost block, clause or literal around it
	leaves bool     // the block ends by leaving (return, continue, break, panic)
	rhs    ast.Expr
	index  int    // of a tuple; -1 when rhs is the value itself
	value  *Value // preset, or memo
	busy   bool
	elem   bool // a range variable: an element of rhs
	key    bool // a range key
	op     token.Token
	// missing: only where the variable holds nothing yet.
	missing bool
}

func newBodyState() *bodyState {
	return &bodyState{assigns: map[types.Object][]*assign{}, changed: map[types.Object]bool{}, inner: map[ast.Node]bool{}, missing: map[ast.Node]bool{}}
}

func (b *bodyState) bind(obj types.Object, v *Value, pos token.Pos) {
	// The parameters of a literal are met after the assignments in its body.
	list := append(b.assigns[obj], &assign{pos: pos, value: v, index: -1})
	slices.SortStableFunc(list, func(a, b *assign) int { return cmp.Compare(a.pos, b.pos) })
	b.assigns[obj] = list
}

// collector walks a body once and notes every assignment to a variable.
type collector struct {
	s      *summarizer
	b      *bodyState
	blocks []ast.Node
}

func (b *bodyState) collect(s *summarizer, body ast.Node) {
	c := &collector{s: s, b: b}
	ast.Walk(c, body)
}

func (b *bodyState) collectExprs(s *summarizer, exprs []ast.Expr) {
	for _, e := range exprs {
		b.collect(s, e)
	}
}

// Visit implements ast.Visitor; a nil node closes the innermost block.
func (c *collector) Visit(n ast.Node) ast.Visitor {
	switch n := n.(type) {
	case nil:
		return nil
	case *ast.FuncLit, *ast.BlockStmt, *ast.CaseClause, *ast.CommClause, *ast.IfStmt, *ast.ForStmt, *ast.RangeStmt, *ast.SwitchStmt, *ast.TypeSwitchStmt:
		c.note(n)
		return &collector{s: c.s, b: c.b, blocks: append(slices.Clip(c.blocks), n)}
	default:
		c.note(n)
		return c
	}
}

func (c *collector) note(n ast.Node) {
	switch n := n.(type) {
	case *ast.AssignStmt:
		for i, lhs := range n.Lhs {
			if sel, ok := lhs.(*ast.SelectorExpr); ok {
				c.place(sel)
				if c.whereMissing(sel) {
					c.b.missing[sel] = true
				}
				if id, ok := sel.X.(*ast.Ident); ok {
					c.b.changed[c.s.object(id)] = true
				}
			}
			id, ok := lhs.(*ast.Ident)
			if !ok || id.Name == "_" {
				continue
			}
			if len(n.Rhs) == len(n.Lhs) {
				c.add(id, n.End(), n.Rhs[i], -1, n.Tok)
			} else if len(n.Rhs) == 1 {
				c.add(id, n.End(), n.Rhs[0], i, n.Tok)
			}
		}
	case *ast.CallExpr:
		c.place(n)
	case *ast.ValueSpec:
		for i, id := range n.Names {
			switch {
			case len(n.Values) == len(n.Names):
				c.add(id, n.End(), n.Values[i], -1, token.DEFINE)
			case len(n.Values) == 1:
				c.add(id, n.End(), n.Values[0], i, token.DEFINE)
			case n.Type != nil:
				if a := c.add(id, n.End(), nil, -1, token.DEFINE); a != nil {
					a.value = c.s.zeroValue(n.Type, id)
				}
			}
		}
	case *ast.RangeStmt:
		for i, e := range []ast.Expr{n.Key, n.Value} {
			if id, ok := e.(*ast.Ident); ok && id.Name != "_" {
				if a := c.add(id, n.X.End(), n.X, -1, token.DEFINE); a != nil {
					a.elem, a.key, a.block = i == 1, i == 0, n
				}
			}
		}
	case *ast.TypeSwitchStmt:
		c.typeSwitch(n)
	}
}

// typeSwitch binds the variable of "switch v := x.(type)" in each clause.
func (c *collector) typeSwitch(n *ast.TypeSwitchStmt) {
	a, ok := n.Assign.(*ast.AssignStmt)
	if !ok || len(a.Rhs) != 1 {
		return
	}
	for _, clause := range n.Body.List {
		if obj := c.s.info.Implicits[clause]; obj != nil {
			c.b.assigns[obj] = append(c.b.assigns[obj], &assign{pos: clause.Pos(), block: clause, rhs: a.Rhs[0], index: -1})
		}
	}
}

func (c *collector) add(id *ast.Ident, pos token.Pos, rhs ast.Expr, index int, op token.Token) *assign {
	obj := c.s.info.Defs[id]
	if obj == nil {
		obj = c.s.info.Uses[id]
	}
	if v, ok := obj.(*types.Var); !ok || v.IsField() {
		return nil
	}
	a := &assign{pos: pos, rhs: rhs, index: index, op: op}
	if len(c.blocks) > 0 {
		a.block = c.blocks[len(c.blocks)-1]
		a.leaves = leaves(a.block)
		a.missing = c.whereMissing(id)
	}
	c.b.assigns[obj] = append(c.b.assigns[obj], a)
	return a
}

// leaves reports that control does not run off the end of the block.
func leaves(n ast.Node) bool {
	var list []ast.Stmt
	switch n := n.(type) {
	case *ast.BlockStmt:
		list = n.List
	case *ast.CaseClause:
		list = n.Body
	case *ast.CommClause:
		list = n.Body
	}
	return len(list) > 0 && terminates(list[len(list)-1])
}

func terminates(st ast.Stmt) bool {
	switch st := st.(type) {
	case *ast.ReturnStmt:
		return true
	case *ast.BranchStmt:
		return st.Tok != token.FALLTHROUGH
	case *ast.ExprStmt:
		if call, ok := st.X.(*ast.CallExpr); ok {
			switch f := call.Fun.(type) {
			case *ast.Ident:
				return f.Name == "panic"
			case *ast.SelectorExpr:
				return f.Sel.Name == "Exit" || f.Sel.Name == "Fatal" || f.Sel.Name == "Fatalf" || f.Sel.Name == "Fatalln"
			}
		}
	case *ast.BlockStmt:
		return len(st.List) > 0 && terminates(st.List[len(st.List)-1])
	case *ast.IfStmt:
		return st.Else != nil && terminates(st.Body) && terminates(st.Else)
	}
	return false
}

// maxReaching bounds the values that one use of a variable may have; only
// generated code has more. What is left out is not known.
const maxReaching = 100

// reaching lists the assignments whose value a use at pos may see.
func (b *bodyState) reaching(obj types.Object, pos token.Pos) []*assign {
	all := b.assigns[obj]
	var out []*assign
	for _, a := range slices.Backward(all) {
		if a.pos > pos {
			continue
		}
		inside := a.block == nil || a.block.Pos() <= pos && pos < a.block.End()
		if a.leaves && !inside {
			continue
		}
		if len(out) == maxReaching {
			return append(out, &assign{value: &Value{Kind: Opaque}, index: -1})
		}
		out = append(out, a)
		if inside && a.op != token.ADD_ASSIGN {
			return out
		}
	}
	// Only later assignments: a variable that a literal further down sets.
	for _, a := range all {
		if a.pos > pos && a.rhs != nil && len(out) < maxReaching {
			out = append(out, a)
		}
	}
	return out
}
