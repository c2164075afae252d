package gosrc

import (
	"go/ast"
	"go/token"
)

// finalLines finds what ends the loop when it fails, and what is done on leaving it.
func (s *summarizer) finalLines(body *ast.BlockStmt) [][2]int {
	f := finals{s: s}
	f.list(body.List, false)
	return f.lines
}

// finals collects the lines of a loop that are not done again when they fail.
type finals struct {
	s     *summarizer
	lines [][2]int
	loops int // how many loops within this one: what they take up next is theirs
}

func (f *finals) add(from, to token.Pos) {
	f.lines = append(f.lines, [2]int{f.s.fset.Position(from).Line, f.s.fset.Position(to).Line})
}

func (f *finals) list(l []ast.Stmt, inner bool) {
	if inner && len(l) > 0 && returns(l) && !conditionalLeave(l) {
		f.add(l[0].Pos(), l[len(l)-1].End())
		return
	}
	for i, st := range l {
		if f.loops == 0 && f.s.takesNext(st) && i+1 < len(l) {
			f.add(l[i+1].Pos(), l[len(l)-1].End())
		}
		if n, ok := st.(*ast.IfStmt); ok && returns(n.Body.List) && !conditionalLeave(n.Body.List) && errorTest(f.s, n.Cond) == token.NEQ {
			if n.Init != nil {
				f.add(n.Init.Pos(), n.Init.End())
			} else if i > 0 {
				f.add(l[i-1].Pos(), l[i-1].End())
			}
		}
		f.inside(st)
	}
}

func (f *finals) inside(st ast.Stmt) {
	switch st := st.(type) {
	case *ast.BlockStmt:
		f.list(st.List, true)
	case *ast.IfStmt:
		f.list(st.Body.List, true)
		if st.Else != nil {
			f.inside(st.Else)
		}
	case *ast.SwitchStmt:
		f.inside(st.Body)
	case *ast.TypeSwitchStmt:
		f.inside(st.Body)
	case *ast.SelectStmt:
		f.inside(st.Body)
	case *ast.CaseClause:
		f.list(st.Body, true)
	case *ast.CommClause:
		if f.loops == 0 && f.s.takesNext(st.Comm) && len(st.Body) > 0 {
			f.add(st.Body[0].Pos(), st.End())
		}
		f.list(st.Body, true)
	case *ast.LabeledStmt:
		f.inside(st.Stmt)
	case *ast.ForStmt:
		f.nested(st.Body)
	case *ast.RangeStmt:
		f.nested(st.Body)
	}
}

// nested looks into a loop within this one: a return leaves both.
func (f *finals) nested(body *ast.BlockStmt) {
	f.loops++
	f.list(body.List, true)
	f.loops--
}
