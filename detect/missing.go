package detect

import (
	"slices"

	"github.com/intscan/intscan/scanners/gosrc"
)

// choices are the values that a union may be: without what stands in where the others
// are missing, if they never are.
func (p *program) choices(l located) []*gosrc.Value {
	n := l.v.Index
	if n == 0 || n >= len(l.v.Args) {
		return l.v.Args
	}
	for _, a := range l.v.Args[n:] {
		if p.mayMiss(located{a, l.way}) {
			return l.v.Args
		}
	}
	return l.v.Args[n:]
}

// mayMiss: a value may be nil or zero, as far as the repository's code tells.
func (p *program) mayMiss(l located) bool {
	os, known := p.flow(l.v, l.way)
	return !known || len(os) == 0 || slices.ContainsFunc(os, func(o origin) bool {
		switch o.v.Kind {
		case gosrc.Composite, gosrc.Result, gosrc.Closure, gosrc.FuncRef, gosrc.List, gosrc.Global:
			return false
		case gosrc.Const:
			return isZero(o.v)
		case gosrc.Param:
			return o.v.Type != "context.Context" // nobody passes nil for one
		}
		return true
	})
}

// settle leaves out of what is put into a field what does not stay there: defaults
// for where it would be missing. What is made of the field's own content tells nothing
// of that.
func (p *program) settle(symbol string, sets []fieldSet) []fieldSet {
	missing := func(s fieldSet) bool { return s.missing }
	if !slices.ContainsFunc(sets, missing) {
		return sets
	}
	others := 0
	for _, s := range sets {
		if s.missing || mentions(s.v, symbol, 0) {
			continue
		}
		others++
		if p.mayMiss(s.located) {
			return sets
		}
	}
	if others == 0 {
		return sets
	}
	return slices.DeleteFunc(sets, missing)
}
