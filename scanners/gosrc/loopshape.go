package gosrc

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
)

// loopShape looks for the turns a loop can take.
type loopShape struct {
	s               *summarizer
	leavesOnSuccess bool
	staysOnFailure  bool
	staysOnSome     bool // "if !isConflict(err) { return err }"
	staysOnStatus   bool // "if resp.StatusCode != http.StatusTooManyRequests { return nil }"
	goesOnAfter     bool // "if isTimeout(err) { continue }"
	sleeps, ticks   bool
}

func (l *loopShape) block(list []ast.Stmt) {
	for i, st := range list {
		l.stmt(st, list[i+1:])
	}
}

func (l *loopShape) stmt(st ast.Stmt, rest []ast.Stmt) {
	l.waits(st)
	switch st := st.(type) {
	case *ast.IfStmt:
		l.branch(st, rest)
	case *ast.BlockStmt:
		l.block(st.List)
	case *ast.LabeledStmt:
		l.stmt(st.Stmt, rest)
	case *ast.SwitchStmt:
		leaves, stays := false, false
		for _, c := range st.Body.List {
			if cc, ok := c.(*ast.CaseClause); ok {
				success := slices.ContainsFunc(cc.List, func(e ast.Expr) bool { return errorTest(l.s, e) == token.EQL })
				leaves = leaves || success && leavesLoop(cc.Body)
				stays = stays || !success && !leavesLoop(cc.Body)
				l.clause(cc)
			}
		}
		// Beside the case of success, which leaves, some other case goes on.
		l.staysOnFailure = l.staysOnFailure || leaves && stays
	case *ast.SelectStmt:
		for _, c := range st.Body.List {
			if cc, ok := c.(*ast.CommClause); ok {
				l.block(cc.Body)
			}
		}
	}
}

func (l *loopShape) clause(cc *ast.CaseClause) {
	for _, e := range cc.List {
		switch errorTest(l.s, e) {
		case token.EQL:
			if leavesLoop(cc.Body) {
				l.leavesOnSuccess = true
			}
		case token.NEQ:
			if !leavesLoop(cc.Body) {
				l.staysOnFailure = true
			}
		}
	}
	l.block(cc.Body)
}

// branch reads "if err == nil { leave }" and "if err != nil { stay }".
func (l *loopShape) branch(st *ast.IfStmt, rest []ast.Stmt) {
	switch errorTest(l.s, st.Cond) {
	case token.EQL:
		if leavesLoop(st.Body.List) {
			l.leavesOnSuccess = true
			if st.Else == nil && (!leavesLoop(rest) || conditionalLeave(rest)) || st.Else != nil && !elseLeaves(st.Else) {
				l.staysOnFailure = true
			}
		}
	case token.NEQ:
		if !leavesLoop(st.Body.List) || conditionalLeave(st.Body.List) {
			l.staysOnFailure = true
			if leavesLoop(rest) || st.Else != nil && elseLeaves(st.Else) {
				l.leavesOnSuccess = true
			}
		}
	case token.ILLEGAL:
		l.staysOnStatus = l.staysOnStatus || st.Else == nil && looksAtStatus(st.Cond) &&
			(succeeds(st.Body.List) && !leavesLoop(rest) || goesOn(st.Body.List) && leavesLoop(rest))
		l.goesOnAfter = l.goesOnAfter || goesOn(st.Body.List) && looksAtError(l.s, st)
		l.staysOnSome = l.staysOnSome || st.Else == nil && leavesLoop(st.Body.List) && deniesErrorPredicate(l.s, st.Cond) ||
			st.Else != nil && leavesLoop(st.Body.List) != elseLeaves(st.Else) && looksAtError(l.s, st)
	}
	l.block(st.Body.List)
	switch e := st.Else.(type) {
	case *ast.BlockStmt:
		l.block(e.List)
	case *ast.IfStmt:
		l.stmt(e, rest)
	}
}

