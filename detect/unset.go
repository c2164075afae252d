package detect

import (
	"slices"
	"strings"

	"github.com/intscan/intscan/scanners/gosrc"
)

// unset: on one way at least, the value is surely zero. A caller that passes zero is
// such a way; a zero that a default replaces before the value is used is none.
func (p *program) unset(l located) bool {
	w := unsetWalk{p: p, seen: map[located]bool{}}
	return w.zero(l, 0)
}

type unsetWalk struct {
	p    *program
	seen map[located]bool
}

const maxUnset = 200

func (w *unsetWalk) zero(l located, depth int) bool {
	if l.v == nil || depth > maxOriginDepth || len(w.seen) > maxUnset || w.seen[l] {
		return false
	}
	w.seen[l] = true
	switch v := l.v; v.Kind {
	case gosrc.Nil, gosrc.Const:
		return isZero(v) && len(w.p.through[v]) == 0 && !w.p.filledVars()[v]
	case gosrc.Union:
		return w.all(v.Args, l.way, depth)
	case gosrc.Param:
		return w.param(l, depth)
	case gosrc.Field:
		return w.field(l, depth)
	case gosrc.Result:
		return w.result(l, depth)
	case gosrc.Global:
		return w.global(v, depth)
	case gosrc.Concat:
		if v.Name == "*" {
			for _, a := range v.Args {
				if w.zero(located{a, l.way}, depth+1) {
					return true
				}
			}
			return false
		}
		return v.Name == "+" && w.all(v.Args, l.way, depth)
	}
	return false
}

// global: a package variable is only ever given zero, or a flag whose default is zero.
func (w *unsetWalk) global(v *gosrc.Value, depth int) bool {
	if len(w.p.effects[v.Name]) > 0 {
		return false // a library may fill it in
	}
	var given []*gosrc.Value
	for _, st := range w.p.stores[v.Name] {
		given = append(given, st.Value)
	}
	return w.all(given, nil, depth)
}

// defaultOf: beside what a function reads from elsewhere it returns a default that it
// is given, and that is zero: env.Duration("LIMIT", 0).
func (w *unsetWalk) defaultOf(f *gosrc.Func, index int, inside *way, depth int) bool {
	var given []*gosrc.Value
	read := false
	for _, ret := range f.Returns {
		if index >= len(ret) {
			continue
		}
		switch v := ret[index]; v.Kind {
		case gosrc.Param:
			if !slices.Contains(given, v) {
				given = append(given, v)
			}
		case gosrc.Result, gosrc.Concat:
			read = true
		}
	}
	return read && w.all(given, inside, depth)
}

// filledVars are the local variables that a library may fill in, which it is handed
// the address of: flags.IntVar(&seconds, ...).
func (p *program) filledVars() map[*gosrc.Value]bool {
	if p.filledMemo != nil {
		return p.filledMemo
	}
	p.filledMemo = map[*gosrc.Value]bool{}
	p.everyCall(func(c *gosrc.Call) {
		targets := p.targets(c)
		for i, a := range c.Args {
			if a.Kind != gosrc.Nil && (a.Kind != gosrc.Const || a.At.Compare(c.At) >= 0 || !strings.Contains(c.Callee, "Var")) {
				continue // a literal, or passed by value
			}
			filled := len(targets) == 0 && fills(c.Callee)
			for _, f := range targets {
				filled = filled || p.fillers()[paramKey{f, paramOf(f, i)}]
			}
			if filled {
				p.filledMemo[a] = true
			}
		}
	})
	return p.filledMemo
}

func (w *unsetWalk) all(vs []*gosrc.Value, at *way, depth int) bool {
	for _, v := range vs {
		if !w.zero(located{v, at}, depth+1) {
			return false
		}
	}
	return len(vs) > 0
}

func (w *unsetWalk) param(l located, depth int) bool {
	if fr := l.way.frame(l.v.Fn); fr != nil {
		return w.zero(located{w.p.passedFor(fr.call, l.v), fr.up}, depth+1)
	}
	for _, c := range w.p.callers[l.v.Fn] {
		if w.zero(located{w.p.passedFor(c, l.v), nil}, depth+1) {
			return true
		}
	}
	return false
}

// field: in one of the instances nothing sets it, or zero is assigned to it.
func (w *unsetWalk) field(l located, depth int) bool {
	walk := flowWalk{p: w.p}
	whole, known := walk.instances(l.v, l.way)
	if !known {
		return w.p.passedNil(l)
	}
	for _, o := range whole {
		if w.unsetIn(o, l.v, depth) {
			return true
		}
	}
	return false
}

func (w *unsetWalk) unsetIn(o origin, field *gosrc.Value, depth int) bool {
	c := w.p.read(o, field.Name)
	tag, tagged := w.p.tags[field.Name]
	none := tagged && tag.HasDef && (tag.Default == "0" || tag.Default == "0s")
	if c.filled && !none {
		return false
	}
	zero := true
	for _, set := range c.sets {
		if set.assigned && isZero(set.v) {
			return true // whatever it held before
		}
		zero = zero && (set.sometimes && w.constant(set.located) || w.zero(set.located, depth+1))
	}
	return zero && (len(c.sets) > 0 || !tagged || none)
}

// constant: a value that the code itself decides. One from configuration is left out
// where the configuration says so.
func (w *unsetWalk) constant(l located) bool {
	os, known := w.p.flow(l.v, l.way)
	for _, o := range os {
		known = known && o.v.Kind == gosrc.Const
	}
	return known
}

func (w *unsetWalk) result(l located, depth int) bool {
	c := l.v.Call
	if c.Callee == "cmp.Or" {
		return w.all(c.Args, l.way, depth)
	}
	if strings.HasPrefix(c.Callee, "time.Duration.") {
		return w.zero(located{c.Recv, l.way}, depth+1)
	}
	if defaults := w.p.declaredDefault(c); len(defaults) > 0 {
		return w.all(defaults, l.way, depth) // flag.Duration("limit", 0, "")
	}
	found := false
	for _, f := range w.p.targets(c) {
		inside := w.p.enter(c, f, l.way, nil)
		if w.defaultOf(f, l.v.Index, inside, depth) {
			return true
		}
		for _, ret := range f.Returns {
			if l.v.Index >= len(ret) || !w.zero(located{ret[l.v.Index], inside}, depth+1) {
				return false
			}
			found = true
		}
	}
	return found
}
