package gosrc

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
)

// errorTest tells "err == nil" (EQL) from "err != nil" (NEQ), also as part of a
// conjunction; ILLEGAL is neither.
func errorTest(s *summarizer, e ast.Expr) token.Token {
	switch x := e.(type) {
	case *ast.ParenExpr:
		return errorTest(s, x.X)
	case *ast.UnaryExpr:
		if x.Op == token.NOT {
			switch errorTest(s, x.X) {
			case token.EQL:
				return token.NEQ
			case token.NEQ:
				return token.EQL
			}
		}
	case *ast.BinaryExpr:
		switch x.Op {
		case token.EQL, token.NEQ:
			if isError(s, x.X) && isNil(x.Y) || isError(s, x.Y) && isNil(x.X) {
				return x.Op
			}
		case token.LAND, token.LOR:
			if t := errorTest(s, x.X); t != token.ILLEGAL {
				return t
			}
			return errorTest(s, x.Y)
		}
	case *ast.CallExpr:
		// "if isRetryable(err) {": a failure that is tried again.
		if name := strings.ToLower(calleeName(x)); strings.Contains(name, "retry") || strings.Contains(name, "retriable") || strings.Contains(name, "temporary") {
			for _, a := range x.Args {
				if isError(s, a) {
					return token.NEQ
				}
			}
		}
	}
	return token.ILLEGAL
}

// deniesErrorPredicate recognises "!isConflict(err)".
func deniesErrorPredicate(s *summarizer, e ast.Expr) bool {
	not, ok := ast.Unparen(e).(*ast.UnaryExpr)
	if !ok || not.Op != token.NOT {
		return false
	}
	call, ok := ast.Unparen(not.X).(*ast.CallExpr)
	return ok && slices.ContainsFunc(call.Args, func(a ast.Expr) bool { return isError(s, a) })
}

// looksAtError recognises "if code := status.Code(err); code == codes.Unavailable".
func looksAtError(s *summarizer, st *ast.IfStmt) bool {
	for _, n := range []ast.Node{st.Init, st.Cond} {
		if n == nil {
			continue
		}
		found := false
		ast.Inspect(n, func(n ast.Node) bool {
			if c, ok := n.(*ast.CallExpr); ok {
				found = found || slices.ContainsFunc(c.Args, func(a ast.Expr) bool { return isError(s, a) })
			}
			return !found
		})
		if found {
			return true
		}
	}
	return false
}

func isNil(e ast.Expr) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == "nil"
}

func isError(s *summarizer, e ast.Expr) bool {
	if s.typeOf(e) == "error" {
		return true
	}
	switch x := e.(type) {
	case *ast.Ident:
		return strings.HasSuffix(strings.ToLower(x.Name), "err")
	case *ast.SelectorExpr:
		return strings.HasSuffix(strings.ToLower(x.Sel.Name), "err")
	}
	return false
}

func mentionsError(s *summarizer, e ast.Expr) bool {
	return errorTest(s, e) == token.NEQ
}
