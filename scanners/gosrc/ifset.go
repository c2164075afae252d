package gosrc

import (
	"go/ast"
	"go/token"
	"go/types"
)

// markIfSet marks the calls that are made only where their second argument is above
// zero, which is how an optional timeout is written.
func (s *summarizer) markIfSet(body ast.Node) {
	ast.Inspect(body, func(n ast.Node) bool {
		st, ok := n.(*ast.IfStmt)
		if !ok {
			return true
		}
		value := aboveZero(st.Cond)
		if value == nil {
			return true
		}
		for _, inner := range st.Body.List {
			a, ok := inner.(*ast.AssignStmt)
			if !ok || len(a.Rhs) != 1 {
				continue
			}
			e, ok := a.Rhs[0].(*ast.CallExpr)
			if ok && len(e.Args) == 2 && types.ExprString(e.Args[1]) == types.ExprString(value) && s.calls[e] != nil {
				s.calls[e].IfSet = true
			}
		}
		return true
	})
}

// aboveZero is what a condition compares with zero: d of "d > 0" and "d != 0".
func aboveZero(cond ast.Expr) ast.Expr {
	b, ok := ast.Unparen(cond).(*ast.BinaryExpr)
	if !ok || b.Op != token.GTR && b.Op != token.NEQ {
		return nil
	}
	if zero, ok := b.Y.(*ast.BasicLit); ok && zero.Value == "0" {
		return b.X
	}
	return nil
}
