package gosrc

import (
	"go/ast"
	"go/types"
)

// collection notes what a loop goes over, and whether it waits for a free place
// before it starts a goroutine: a send to a channel, or Acquire.
func (s *summarizer) collection(l *Loop, n ast.Stmt) {
	var body *ast.BlockStmt
	switch n := n.(type) {
	case *ast.RangeStmt:
		l.Over, body = s.value(n.X), n.Body
	case *ast.ForStmt:
		body = n.Body
		if b, ok := n.Cond.(*ast.BinaryExpr); ok && l.Range {
			if c, ok := ast.Unparen(b.Y).(*ast.CallExpr); ok && len(c.Args) == 1 {
				l.Over = s.value(c.Args[0]) // i < len(x)
			}
		}
	}
	if !l.Range {
		return
	}
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SendStmt:
			l.Limits = l.Limits || s.isToken(n.Value)
		case *ast.CallExpr:
			name := calleeName(n)
			l.Limits = l.Limits || name == "Acquire" || name == "TryAcquire" || name == "AcquireWithContext"
		}
		return !l.Limits
	})
}

// isToken: an empty struct, or whatever else takes a place and says nothing.
func (s *summarizer) isToken(e ast.Expr) bool {
	tv, ok := s.info.Types[e]
	if !ok || tv.Type == nil {
		return false
	}
	switch t := tv.Type.Underlying().(type) {
	case *types.Struct:
		return t.NumFields() == 0
	case *types.Basic:
		return tv.Value != nil && t.Info()&(types.IsBoolean|types.IsInteger) != 0
	}
	return false
}
