package gosrc

import (
	"go/ast"
	"go/token"
	"regexp"
)

// putsBack are names of functions that see to it that something is done once more.
var putsBack = regexp.MustCompile(`(?i)re-?(queue|enqueue|schedule|send|deliver|publish)|(schedule|queue|enqueue)_?retry|retry_?later|put_?back`)

// callsAfterFailure finds the calls by which a function calls itself, or what is named
// for doing a thing once more, because something failed. Others go on to the next page
// or the children of a node.
func (s *summarizer) callsAfterFailure(d *ast.FuncDecl) map[*ast.CallExpr]bool {
	var out map[*ast.CallExpr]bool
	var path []ast.Node
	ast.Inspect(d.Body, func(n ast.Node) bool {
		if n == nil {
			path = path[:len(path)-1]
			return true
		}
		path = append(path, n)
		if c, ok := n.(*ast.CallExpr); ok && (calleeName(c) == d.Name.Name || putsBack.MatchString(calleeName(c))) && s.afterFailure(path) {
			if out == nil {
				out = map[*ast.CallExpr]bool{}
			}
			out[c] = true
		}
		return true
	})
	return out
}

// afterFailure: what a path of nodes leads to is reached after a failure or a wait.
func (s *summarizer) afterFailure(path []ast.Node) bool {
	failed := false
	for i, n := range path[:len(path)-1] {
		inner := path[i+1]
		if n, ok := n.(*ast.IfStmt); ok {
			switch test := errorTest(s, n.Cond); {
			case inner == n.Body && (test == token.NEQ || looksAtError(s, n) || test == token.ILLEGAL && looksAtStatus(n.Cond)):
				failed = true
			case inner == n.Body && test == token.EQL:
				failed = false
			case inner == n.Else && test != token.ILLEGAL:
				failed = test == token.EQL
			}
		}
		for _, st := range statements(n) {
			if st == inner {
				break
			}
			failed = s.failedAfter(st, failed)
		}
	}
	return failed
}

// failedAfter is afterFailure for what follows a statement.
func (s *summarizer) failedAfter(st ast.Stmt, before bool) bool {
	check, ok := st.(*ast.IfStmt)
	if !ok {
		shape := loopShape{s: s}
		shape.waits(st)
		return before || shape.sleeps
	}
	body := check.Body.List
	if leavesLoop(body) || len(body) > 0 && isContinue(body[len(body)-1]) {
		switch errorTest(s, check.Cond) {
		case token.EQL:
			return true
		case token.NEQ:
			return false
		}
	}
	return before
}
