package detect

import (
	"slices"

	"github.com/intscan/intscan/scanners/gosrc"
)

// handed are, for a call of the parameter that a function is handed over in, the calls
// that hand over this very function: of all transactions run by
//
//	func (s *Store) inTx(ctx context.Context, run func(ctx context.Context) error) error { return run(ctx) }
//
// a literal runs in that of the call it is written in. Nil where all count, and where the
// helper gives back what will run it: recovered(op) runs nothing yet.
func (p *program) handed(c *gosrc.Call, f *gosrc.Func) []*gosrc.Call {
	if c.Func == nil || c.Func.Kind != gosrc.Param || c.Func.Fn == nil || givesBack(c.Func.Fn, c.Fn) {
		return nil
	}
	callers := p.callers[c.Func.Fn]
	if len(callers) < 2 {
		return nil
	}
	var out []*gosrc.Call
	for _, outer := range callers {
		if a := argument(outer, c.Func); a != nil && p.mayBe(a, f) {
			out = append(out, outer)
		}
	}
	if len(out) == len(callers) {
		return nil
	}
	return out
}

// givesBack: the function returns the literal, or one that it stands in.
func givesBack(f, lit *gosrc.Func) bool {
	for ; lit != nil && lit.Lit && lit != f; lit = lit.Parent {
		for _, values := range f.Returns {
			if slices.ContainsFunc(values, func(v *gosrc.Value) bool { return v.Kind == gosrc.Closure && v.Fn == lit }) {
				return true
			}
		}
	}
	return false
}

// mayBe: the value is the function, or may be it.
func (p *program) mayBe(v *gosrc.Value, f *gosrc.Func) bool {
	switch v.Kind {
	case gosrc.Closure:
		return v.Fn == f
	case gosrc.FuncRef:
		return p.funcOf(v) == f
	}
	return slices.ContainsFunc(p.allOrigins(v), func(o *gosrc.Value) bool { return p.funcOf(o) == f })
}

// passing are a call of a function and the ways to it, where the call is one of a
// parameter; by any way else.
func (p *program) passing(c *gosrc.Call, f *gosrc.Func) []*way {
	var out []*way
	for _, outer := range p.handed(c, f) {
		out = append(out, p.enter(outer, c.Func.Fn, nil, nil))
	}
	if len(out) == 0 {
		return []*way{nil}
	}
	return out
}

// givenBy is, for what a store's library hands to a function that it is given to run
// (func(tx bun.Tx) error, func(c *pgxpool.Conn) error), the client that it belongs to:
// the receiver of the library's method, or the argument that is of the library's.
func (p *program) givenBy(v *gosrc.Value) *gosrc.Value {
	to := p.passed[v.Fn]
	if len(to) != 1 || v.Index < 0 || !p.ofStore(v.Type) {
		return nil
	}
	c := to[0].call
	if p.declared(c.Callee) || !p.ofStore(c.Callee) {
		return nil
	}
	if c.Recv != nil {
		return c.Recv
	}
	for _, a := range c.Args {
		if p.ofStore(a.Type) && !isData(a.Type) {
			return a
		}
	}
	return nil
}

// ofStore: the symbol is of a library of databases or caches.
func (p *program) ofStore(symbol string) bool {
	pkg := packageOf(symbol)
	if pkg == "" {
		return false
	}
	if lib := p.cat.Package(pkg); lib != nil {
		return lib.System.Kind == "database" || lib.System.Kind == "cache" || lib.SDK == "database-sql"
	}
	sdk := p.cat.SDKOf(pkg)
	return sdk != nil && sdk.Name == "database-sql"
}
