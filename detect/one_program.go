package detect

import (
	"slices"

	"github.com/intscan/intscan/scanners/gosrc"
)

// dropOneProgramOnly leaves out what the main package of one program does to a variable
// of a package that other programs share: fetch.Client.Timeout = d in one main says
// nothing of the calls that another makes. What each of them does counts.
func (p *program) dropOneProgramOnly() {
	type change struct {
		symbol, name string
		kind         gosrc.EffectKind
	}
	name := func(symbol string, e gosrc.Effect) change {
		c := change{symbol: symbol, name: e.Name, kind: e.Kind}
		if e.Call != nil {
			c.name = e.Call.Callee
		}
		return c
	}
	times := map[change]int{}
	var mains []*gosrc.Package
	for _, pkg := range p.pkgs {
		if pkg.Name != "main" || p.scope[pkg] != ScopeRuntime {
			continue
		}
		mains = append(mains, pkg)
		seen := map[change]bool{}
		for symbol, es := range pkg.Effects {
			for _, e := range es {
				if c := name(symbol, e); !seen[c] {
					seen[c] = true
					times[c]++
				}
			}
		}
	}
	for _, pkg := range mains {
		for symbol, es := range pkg.Effects {
			owner := p.byPath[packageOf(symbol)]
			if owner == nil || owner == pkg || len(p.binariesOf(owner)) < 2 {
				continue
			}
			p.effects[symbol] = slices.DeleteFunc(p.effects[symbol], func(e gosrc.Effect) bool {
				return slices.ContainsFunc(es, func(own gosrc.Effect) bool { return own.At == e.At }) && times[name(symbol, e)] < len(p.binariesOf(owner))
			})
		}
	}
}
