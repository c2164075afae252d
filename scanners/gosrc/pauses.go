package gosrc

import (
	"go/ast"
	"go/token"
	"strings"
)

// pausesEachTurn: a wait for some time is among the statements of every turn.
func pausesEachTurn(body *ast.BlockStmt) bool {
	for _, st := range body.List {
		switch st := st.(type) {
		case *ast.ExprStmt:
			if c, ok := st.X.(*ast.CallExpr); ok && strings.Contains(strings.ToLower(calleeName(c)), "sleep") {
				return true
			}
			if x, ok := st.X.(*ast.UnaryExpr); ok && x.Op == token.ARROW && isPause(x.X) {
				return true
			}
		case *ast.SelectStmt:
			if timed(st) {
				return true
			}
		}
	}
	return false
}

// timed: one of a select's cases is a timer's, and it waits.
func timed(st *ast.SelectStmt) bool {
	timer := false
	for _, c := range st.Body.List {
		cc, ok := c.(*ast.CommClause)
		if !ok || cc.Comm == nil {
			return false
		}
		ch := received(cc.Comm)
		timer = timer || ch != nil && isPause(ch)
	}
	return timer
}

// isPause: the channel is a timer's, a ticker's or that of time.After.
func isPause(ch ast.Expr) bool {
	switch x := ast.Unparen(ch).(type) {
	case *ast.CallExpr:
		name := calleeName(x)
		return name == "After" || name == "Tick"
	case *ast.SelectorExpr:
		return x.Sel.Name == "C"
	}
	return false
}

// untilTrue recognises the condition of "for !done() {".
func untilTrue(cond ast.Expr) bool {
	not, ok := cond.(*ast.UnaryExpr)
	if !ok || not.Op != token.NOT {
		return false
	}
	_, ok = ast.Unparen(not.X).(*ast.CallExpr)
	return ok
}
