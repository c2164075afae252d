package detect

import (
	"strings"

	"github.com/intscan/intscan/scanners/gosrc"
)

// wired: the type that a method belongs to is made by a function that something
// calls. Where the repository does not show how it is made, it counts as wired.
func (p *program) wired(f *gosrc.Func) bool {
	f = outermost(f)
	if f == nil || f.Recv == "" {
		return true
	}
	t := p.types[f.Recv]
	if t == nil {
		return true
	}
	made := false
	for _, field := range sortedKeys(t.Fields) {
		for _, st := range p.stores[t.Symbol+"."+field] {
			if st.Fn == nil || st.Fn.Recv == f.Recv {
				continue
			}
			if p.used(st.Fn) {
				return true
			}
			made = true
		}
	}
	return !made
}

// used: a function is called, handed on, an entry of the program, or within reach
// of a library's users.
func (p *program) used(f *gosrc.Func) bool {
	for ; f != nil; f = f.Parent {
		if f.Symbol == "" && !f.Lit || strings.HasSuffix(f.Symbol, ".main") || strings.HasSuffix(f.Symbol, ".init") {
			return true
		}
		if len(p.callers[f]) > 0 || len(p.passed[f]) > 0 {
			return true
		}
		if f.Exported && !f.Lit && f.Recv == "" && !p.reachedByBinary(f.Pkg) {
			return true
		}
	}
	return false
}
