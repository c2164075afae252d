package gosrc

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"regexp"
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
	l.Pauses = l.Ticker && !shape.ticks || pausesEachTurn(body)
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
	case shape.staysOnStatus && shape.sleeps, counted && shape.goesOnAfter && leavesLoop(body.List):
		l.Retry = true
	case cond == nil && !counted && leavesLoop(body.List) && conditionalLeave(body.List):
		l.Retry = true // for { err := do(); if again(err) { continue }; return err }
	case cond == nil && !counted && s.endsUnless(body):
		l.Retry = true // for { err := do(); if !again(err) { return err } }
	case l.Pauses && untilTrue(cond):
		l.Retry = true // for !done() { time.Sleep(wait) }
	case !counted && shape.staysOnFailure, cond == nil && l.Pauses:
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

// takesNext: "job, ok := <-jobs": the loop's next turn has another job, and does not
// try this one again.
func (s *summarizer) takesNext(st ast.Stmt) bool {
	as, ok := st.(*ast.AssignStmt)
	if !ok {
		return false
	}
	ch := received(as)
	return ch != nil && !s.rangesOverTicks(ch)
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
