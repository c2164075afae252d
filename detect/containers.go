package detect

import (
	"slices"

	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/gosrc"
)

// containers are the functions that take constructors, which a container then runs by
// reflection with what others of them make.
var containers = []string{
	"go.uber.org/fx.Provide", "go.uber.org/fx.Invoke", "go.uber.org/fx.Annotate", "go.uber.org/fx.Decorate", "go.uber.org/fx.Private",
	"go.uber.org/dig.Container.Provide", "go.uber.org/dig.Container.Invoke", "go.uber.org/dig.Scope.Provide", "go.uber.org/dig.Scope.Invoke",
}

// contained adds the calls that such a container makes: each constructor is called
// with the results of those that make the types of its parameters.
func (p *program) contained() {
	var given []*gosrc.Call
	for _, pkg := range p.pkgs {
		for _, f := range pkg.Funcs {
			for _, to := range p.passed[f] {
				if slices.Contains(containers, to.call.Callee) && f.Symbol != "" {
					given = append(given, &gosrc.Call{Fn: to.call.Fn, At: to.call.At, Callee: f.Symbol, Params: f.Params})
					break
				}
			}
		}
	}
	for _, c := range given {
		f := p.funcs[c.Callee]
		if f == nil {
			continue
		}
		for _, typ := range f.Params {
			c.Args = append(c.Args, p.provided(typ, given, c.At))
		}
		p.callers[f] = append(p.callers[f], c)
	}
}

// provided is what the constructors make of a type, or of those that implement it.
func (p *program) provided(typ string, given []*gosrc.Call, at scanners.Position) *gosrc.Value {
	v := &gosrc.Value{Kind: gosrc.Union, Type: typ, At: at}
	for _, made := range given {
		f := p.funcs[made.Callee]
		if f == nil || typ == "" {
			continue
		}
		for _, ret := range f.Returns {
			i := slices.IndexFunc(ret, func(r *gosrc.Value) bool {
				return r.Type == typ || r.Type != "" && slices.Contains(p.impls[typ], r.Type)
			})
			if i >= 0 {
				v.Args = append(v.Args, &gosrc.Value{Kind: gosrc.Result, Call: made, Index: i, Type: typ, At: at})
				break
			}
		}
	}
	if len(v.Args) == 0 {
		v.Kind = gosrc.Opaque
	}
	return v
}