// endsUnless: the turn ends with "if !again(err) { return err }" about a call's
// failure, and nothing else leaves.
func (s *summarizer) endsUnless(body *ast.BlockStmt) bool {
	leaving := 0
	found := false
	for i, st := range body.List {
		n, ok := st.(*ast.IfStmt)
		if !ok || !leavesLoop(n.Body.List) {
			continue
		}
		leaving++
		from := n.Init
		if from == nil && i > 0 {
			from = body.List[i-1]
		}
		found = found || s.failing(from) != nil && n.Else == nil && deniesErrorPredicate(s, n.Cond) && returnsFailure(s, n.Body.List)
	}
	return found && leaving == 1
}

// returnsFailure: the last of what is returned is an error, which success leaves nil.
func returnsFailure(s *summarizer, list []ast.Stmt) bool {
	r, ok := list[len(list)-1].(*ast.ReturnStmt)
	return ok && len(r.Results) > 0 && isError(s, r.Results[len(r.Results)-1])
}

// looksAtStatus: the condition is on an answer's status code.
func looksAtStatus(cond ast.Expr) bool {
	found := false
	ast.Inspect(cond, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			found = found || sel.Sel.Name == "StatusCode"
		}
		return !found
	})
	return found
}

// succeeds: the statements end by leaving the loop without an error.
func succeeds(list []ast.Stmt) bool {
	if len(list) == 0 {
		return false
	}
	switch st := list[len(list)-1].(type) {
	case *ast.BranchStmt:
		return st.Tok == token.BREAK
	case *ast.ReturnStmt:
		return len(st.Results) == 0 || isNil(st.Results[len(st.Results)-1])
	}
	return false
}

// goesOn: the statements end with the next turn.
func goesOn(list []ast.Stmt) bool { return len(list) > 0 && isContinue(list[len(list)-1]) }

// leavesLoop: the statements end by leaving the loop.
func leavesLoop(list []ast.Stmt) bool {
	if len(list) == 0 {
		return false
	}
	switch st := list[len(list)-1].(type) {
	case *ast.BranchStmt:
		return st.Tok == token.BREAK || st.Tok == token.GOTO
	case *ast.ReturnStmt:
		return true
	case *ast.IfStmt:
		return st.Else != nil && leavesLoop(st.Body.List) && elseLeaves(st.Else)
	}
	return terminates(list[len(list)-1]) && !isContinue(list[len(list)-1])
}

func isContinue(st ast.Stmt) bool {
	b, ok := st.(*ast.BranchStmt)
	return ok && b.Tok == token.CONTINUE
}

func elseLeaves(e ast.Stmt) bool {
	switch e := e.(type) {
	case *ast.BlockStmt:
		return leavesLoop(e.List)
	case *ast.IfStmt:
		return e.Else != nil && leavesLoop(e.Body.List) && elseLeaves(e.Else)
	}
	return false
}

// conditionalLeave: inside, some turn goes on ("if retryable(err) { continue }").
func conditionalLeave(list []ast.Stmt) bool {
	found := false
	for _, st := range list {
		ast.Inspect(st, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncLit, *ast.ForStmt, *ast.RangeStmt:
				return false
			case *ast.BranchStmt:
				found = found || n.Tok == token.CONTINUE
			}
			return true
		})
	}
	return found
}

// waits notes sleeps, timers and backoffs.
func (l *loopShape) waits(st ast.Stmt) {
	ast.Inspect(st, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr:
			name := strings.ToLower(calleeName(n))
			if strings.Contains(name, "sleep") || strings.Contains(name, "backoff") || name == "after" || name == "newtimer" || name == "wait" {
				l.sleeps = true
			}
		case *ast.SelectorExpr:
			if n.Sel.Name == "C" {
				l.ticks = true
			}
		}
		return true
	})
}

func calleeName(c *ast.CallExpr) string {
	switch f := ast.Unparen(c.Fun).(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}
