package detect

import (
	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/scanners/gosrc"
)

// recordsInLiterals looks into deferred literals: defer func() { h.Observe(...) }(), and
// into those that a function of the repository's gives: defer track("load")().
func (j *judge) recordsInLiterals(f *gosrc.Func) recorded {
	for _, c := range f.Calls {
		if c.Deferred && c.Func != nil && c.Func.Kind == gosrc.Result {
			if r := j.recordsInGiven(c); r.what != "" {
				return r
			}
		}
		if c.Func != nil && c.Func.Kind == gosrc.Closure && c.Func.Fn.Parent == f {
			for _, inner := range c.Func.Fn.Calls {
				if j.p.cat.Protects(catalog.RoleMonitoring, j.p.unresolved(inner), records) != nil {
					return recorded{what: inner.Callee, at: inner.At}
				}
			}
		}
	}
	return recorded{}
}

// recordsInGiven looks into the literals that the functions called return.
func (j *judge) recordsInGiven(c *gosrc.Call) recorded {
	for _, t := range j.p.targets(c.Func.Call) {
		for _, ret := range t.Returns {
			for _, v := range ret {
				if v.Kind != gosrc.Closure {
					continue
				}
				if r := j.recordsIn(v.Fn, 1); r.what != "" {
					return recorded{what: r.what, at: c.At, inbound: r.inbound}
				}
			}
		}
	}
	return recorded{}
}
