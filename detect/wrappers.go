package detect

import (
	"slices"
	"strings"

	"github.com/intscan/intscan/scanners/gosrc"
)

// ownWrapper: a method of the repository that passes on to the method of the same
// name of a client it holds, directly or through another wrapper, is a call site
// of its own.
func (p *program) ownWrapper(c *gosrc.Call) *site {
	for _, f := range p.targets(c) {
		if s := p.wraps(f, 0); s != nil {
			return &site{call: c, symbol: s.symbol, lib: s.lib, sdk: s.sdk, client: s.client, system: s.system}
		}
	}
	return nil
}

// wraps is the operation that a wrapper method passes on to; nil for other methods.
func (p *program) wraps(f *gosrc.Func, depth int) *site {
	if s, done := p.wrappers[f]; done {
		return s
	}
	p.wrappers[f] = nil // a circle wraps nothing
	name := f.Symbol[strings.LastIndexByte(f.Symbol, '.')+1:]
	for _, inner := range f.Calls {
		if !strings.HasSuffix(inner.Callee, "."+name) || !p.takesAsMuch(f, inner) {
			continue
		}
		var s *site
		if !p.declared(inner.Callee) {
			s = p.operation(inner)
		} else if depth < 3 {
			for _, g := range p.targets(inner) {
				if s = p.wraps(g, depth+1); s != nil {
					break
				}
			}
		}
		if s != nil {
			p.wrappers[f] = s
			return s
		}
	}
	return nil
}

// takesAsMuch: the method takes what the client takes, or less. One of the same name that
// takes something of the repository's own, a configuration or a message, is another
// operation.
func (p *program) takesAsMuch(f *gosrc.Func, inner *gosrc.Call) bool {
	return !inner.Typed || !slices.ContainsFunc(f.Params, func(t string) bool {
		return t != "" && p.declared(t) && !slices.Contains(inner.Params, t)
	})
}
