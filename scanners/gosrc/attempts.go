package gosrc

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
)

// Attempts is what a loop that tries again what failed does between its attempts,
// and what ends it besides success.
type Attempts struct {
	// Limit is how often it goes round at most, where a count bounds it.
	Limit *Value
	// Bounded: something other than success, the kind of failure or the end of a
	// context ends it: a count, a deadline, a result.
	Bounded bool
	// Waits are how long it waits between attempts, one value for each wait; Opaque
	// where it cannot be told.
	Waits []*Value
	// Grows: a wait becomes longer with the attempts.
	Grows bool
	// Random: something in the loop is random, as jitter is.
	Random bool
	// Sleeps: a wait is one that nothing interrupts.
	Sleeps bool
	// Asked are the contexts that it asks whether they have ended.
	Asked []*Value
	// Specific: it goes on for certain failures only, which waiting does not mend: a
	// conflict, a name that is taken; or it goes to the next of several places.
	Specific bool
	// Plain: the turn itself shows that it ends with success and goes on after a
	// failure, whatever else stands in the loop.
	Plain bool
	// End is the loop's last line.
	End int
}

// attempts reads a retrying loop.
func (s *summarizer) attempts(l *Loop, n ast.Stmt) {
	if !l.Retry {
		return
	}
	a := &Attempts{End: position(s.fset, n.End()).Line}
	l.Attempts = a
	r := attemptsReader{s: s, a: a, vars: map[string]bool{}, turns: map[string]bool{}}
	switch n := n.(type) {
	case *ast.ForStmt:
		r.condition(n)
		r.counter(n.Post)
		a.Plain = n.Cond != nil && mentionsError(s, n.Cond) || s.decides(n.Body.List)
		r.body(n.Body)
		if n.Cond != nil {
			r.calls(n.Cond)
		}
	case *ast.RangeStmt:
		a.Bounded, a.Plain = !l.Ticker, s.decides(n.Body.List)
		if a.Bounded {
			a.Limit = s.value(n.X)
		}
		r.name(n.Key)
		r.name(n.Value)
		r.turn(n.Key)
		r.growing = n.Value != nil // a list of waits
		r.body(n.Body)
	}
}

type attemptsReader struct {
	s *summarizer
	a *Attempts
	// vars are the names of the variables that grow with the attempts.
	vars map[string]bool
	// turns are the names of the variables that count the attempts.
	turns   map[string]bool
	growing bool
}

func (r *attemptsReader) name(e ast.Expr) {
	if id, ok := e.(*ast.Ident); ok && id.Name != "_" {
		r.vars[id.Name] = true
	}
}

func (r *attemptsReader) turn(e ast.Expr) {
	if id, ok := e.(*ast.Ident); ok {
		r.turns[id.Name] = true
	}
}

// condition reads "i < max" and the like.
func (r *attemptsReader) condition(n *ast.ForStmt) {
	if n.Cond == nil {
		return
	}
	b, ok := ast.Unparen(n.Cond).(*ast.BinaryExpr)
	if ok && (b.Op == token.LSS || b.Op == token.LEQ || b.Op == token.NEQ) && r.s.typeOf(b.Y) != "time.Duration" && !isNil(b.Y) {
		if r.a.Limit = r.s.value(b.Y); b.Op == token.LEQ && r.a.Limit.Text == "1" {
			r.a.Limit = nil // "i <= 1": where it begins is not read
		}
	}
	r.a.Bounded = r.bounds(n.Cond)
}

func (r *attemptsReader) counter(post ast.Stmt) {
	switch p := post.(type) {
	case *ast.IncDecStmt:
		r.name(p.X)
		r.turn(p.X)
	case *ast.AssignStmt:
		for _, l := range p.Lhs {
			r.name(l)
		}
	}
}

func (r *attemptsReader) body(body *ast.BlockStmt) {
	// First what grows, then what is done with it.
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.IncDecStmt:
			r.name(n.X)
		case *ast.AssignStmt:
			r.growth(n)
		}
		return true
	})
	r.calls(body)
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit, *ast.ForStmt, *ast.RangeStmt:
			return false
		case *ast.IndexExpr:
			// The next of several servers needs no wait.
			r.a.Specific = r.a.Specific || len(r.a.Waits) == 0 && mentions(n.Index, r.turns)
		case *ast.IfStmt:
			if a, ok := n.Init.(*ast.AssignStmt); ok && len(a.Rhs) == 1 && r.specific(a.Rhs[0]) {
				r.a.Specific = true
			}
			r.ends(n.Cond, n.Body.List)
			if e, ok := n.Else.(*ast.BlockStmt); ok {
				r.ends(n.Cond, e.List)
			}
		case *ast.CaseClause:
			for _, e := range n.List {
				r.ends(e, n.Body)
			}
			if len(n.List) == 0 && leavesLoop(n.Body) {
				r.a.Bounded = true
			}
		case *ast.CommClause:
			r.received(n)
		}
		return true
	})
}

