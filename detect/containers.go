package detect

import (
	"slices"

	"github.com/intscan/intscan/scanners/gosrc"
)

// containers are the functions that take constructors, which a container then runs by
// reflection with what others of them make.
var containers = []string{
	"go.uber.org/fx.Provide", "go.uber.org/fx.Invoke", "go.uber.org/fx.Annotate", "go.uber.org/fx.Private",
	"go.uber.org/dig.Container.Provide", "go.uber.org/dig.Container.Invoke", "go.uber.org/dig.Scope.Provide", "go.uber.org/dig.Scope.Invoke",
}

// decorate are those of them whose functions take the place of what others make.
var decorate = []string{"go.uber.org/fx.Decorate", "go.uber.org/dig.Container.Decorate", "go.uber.org/dig.Scope.Decorate"}

// constructor is a function that a container runs, with the call that stands for it.
type constructor struct {
	fn        *gosrc.Func
	call      *gosrc.Call
	decorates bool
}

// contained adds the calls that such a container makes: each constructor is called
// with the results of those that make the types of its parameters.
func (p *program) contained() {
	given := p.constructors()
	for _, c := range given {
		for _, typ := range c.fn.Params {
			c.call.Args = append(c.call.Args, p.provided(typ, c, given))
		}
		p.callers[c.fn] = append(p.callers[c.fn], c.call)
	}
}

func (p *program) constructors() []constructor {
	var out []constructor
	for _, pkg := range p.pkgs {
		for _, f := range pkg.Funcs {
			for _, to := range p.passed[f] {
				decorates := slices.Contains(decorate, to.call.Callee)
				if !decorates && !slices.Contains(containers, to.call.Callee) {
					continue
				}
				c := &gosrc.Call{Fn: to.call.Fn, At: to.call.At, Callee: f.Symbol, Params: f.Params}
				if f.Lit {
					c.Func = &gosrc.Value{Kind: gosrc.Closure, Fn: f, At: f.At}
				}
				out = append(out, constructor{f, c, decorates})
				break
			}
		}
	}
	return out
}

// provided is what the constructors make of a type, or of those that implement it;
// where decorators do, what they make, but for themselves.
func (p *program) provided(typ string, taker constructor, given []constructor) *gosrc.Value {
	v := &gosrc.Value{Kind: gosrc.Union, Type: typ, At: taker.call.At}
	if typ != "" {
		if !taker.decorates {
			v.Args = p.makes(typ, taker, given, true)
		}
		if len(v.Args) == 0 {
			v.Args = p.makes(typ, taker, given, false)
		}
	}
	if len(v.Args) == 0 {
		v.Kind = gosrc.Opaque
	}
	return v
}

// makes are the results of that type, of the decorators or of the others.
func (p *program) makes(typ string, taker constructor, given []constructor, decorators bool) (out []*gosrc.Value) {
	for _, c := range given {
		if c.decorates != decorators {
			continue
		}
		for _, ret := range c.fn.Returns {
			i := slices.IndexFunc(ret, func(r *gosrc.Value) bool {
				return r.Type == typ || r.Type != "" && slices.Contains(p.impls[typ], r.Type)
			})
			if i >= 0 {
				out = append(out, &gosrc.Value{Kind: gosrc.Result, Call: c.call, Index: i, Type: typ, At: taker.call.At})
				break
			}
		}
	}
	return out
}
