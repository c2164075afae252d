package gosrc

import (
	"go/ast"
	"go/token"
)

// selects records what a select statement waits for. One with a default clause
// does not wait.
func (s *summarizer) selects(n *ast.SelectStmt) {
	if s.fn == nil {
		return
	}
	sel := Select{At: s.at(n)}
	for _, st := range n.Body.List {
		clause, ok := st.(*ast.CommClause)
		if !ok || clause.Comm == nil {
			return
		}
		if ch := received(clause.Comm); ch != nil {
			leaves := len(s.loops) == 0 || returns(clause.Body) || leavesByLabel(clause.Body)
			sel.Cases = append(sel.Cases, SelectCase{Channel: s.value(ch), Leaves: leaves})
		}
	}
	if len(sel.Cases) > 1 {
		s.fn.Selects = append(s.fn.Selects, sel)
	}
}

// received is the channel that a statement receives from; nil for others.
func received(st ast.Stmt) ast.Expr {
	var e ast.Expr
	switch st := st.(type) {
	case *ast.ExprStmt:
		e = st.X
	case *ast.AssignStmt:
		if len(st.Rhs) == 1 {
			e = st.Rhs[0]
		}
	}
	if e == nil {
		return nil
	}
	if u, ok := ast.Unparen(e).(*ast.UnaryExpr); ok && u.Op == token.ARROW {
		return u.X
	}
	return nil
}

// leavesByLabel: the statements end in a break or goto out of what is around them.
func leavesByLabel(list []ast.Stmt) bool {
	if len(list) == 0 {
		return false
	}
	b, ok := list[len(list)-1].(*ast.BranchStmt)
	return ok && b.Label != nil && b.Tok != token.CONTINUE
}
