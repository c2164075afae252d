package detect

import (
	"slices"
	"strings"

	"github.com/intscan/intscan/scanners/gosrc"
)

// mentions notes the functions that some code holds as values: put into a field,
// given back, passed on.
func (r *router) mentions() {
	for _, pkg := range r.p.pkgs {
		for _, st := range pkg.Stores {
			r.mention(st.Fn, st.Value, 0)
		}
		for _, f := range pkg.Funcs {
			for _, ret := range f.Returns {
				for _, v := range ret {
					r.mention(f, v, 0)
				}
			}
			for _, c := range f.Calls {
				for _, a := range c.Args {
					r.mention(f, a, 0)
				}
				if c.Recv != nil {
					r.mention(f, c.Recv, 0)
				}
			}
		}
	}
}

// mention visits each value once for each function: a variable that a thousand
// statements change holds its earlier states over and over.
func (r *router) mention(in *gosrc.Func, v *gosrc.Value, depth int) {
	if v == nil || depth > 6 || r.visited[mentionKey{in, v}] {
		return
	}
	note := func(f *gosrc.Func) {
		r.mentioned[f] = true
		if in != nil && !slices.Contains(r.uses[in], f) {
			r.uses[in] = append(r.uses[in], f)
		}
	}
	switch v.Kind {
	case gosrc.Closure:
		note(v.Fn)
	case gosrc.FuncRef:
		if f := r.p.funcs[v.Name]; f != nil {
			note(f)
		}
		for _, f := range r.p.methodTargets(v.Name) {
			note(f)
		}
	case gosrc.Composite, gosrc.List, gosrc.Union, gosrc.Concat:
		r.visited[mentionKey{in, v}] = true
		for _, a := range v.Args {
			r.mention(in, a, depth+1)
		}
		for _, f := range v.Fields {
			r.mention(in, f.Value, depth+1)
		}
	}
}

type mentionKey struct {
	in *gosrc.Func
	v  *gosrc.Value
}

// live: something may run the function. Only plain functions of a program are
// known to be left over: those that no code calls or mentions.
func (r *router) live(f *gosrc.Func) bool {
	for f.Lit && f.Parent != nil {
		f = f.Parent
	}
	if live, ok := r.alive[f]; ok {
		return live
	}
	r.alive[f] = true // a circle of calls counts as live
	r.alive[f] = r.findLive(f)
	return r.alive[f]
}

func (r *router) findLive(f *gosrc.Func) bool {
	if f.Recv != "" || f.Symbol == "" || strings.HasSuffix(f.Symbol, ".main") || strings.HasSuffix(f.Symbol, ".init") || r.mentioned[f] || !r.p.reachedByBinary(f.Pkg) {
		return true
	}
	for _, c := range r.p.callers[f] {
		if r.p.scope[c.Fn.Pkg] == ScopeRuntime && r.live(c.Fn) {
			return true
		}
	}
	return false
}
