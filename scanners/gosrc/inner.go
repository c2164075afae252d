package gosrc

import (
	"go/ast"
	"go/token"
	"go/types"
)

// place notes a node that stands in an inner block of its function.
func (c *collector) place(n ast.Node) {
	blocks := 0
	for _, b := range c.blocks {
		switch b.(type) {
		case *ast.FuncLit:
			blocks = 0
		case *ast.BlockStmt, *ast.CaseClause, *ast.CommClause:
			blocks++
		}
	}
	if blocks > 1 {
		c.b.inner[n] = true
	}
}

// whereMissing: an assignment that stands in the branch for its target holding nothing:
// if limit == 0 { limit = time.Minute }.
func (c *collector) whereMissing(target ast.Expr) bool {
	if len(c.blocks) < 2 {
		return false
	}
	branch, ok := c.blocks[len(c.blocks)-2].(*ast.IfStmt)
	if !ok || branch.Body != c.blocks[len(c.blocks)-1] {
		return false
	}
	cond, ok := ast.Unparen(branch.Cond).(*ast.BinaryExpr)
	if !ok || cond.Op != token.EQL && cond.Op != token.LEQ {
		return false
	}
	switch types.ExprString(cond.Y) {
	case "nil", "0", `""`:
		return types.ExprString(cond.X) == types.ExprString(target)
	}
	return false
}
