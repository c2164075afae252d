package gosrc

import (
	"go/ast"
	"go/token"
	"strings"
)

// growth notes variables that are multiplied, shifted or added to.
func (r *attemptsReader) growth(n *ast.AssignStmt) {
	for i, l := range n.Lhs {
		id, ok := l.(*ast.Ident)
		if !ok {
			continue
		}
		switch {
		case n.Tok == token.MUL_ASSIGN || n.Tok == token.SHL_ASSIGN || n.Tok == token.ADD_ASSIGN:
			r.vars[id.Name] = true
		case len(n.Rhs) == len(n.Lhs) && r.grows(n.Rhs[i]):
			r.vars[id.Name] = true
		case len(n.Rhs) == len(n.Lhs) && n.Tok == token.ASSIGN && mentions(n.Rhs[i], map[string]bool{id.Name: true}):
			r.vars[id.Name] = true // delay = min(delay*2, max)
		}
	}
}

// grows: an expression that has another value with each attempt.
func (r *attemptsReader) grows(e ast.Expr) bool {
	if mentions(e, r.vars) {
		return true
	}
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		if c, ok := n.(*ast.CallExpr); ok && calleeName(c) == "Pow" {
			found = true
		}
		return !found
	})
	return found
}

func mentions(e ast.Expr, vars map[string]bool) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && vars[id.Name] {
			found = true
		}
		return !found
	})
	return found
}

// calls reads the waits, the questions to contexts and what is random.
func (r *attemptsReader) calls(n ast.Node) {
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr:
			r.call(n)
		case *ast.Ident:
			switch {
			case strings.Contains(strings.ToLower(n.Name), "jitter"):
				r.a.Random = true
			case n.Name == "DeadlineExceeded" || n.Name == "Canceled":
				r.a.Asked = append(r.a.Asked, &Value{Kind: Opaque, At: r.s.at(n)}) // of an error, whatever context ended it
			}
		}
		return true
	})
}

func (r *attemptsReader) call(c *ast.CallExpr) {
	name := calleeName(c)
	if sel, ok := c.Fun.(*ast.SelectorExpr); ok {
		switch {
		case (name == "Done" || name == "Err") && r.s.typeOf(sel.X) == "context.Context":
			r.a.Asked = append(r.a.Asked, r.s.value(sel.X))
			return
		case isNamed(sel.X, "rand"):
			r.a.Random = true
			return
		}
	}
	waits := isWait(name)
	if !waits {
		return
	}
	if name == "Sleep" && len(c.Args) == 1 {
		r.a.Sleeps = true
	}
	wait := &Value{Kind: Opaque, At: r.s.at(c)}
	for _, a := range c.Args {
		if t := r.s.typeOf(a); t == "time.Duration" || t == "" && len(c.Args) == 1 {
			wait = r.s.value(a)
			r.a.Grows = r.a.Grows || r.grows(a)
		} else if t == "context.Context" {
			r.a.Asked = append(r.a.Asked, r.s.value(a)) // sleep(ctx, d)
		}
	}
	r.a.Waits = append(r.a.Waits, wait)
	r.a.Grows = r.a.Grows || r.growing && len(c.Args) > 0 && mentions(c.Args[len(c.Args)-1], r.vars)
}

func isNamed(e ast.Expr, name string) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == name
}

// isWait goes by the names of functions that wait or say how long to.
func isWait(name string) bool {
	lower := strings.ToLower(name)
	switch lower {
	case "after", "newtimer", "reset", "wait", "tick":
		return true
	}
	return strings.Contains(lower, "sleep") || strings.Contains(lower, "backoff") || strings.Contains(lower, "delay")
}
