package detect

import (
	"slices"

	"github.com/intscan/intscan/scanners/gosrc"
)

// decoratedSometimes: where the call goes to the function itself, a decorator that
// records may stand before it as well, put there where configuration asks for it:
//
//	if cfg.Metrics {
//		store = &measured{next: store}
//	}
//
// Instrumentation that is switched on so counts as present.
func (j *judge) decoratedSometimes(c *gosrc.Call, f *gosrc.Func) bool {
	if !c.Interface || c.Recv == nil {
		return false
	}
	for _, inner := range j.p.callers[f] {
		g := inner.Fn
		if inner == c || inner.Callee != c.Callee || !j.p.chained(inner) || !slices.Contains(j.p.targets(c), g) {
			continue
		}
		if j.records(g).what != "" && j.p.optional(c.Recv, g.Recv) {
			return true
		}
	}
	return false
}

// optional: on its way here the value becomes, on some branches, one of the type that
// is made around it.
func (p *program) optional(v *gosrc.Value, typ string) bool {
	w := originWalk{p: p, seen: map[any]bool{}, unions: &[]*gosrc.Value{}}
	w.follow(v, 0)
	return slices.ContainsFunc(*w.unions, func(u *gosrc.Value) bool {
		return slices.ContainsFunc(u.Args, func(a *gosrc.Value) bool {
			return slices.ContainsFunc(p.around(a, typ), func(inner *gosrc.Value) bool { return p.shares(inner, u.Args, a) })
		})
	})
}

// around are the values that a struct of the type is made with: its fields, or the
// arguments of its constructor.
func (p *program) around(v *gosrc.Value, typ string) (out []*gosrc.Value) {
	switch v.Kind {
	case gosrc.Composite:
		if v.Type == typ {
			for _, f := range v.Fields {
				out = append(out, f.Value)
			}
		}
	case gosrc.Result:
		made := slices.ContainsFunc(p.origins(v), func(o *gosrc.Value) bool { return o.Kind == gosrc.Composite && o.Type == typ })
		if made {
			return v.Call.Args
		}
	}
	return out
}

// shares: the value may be one of the alternatives, the one made around it left out.
func (p *program) shares(inner *gosrc.Value, alternatives []*gosrc.Value, outer *gosrc.Value) bool {
	if inner.Kind == gosrc.Const || isData(inner.Type) {
		return false
	}
	from := p.origins(inner)
	return slices.ContainsFunc(alternatives, func(a *gosrc.Value) bool {
		return a != outer && slices.ContainsFunc(p.origins(a), func(o *gosrc.Value) bool {
			return (o.Kind == gosrc.Composite || o.Kind == gosrc.Result) && slices.Contains(from, o)
		})
	})
}
