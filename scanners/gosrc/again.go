package gosrc

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"github.com/intscan/intscan/scanners"
)

// secondAttempts finds the calls that a function makes a second time after they
// failed, without a loop:
//
//	v, err := c.get(key)
//	if err == nil {
//		return v, nil
//	}
//	c.reconnect()
//	return c.get(key)
//
// Both calls are mapped to the place of the second.
func (s *summarizer) secondAttempts(body *ast.BlockStmt) map[*ast.CallExpr]scanners.Position {
	var out map[*ast.CallExpr]scanners.Position
	note := func(first *ast.CallExpr, failed []ast.Stmt) {
		r := repeat{s: s, first: first, changed: map[string]bool{}}
		if first == nil || !r.among(failed) {
			return
		}
		if out == nil {
			out = map[*ast.CallExpr]scanners.Position{}
		}
		out[first], out[r.second] = s.at(r.second), s.at(r.second)
	}
	ast.Inspect(body, func(n ast.Node) bool {
		list := statements(n)
		for i, st := range list {
			check, ok := st.(*ast.IfStmt)
			if !ok {
				continue
			}
			from := check.Init
			if from == nil && i > 0 {
				from = list[i-1]
			}
			switch test := errorTest(s, check.Cond); {
			case test == token.EQL && leavesLoop(check.Body.List):
				note(s.failing(from), list[i+1:])
			case test == token.NEQ || looksAtError(s, check):
				note(s.failing(from), check.Body.List)
			case test == token.ILLEGAL && looksAtStatus(check.Cond):
				note(answering(list[:i], check.Cond), check.Body.List)
			}
		}
		return true
	})
	return out
}

// statements are those of a block or a clause.
func statements(n ast.Node) []ast.Stmt {
	switch n := n.(type) {
	case *ast.BlockStmt:
		return n.List
	case *ast.CaseClause:
		return n.Body
	case *ast.CommClause:
		return n.Body
	}
	return nil
}

// failing is the call whose error a statement takes: "v, err := c.get(key)".
func (s *summarizer) failing(st ast.Stmt) *ast.CallExpr {
	as, ok := st.(*ast.AssignStmt)
	if !ok || len(as.Rhs) != 1 || !isError(s, as.Lhs[len(as.Lhs)-1]) {
		return nil
	}
	call, _ := ast.Unparen(as.Rhs[0]).(*ast.CallExpr)
	return call
}

// answering is the call that gave the answer whose status the condition looks at.
func answering(list []ast.Stmt, cond ast.Expr) *ast.CallExpr {
	name := ""
	ast.Inspect(cond, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok && sel.Sel.Name == "StatusCode" {
			name = exprName(sel.X)
		}
		return name == ""
	})
	for i := len(list) - 1; i >= 0 && name != ""; i-- {
		if as, ok := list[i].(*ast.AssignStmt); ok && exprName(as.Lhs[0]) == name && len(as.Rhs) == 1 {
			call, _ := ast.Unparen(as.Rhs[0]).(*ast.CallExpr)
			return call
		}
	}
	return nil
}

// repeat looks for a call that does the same as the first: by the same function with
// the same arguments, none of which was changed on the way, of the same receiver or
// one that was made anew.
type repeat struct {
	s             *summarizer
	first, second *ast.CallExpr
	// changed has the variables assigned since the first call, true for those that
	// hold a client made anew.
	changed map[string]bool
}

func (r *repeat) among(list []ast.Stmt) bool {
	for _, st := range list {
		if r.in(st) {
			return true
		}
	}
	return false
}

func (r *repeat) in(st ast.Stmt) bool {
	switch st := st.(type) {
	case *ast.AssignStmt:
		if len(st.Rhs) == 1 && r.is(st.Rhs[0]) {
			return true
		}
		made := len(st.Rhs) == 1 && makesAnew(st.Rhs[0])
		for _, l := range st.Lhs {
			if id, ok := l.(*ast.Ident); ok {
				r.changed[id.Name] = made
			}
		}
	case *ast.ReturnStmt:
		return len(st.Results) == 1 && r.is(st.Results[0])
	case *ast.ExprStmt:
		return r.is(st.X)
	case *ast.BlockStmt:
		return r.among(st.List)
	case *ast.IfStmt:
		return st.Init != nil && r.in(st.Init) || r.among(st.Body.List) || st.Else != nil && r.in(st.Else)
	}
	return false
}

// is notes the expression as the second call, where it is that.
func (r *repeat) is(e ast.Expr) bool {
	c, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok || calleeName(c) == "" || calleeName(c) != calleeName(r.first) || !r.sameArgs(c) || !r.sameFun(c) {
		return false
	}
	r.second = c
	return true
}

func (r *repeat) sameArgs(c *ast.CallExpr) bool {
	if len(r.first.Args) != len(c.Args) {
		return false
	}
	for i, a := range c.Args {
		if written(a) == "" || written(a) != written(r.first.Args[i]) || r.s.typeOf(a) != "context.Context" && r.touched(a, false) {
			return false
		}
	}
	return true
}

func (r *repeat) sameFun(c *ast.CallExpr) bool {
	if written(c.Fun) != "" && written(c.Fun) == written(r.first.Fun) {
		return !r.touched(c.Fun, true)
	}
	a, ok := r.first.Fun.(*ast.SelectorExpr)
	b, ok2 := c.Fun.(*ast.SelectorExpr)
	if !ok || !ok2 {
		return false
	}
	id, ok := b.X.(*ast.Ident)
	return ok && r.changed[id.Name] && r.s.typeOf(a.X) == r.s.typeOf(b.X)
}

// written is the expression's text; "" where a literal in it is only hinted at.
func written(e ast.Expr) string {
	whole := true
	ast.Inspect(e, func(n ast.Node) bool {
		switch n.(type) {
		case *ast.FuncLit, *ast.CompositeLit:
			whole = false
		}
		return whole
	})
	if !whole {
		return ""
	}
	return types.ExprString(e)
}

// touched: the expression names a variable that was changed, other than by making the
// same client anew where that is allowed.
func (r *repeat) touched(e ast.Expr, anew bool) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			made, in := r.changed[id.Name]
			found = found || in && !(made && anew)
		}
		return !found
	})
	return found
}

// makesAnew: the name of the function called says that the same thing is made once
// more, where others pick another one.
func makesAnew(e ast.Expr) bool {
	c, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return false
	}
	name := strings.ToLower(calleeName(c))
	for _, word := range []string{"refresh", "connect", "dial", "renew", "reopen", "recreate", "rebuild", "reload", "reset"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}
