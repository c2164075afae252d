package gosrc

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"github.com/intscan/intscan/scanners"
)

// uses reads, after the walk of a function's body, what becomes of its calls'
// results: errors that are dropped, bodies of HTTP responses that stay open, strings
// that are tested for being empty. Calls and stores (those from index stored on) that
// stand in a branch are marked.
func (s *summarizer) uses(body ast.Node, stored int) {
	u := useReader{s: s, at: map[types.Object][]use{}, body: body, results: map[types.Object]bool{}}
	ast.Inspect(body, u.visit)
	for _, r := range u.responses {
		r.call.Body = u.bodyOf(r)
	}
	u.markGuarded(body, stored)
	u.s.markIfSet(body)
}

type useReader struct {
	s         *summarizer
	stack     []ast.Node // the nodes around the current one, outermost first
	at        map[types.Object][]use
	responses []response
	branches  []span
	body      ast.Node
	results   map[types.Object]bool // named results of literals in the body
}

// use is one place where a local variable is named, with the nodes around it.
type use struct {
	id     *ast.Ident
	around [4]ast.Node // parent, its parent, ...
}

// response is a call that returns an *http.Response, and the variable it goes into:
// nil where it goes into none, with taken saying that something else takes it.
type response struct {
	call  *Call
	obj   types.Object
	taken bool
}

func (u *useReader) visit(n ast.Node) bool {
	if n == nil {
		u.stack = u.stack[:len(u.stack)-1]
		return true
	}
	switch n := n.(type) {
	case *ast.FuncType:
		u.resultsOf(n)
	case *ast.Ident:
		u.named(n)
	case *ast.CallExpr:
		u.called(n)
	case *ast.BinaryExpr:
		u.compared(n)
	case *ast.IfStmt:
		u.branch(n)
	case *ast.CaseClause:
		u.branches = append(u.branches, span{n.Colon, n.End()})
	case *ast.SwitchStmt:
		if n.Tag != nil && u.isString(n.Tag) {
			u.s.pkg.Tested = append(u.s.pkg.Tested, u.s.value(n.Tag))
		}
	}
	u.stack = append(u.stack, n)
	return true
}

func (u *useReader) named(id *ast.Ident) {
	obj, ok := u.s.object(id).(*types.Var)
	if !ok || obj.IsField() || !strings.HasSuffix(typeSymbol(obj.Type()), "http.Response") {
		return
	}
	one := use{id: id}
	for i := range one.around {
		if at := len(u.stack) - 1 - i; at >= 0 {
			one.around[i] = u.stack[at]
		}
	}
	u.at[obj] = append(u.at[obj], one)
}

// called notes what takes the results of a call.
func (u *useReader) called(e *ast.CallExpr) {
	if id, ok := e.Fun.(*ast.Ident); ok && id.Name == "len" && len(e.Args) == 1 && u.isString(e.Args[0]) {
		u.s.pkg.Tested = append(u.s.pkg.Tested, u.s.value(e.Args[0]))
	}
	c := u.s.calls[e]
	if c == nil {
		return
	}
	returnsResponse := len(c.Results) > 0 && c.Results[0] == "net/http.Response"
	r := response{call: c, taken: true}
	switch p := u.parent().(type) {
	case *ast.ExprStmt:
		c.Dropped, r.taken = c.Error, false
	case *ast.DeferStmt:
		c.Deferred, c.Dropped, r.taken = true, c.Error, false
	case *ast.GoStmt:
		c.Dropped, r.taken = c.Error, false
	case *ast.AssignStmt:
		if len(p.Rhs) == 1 {
			c.Dropped = c.Error && isBlank(p.Lhs[len(p.Lhs)-1])
			r.obj, r.taken = u.receiver(p.Lhs[0])
		}
	case *ast.ValueSpec:
		if len(p.Values) == 1 && len(p.Names) > 0 {
			r.obj, r.taken = u.receiver(p.Names[0])
		}
	}
	if returnsResponse {
		u.responses = append(u.responses, r)
	}
}

func (u *useReader) parent() ast.Node {
	if len(u.stack) == 0 {
		return nil
	}
	return u.stack[len(u.stack)-1]
}

// receiver is the local variable that a result is assigned to.
func (u *useReader) receiver(lhs ast.Expr) (obj types.Object, taken bool) {
	id, ok := lhs.(*ast.Ident)
	switch {
	case !ok:
		return nil, true // a field, an element
	case id.Name == "_":
		return nil, false
	}
	v, ok := u.s.object(id).(*types.Var)
	if !ok || v.Pkg() != nil && v.Parent() == v.Pkg().Scope() {
		return nil, true
	}
	return v, false
}

func isBlank(e ast.Expr) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == "_"
}

// compared notes the strings compared with a constant, "" as a rule.
func (u *useReader) compared(n *ast.BinaryExpr) {
	if n.Op != token.EQL && n.Op != token.NEQ {
		return
	}
	for _, side := range [][2]ast.Expr{{n.X, n.Y}, {n.Y, n.X}} {
		if lit, ok := side[1].(*ast.BasicLit); ok && lit.Kind == token.STRING && u.isString(side[0]) {
			u.s.pkg.Tested = append(u.s.pkg.Tested, u.s.value(side[0]))
		}
	}
}

func (u *useReader) isString(e ast.Expr) bool {
	tv, ok := u.s.info.Types[e]
	if !ok || tv.Type == nil || tv.Value != nil {
		return false
	}
	b, ok := tv.Type.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsString != 0
}