// ends: the loop is left, or gone on with, for a reason that is no failure and no
// context.
func (r *attemptsReader) ends(cond ast.Expr, body []ast.Stmt) {
	if len(body) == 0 || !leavesLoop(body) && !terminates(body[len(body)-1]) {
		return
	}
	if r.bounds(cond) {
		r.a.Bounded = true
	}
	if r.specific(cond) {
		r.a.Specific = true
	}
}

// decides: one of the statements of a turn leaves the loop after a success and goes
// on after a failure.
func (s *summarizer) decides(list []ast.Stmt) bool {
	for i, st := range list {
		n, ok := st.(*ast.IfStmt)
		if !ok {
			continue
		}
		rest := list[i+1:]
		switch errorTest(s, n.Cond) {
		case token.EQL:
			if leavesLoop(n.Body.List) && (n.Else == nil && (!leavesLoop(rest) || conditionalLeave(rest)) || n.Else != nil && !elseLeaves(n.Else)) {
				return true
			}
		case token.NEQ:
			stays := !leavesLoop(n.Body.List) || conditionalLeave(n.Body.List)
			if stays && (leavesLoop(rest) || n.Else != nil && elseLeaves(n.Else)) {
				return true
			}
		}
	}
	return false
}

// received reads a case of a select: a channel other than a context's or the wait's
// own ends the loop.
func (r *attemptsReader) received(n *ast.CommClause) {
	if n.Comm == nil || !leavesLoop(n.Body) {
		return
	}
	done := false
	ast.Inspect(n.Comm, func(n ast.Node) bool {
		c, ok := n.(*ast.CallExpr)
		done = done || ok && calleeName(c) == "Done"
		return true
	})
	if !done {
		r.a.Bounded = true
	}
}

// bounds: a condition asks for something other than errors and contexts.
func (r *attemptsReader) bounds(e ast.Expr) bool {
	switch x := ast.Unparen(e).(type) {
	case *ast.UnaryExpr:
		return r.bounds(x.X)
	case *ast.BinaryExpr:
		if x.Op == token.LAND || x.Op == token.LOR {
			return r.bounds(x.X) || r.bounds(x.Y)
		}
		for _, side := range []ast.Expr{x.X, x.Y} {
			if isError(r.s, side) || r.ofContext(side) || r.errorCall(side) {
				return false
			}
		}
		return true
	case *ast.CallExpr:
		return !r.errorCall(x) && !r.ofContext(x)
	case *ast.Ident:
		return x.Name != "true" && !isError(r.s, x)
	}
	return true
}

// errorCall: a question about an error: errors.Is(err, x), status.Code(err).
func (r *attemptsReader) errorCall(e ast.Expr) bool {
	c, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return false
	}
	for _, a := range c.Args {
		if isError(r.s, a) {
			return true
		}
	}
	sel, ok := c.Fun.(*ast.SelectorExpr)
	return ok && isError(r.s, sel.X)
}

func (r *attemptsReader) ofContext(e ast.Expr) bool {
	c, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return false
	}
	sel, ok := c.Fun.(*ast.SelectorExpr)
	return ok && (sel.Sel.Name == "Err" || sel.Sel.Name == "Done") && r.s.typeOf(sel.X) == "context.Context"
}

// specific: the condition asks what kind of failure it is, by a name that does not
// speak of a passing one.
func (r *attemptsReader) specific(cond ast.Expr) bool {
	found := false
	ast.Inspect(cond, func(n ast.Node) bool {
		if c, ok := n.(*ast.CallExpr); ok && r.errorCall(c) {
			name := strings.ToLower(calleeName(c))
			passing := slices.ContainsFunc([]string{"retr", "temporary", "transient", "timeout", "unavailable", "limit", "throttl", "recover"}, func(word string) bool {
				return strings.Contains(name, word)
			})
			found = found || !passing
		}
		return !found
	})
	return found
}
