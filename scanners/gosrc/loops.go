package gosrc

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"regexp"
	"slices"
	"strings"
)

func constTextOf(n *ast.BasicLit) string {
	return constText(constant.MakeFromLiteral(n.Value, n.Kind, 0))
}

// newLoop judges by its shape whether a loop tries again what failed. Such a loop
// goes on to its next turn after a failure and leaves after a success:
//
//	for i := 0; i < 3; i++ {          for {
//		if err = do(); err == nil {       err := do()
//			return nil                    if err == nil { break }
//		}                                 time.Sleep(wait)
//		time.Sleep(backoff)           }
//	}
//
// A loop over data, a pager (which leaves on failure) and a server's accept loop
// (which never leaves on success) are none.
func (s *summarizer) newLoop(n ast.Stmt) *Loop {
	l := &Loop{At: s.at(n)}
	if len(s.loops) > 0 {
		l.Outer = s.loops[len(s.loops)-1]
	}
	var body *ast.BlockStmt
	var cond ast.Expr
	counted := false
	switch n := n.(type) {
	case *ast.ForStmt:
		body, cond = n.Body, n.Cond
		l.Range = s.countsOver(n.Cond)
	case *ast.RangeStmt:
		body = n.Body
		counted = s.rangesOverAttempts(n.X)
		l.Ticker = s.rangesOverTicks(n.X)
		l.Range = !counted && !l.Ticker
	}
	shape := loopShape{s: s}
	shape.block(body.List)
	l.Final = s.finalLines(body)
	l.Sleeps = shape.sleeps
	l.Ticker = l.Ticker || shape.ticks
	condOnError := cond != nil && mentionsError(s, cond)
	counted = counted || cond != nil && !condOnError && !l.Range
	switch {
	case l.Range:
	case condOnError:
		l.Retry = true
	case shape.leavesOnSuccess && shape.staysOnFailure:
		l.Retry = true
	case counted && (shape.staysOnFailure || shape.staysOnSome) && shape.sleeps:
		l.Retry = true
	case cond == nil && !counted && leavesLoop(body.List) && conditionalLeave(body.List):
		l.Retry = true // for { err := do(); if again(err) { continue }; return err }
	case !counted && shape.staysOnFailure:
		l.Endless = true
	}
	return l
}

// countsOver recognises "i < len(hosts)": a loop over data by its index.
func (s *summarizer) countsOver(cond ast.Expr) bool {
	b, ok := cond.(*ast.BinaryExpr)
	if !ok {
		return false
	}
	call, ok := ast.Unparen(b.Y).(*ast.CallExpr)
	return ok && calleeName(call) == "len" && len(call.Args) == 1 && !s.rangesOverAttempts(call.Args[0])
}

// finalLines finds what ends the loop when it fails, and what is done on leaving it.
func (s *summarizer) finalLines(body *ast.BlockStmt) [][2]int {
	var out [][2]int
	lines := func(from, to token.Pos) {
		out = append(out, [2]int{s.fset.Position(from).Line, s.fset.Position(to).Line})
	}
	var list func(l []ast.Stmt, inner bool)
	var inside func(st ast.Stmt)
	inside = func(st ast.Stmt) {
		switch st := st.(type) {
		case *ast.BlockStmt:
			list(st.List, true)
		case *ast.IfStmt:
			list(st.Body.List, true)
			if st.Else != nil {
				inside(st.Else)
			}
		case *ast.SwitchStmt:
			inside(st.Body)
		case *ast.TypeSwitchStmt:
			inside(st.Body)
		case *ast.SelectStmt:
			inside(st.Body)
		case *ast.CaseClause:
			list(st.Body, true)
		case *ast.CommClause:
			list(st.Body, true)
		case *ast.LabeledStmt:
			inside(st.Stmt)
		}
	}
	list = func(l []ast.Stmt, inner bool) {
		if inner && len(l) > 0 && returns(l) && !conditionalLeave(l) {
			lines(l[0].Pos(), l[len(l)-1].End())
			return
		}
		for i, st := range l {
			if n, ok := st.(*ast.IfStmt); ok && returns(n.Body.List) && !conditionalLeave(n.Body.List) && errorTest(s, n.Cond) == token.NEQ {
				if n.Init != nil {
					lines(n.Init.Pos(), n.Init.End())
				} else if i > 0 {
					lines(l[i-1].Pos(), l[i-1].End())
				}
			}
			inside(st)
		}
	}
	list(body.List, false)
	return out
}

// returns: the statements end by leaving the function, and with it the loop.
func returns(list []ast.Stmt) bool {
	if len(list) == 0 {
		return false
	}
	_, ok := list[len(list)-1].(*ast.ReturnStmt)
	return ok
}

// rangesOverTicks recognises "range ticker.C".
func (s *summarizer) rangesOverTicks(x ast.Expr) bool {
	tv, ok := s.info.Types[x]
	if !ok || tv.Type == nil {
		return false
	}
	c, ok := tv.Type.Underlying().(*types.Chan)
	return ok && typeSymbol(c.Elem()) == "time.Time"
}

// rangesOverAttempts recognises "range 5", "range maxAttempts" and ranges over
// waits or iterators, whose turns are attempts.
func (s *summarizer) rangesOverAttempts(x ast.Expr) bool {
	if waitList.MatchString(exprName(x)) {
		return true
	}
	tv, ok := s.info.Types[x]
	if !ok || tv.Type == nil {
		return false
	}
	switch u := tv.Type.Underlying().(type) {
	case *types.Basic:
		return u.Info()&types.IsInteger != 0
	case *types.Slice:
		return typeSymbol(u.Elem()) == "time.Duration"
	case *types.Array:
		return typeSymbol(u.Elem()) == "time.Duration"
	case *types.Signature:
		return true
	}
	return false
}

// jump is a backward goto: what stands between the label and it is a loop.
type jump struct {
	label, from token.Pos
	loop        *Loop
}

// jumps finds the backward gotos of a function body.
func (s *summarizer) jumps(body *ast.BlockStmt) []jump {
	labels := map[string]token.Pos{}
	var out []jump
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.LabeledStmt:
			labels[n.Label.Name] = n.Pos()
		case *ast.BranchStmt:
			if at, ok := labels[labelName(n)]; ok && n.Tok == token.GOTO {
				out = append(out, jump{at, n.Pos(), &Loop{At: position(s.fset, at), Retry: true}})
			}
		}
		return true
	})
	return out
}

func labelName(n *ast.BranchStmt) string {
	if n.Label == nil {
		return ""
	}
	return n.Label.Name
}

// gotoLoop is the loop that a backward goto makes around a place; nil for none.
func (s *summarizer) gotoLoop(pos token.Pos) *Loop {
	if s.body == nil {
		return nil
	}
	for _, j := range s.body.jumps {
		if j.label <= pos && pos < j.from {
			return j.loop
		}
	}
	return nil
}

// waitList are names of lists of waits: backoffSchedule, retryDelays.
var waitList = regexp.MustCompile(`(?i)(backoff|retry|retries|attempt)`)

func exprName(x ast.Expr) string {
	switch x := x.(type) {
	case *ast.Ident:
		return x.Name
	case *ast.SelectorExpr:
		return x.Sel.Name
	case *ast.CallExpr:
		return calleeName(x)
	}
	return ""
}

// loopShape looks for the turns a loop can take.
type loopShape struct {
	s               *summarizer
	leavesOnSuccess bool
	staysOnFailure  bool
	staysOnSome     bool // "if !isConflict(err) { return err }"
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