// bodyOf says what becomes of a response's body, by all uses of its variable.
func (u *useReader) bodyOf(r response) BodyUse {
	switch {
	case r.taken:
		return BodyPassed
	case r.obj == nil:
		return BodyOpen
	}
	out := BodyOpen
	for _, one := range u.at[r.obj] {
		switch u.bodyUse(one) {
		case BodyClosed:
			return BodyClosed
		case BodyPassed:
			out = BodyPassed
		}
	}
	if out == BodyOpen && u.outlives(r.obj) {
		return BodyPassed
	}
	return out
}

// outlives: a variable is not the body's own, but a named result, whose value every
// return hands on, or a parameter.
func (u *useReader) outlives(obj types.Object) bool {
	return u.results[obj] || obj.Pos() < u.body.Pos() || obj.Pos() > u.body.End()
}

func (u *useReader) resultsOf(t *ast.FuncType) {
	if t.Results == nil {
		return
	}
	for _, field := range t.Results.List {
		for _, name := range field.Names {
			if obj := u.s.object(name); obj != nil {
				u.results[obj] = true
			}
		}
	}
}

// bodyUse classifies one use of a response: BodyUnknown for one that neither closes
// the body nor hands it on.
func (u *useReader) bodyUse(one use) BodyUse {
	switch p := one.around[0].(type) {
	case *ast.SelectorExpr:
		if p.Sel.Name == "Write" { // it closes what it writes
			return BodyClosed
		}
		if p.Sel.Name == "Body" {
			return u.ofBody(p, one.around[1], one.around[2])
		}
		return BodyUnknown
	case *ast.BinaryExpr:
		return BodyUnknown
	case *ast.ValueSpec:
		return BodyUnknown
	case *ast.AssignStmt:
		for _, lhs := range p.Lhs {
			if lhs == one.id {
				return BodyUnknown
			}
		}
		if len(p.Lhs) == 1 && isBlank(p.Lhs[0]) {
			return BodyUnknown
		}
	}
	return BodyPassed
}

// ofBody classifies a use of resp.Body by the nodes around it.
func (u *useReader) ofBody(body *ast.SelectorExpr, parent, outer ast.Node) BodyUse {
	switch p := parent.(type) {
	case *ast.SelectorExpr:
		if p.Sel.Name == "Close" {
			return BodyClosed
		}
		return BodyUnknown // Body.Read
	case *ast.BinaryExpr:
		return BodyUnknown
	case *ast.CallExpr:
		if c := u.s.calls[p]; c != nil && onlyReads[c.Callee] {
			return BodyUnknown
		}
	case *ast.AssignStmt:
		if len(p.Lhs) == 1 && isBlank(p.Lhs[0]) {
			return BodyUnknown
		}
	}
	return BodyPassed
}

// onlyReads are functions that read from what they are given and never close it.
var onlyReads = map[string]bool{
	"io.ReadAll": true, "io.Copy": true, "io.CopyN": true, "io.CopyBuffer": true, "io.ReadFull": true, "io.ReadAtLeast": true,
	"io.LimitReader": true, "io.TeeReader": true, "io/ioutil.ReadAll": true, "bufio.NewReader": true, "bufio.NewReaderSize": true,
	"bufio.NewScanner": true, "encoding/json.NewDecoder": true, "encoding/xml.NewDecoder": true, "encoding/gob.NewDecoder": true,
	"encoding/csv.NewReader": true, "bytes.Buffer.ReadFrom": true, "compress/gzip.NewReader": true, "golang.org/x/net/html.Parse": true,
}

// span is a stretch of source.
type span struct{ from, to token.Pos }

// branch notes the branches of an if, and what follows one that leaves, unless it is
// the check of an error.
func (u *useReader) branch(n *ast.IfStmt) {
	u.branches = append(u.branches, span{n.Body.Pos(), n.Body.End()})
	if n.Else != nil {
		u.branches = append(u.branches, span{n.Else.Pos(), n.Else.End()})
	}
	if block, ok := u.parent().(*ast.BlockStmt); ok && leaves(n.Body) && !checksError(n.Cond) {
		u.branches = append(u.branches, span{n.End(), block.End()})
	}
}

func checksError(cond ast.Expr) bool {
	found := false
	ast.Inspect(cond, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && strings.HasSuffix(strings.ToLower(id.Name), "err") {
			found = true
		}
		return !found
	})
	return found
}

// markGuarded marks the calls and stores of a body that stand in one of its branches.
func (u *useReader) markGuarded(body ast.Node, stored int) {
	if len(u.branches) == 0 {
		return
	}
	inBranch := func(pos token.Pos) bool {
		for _, b := range u.branches {
			if b.from <= pos && pos < b.to {
				return true
			}
		}
		return false
	}
	lines := map[scanners.Position]bool{}
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if c := u.s.calls[n]; c != nil {
				c.Guarded = inBranch(n.Pos())
			}
		case *ast.KeyValueExpr:
			lines[u.s.at(n.Value)] = inBranch(n.Pos())
		case *ast.SelectorExpr:
			lines[u.s.at(n.Sel)] = inBranch(n.Pos())
		}
		return true
	})
	for i := stored; i < len(u.s.pkg.Stores); i++ {
		u.s.pkg.Stores[i].Guarded = lines[u.s.pkg.Stores[i].At]
	}
}
