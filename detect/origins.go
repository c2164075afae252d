package detect

import (
	"cmp"
	"slices"
	"strings"

	"github.com/intscan/intscan/scanners/gosrc"
)

// origins follows a value to where it is made: through variables, fields,
// parameters and results of the repository's own functions. What it returns are
// constants, literals, functions, results of calls out of the repository, and
// what could not be followed (a parameter that nobody in the repository passes, a
// field that nobody sets).
//
// Fields are followed by their declaration, whatever the instance, and parameters to
// all callers: flow is the one that minds the way. The walk is bounded; what exceeds
// the bound is left out.
func (p *program) origins(v *gosrc.Value) []*gosrc.Value {
	if v == nil {
		return nil
	}
	if out, ok := p.originMemo[v]; ok {
		return out
	}
	w := originWalk{p: p, seen: map[any]bool{}}
	w.follow(v, 0)
	if len(w.out) >= maxOrigins || w.steps > maxOriginSteps {
		p.cut.origins++
	}
	p.originMemo[v] = w.out
	return w.out
}

// allOrigins is origins without the bound on how many there are: a helper that
// runs the function it is given may be handed one by hundreds of callers.
func (p *program) allOrigins(v *gosrc.Value) []*gosrc.Value {
	if len(p.origins(v)) < maxOrigins {
		return p.origins(v)
	}
	w := originWalk{p: p, most: maxRunFuncs, seen: map[any]bool{}}
	w.follow(v, 0)
	return w.out
}

const (
	maxRunFuncs    = 2000
	maxOrigins     = 48
	maxOriginDepth = 48
	maxOriginSteps = 4000
)

type originWalk struct {
	p     *program
	most  int // 0 for maxOrigins
	seen  map[any]bool
	out   []*gosrc.Value
	steps int
	cut   bool // a bound was reached
	// unions takes in the alternatives met on the way, where it is asked for.
	unions *[]*gosrc.Value
}

// paramKey and resultKey make nodes that stand for the same thing equal.
type paramKey struct {
	fn    *gosrc.Func
	index int
}

type resultKey struct {
	call  *gosrc.Call
	index int
}

func (w *originWalk) follow(v *gosrc.Value, depth int) {
	if v == nil {
		return
	}
	if depth > maxOriginDepth || len(w.out) >= cmp.Or(w.most, maxOrigins) || w.steps > maxOriginSteps {
		w.cut = true
		return
	}
	w.steps++
	key := any(v)
	switch v.Kind {
	case gosrc.Param:
		key = paramKey{v.Fn, v.Index}
	case gosrc.Result:
		key = resultKey{v.Call, v.Index}
	case gosrc.Field, gosrc.Global:
		if v.Name != "" {
			key = v.Name
		}
	}
	if w.seen[key] {
		return
	}
	w.seen[key] = true
	switch v.Kind {
	case gosrc.Union:
		if w.unions != nil {
			*w.unions = append(*w.unions, v)
		}
		for _, a := range v.Args {
			w.follow(a, depth+1)
		}
	case gosrc.Param:
		w.param(v, depth)
	case gosrc.Field:
		w.field(v, depth)
	case gosrc.Global:
		w.stored(v, depth)
	case gosrc.Result:
		w.result(v, depth)
	case gosrc.Element:
		w.element(v, depth)
	default:
		if v.Kind == gosrc.Composite && v.X != nil {
			w.follow(v.X, depth+1) // a copy
			return
		}
		for _, assigned := range w.p.through[v] {
			w.follow(assigned, depth+1)
		}
		if v.Kind != gosrc.Nil || len(w.p.through[v]) == 0 {
			w.leaf(v)
		}
	}
}

func (w *originWalk) leaf(v *gosrc.Value) {
	if !slices.Contains(w.out, v) {
		w.out = append(w.out, v)
	}
}

func (w *originWalk) param(v *gosrc.Value, depth int) {
	calls := w.p.callers[v.Fn]
	if len(calls) == 0 {
		if own := w.p.ownOf(v); own != nil {
			w.follow(own, depth+1)
			return
		}
		functions := w.p.convertedTo(v)
		for _, f := range functions {
			w.follow(f, depth+1)
		}
		if len(functions) == 0 {
			w.leaf(v)
		}
		return
	}
	for _, c := range calls {
		a := argument(c, v)
		if a == nil {
			continue
		}
		before := len(w.out)
		w.follow(a, depth+1)
		if v.Index < 0 && c.Interface {
			others := slices.DeleteFunc(w.out[before:], func(o *gosrc.Value) bool { return w.p.reachesOther(o, v.Fn) })
			w.out = w.out[:before+len(others)]
		}
	}
}

// reachesOther: a call through an interface on this value reaches another type's method
// and not that of f.
func (p *program) reachesOther(v *gosrc.Value, f *gosrc.Func) bool {
	if v.Kind != gosrc.Composite || v.Type == f.Recv || !p.declared(v.Type) {
		return false
	}
	_, name := cutSymbol(f.Symbol)
	m := p.method(v.Type, name, 0)
	return m != nil && m != f
}

// argument is what a call passes for a parameter; nil where it passes nothing.
func argument(c *gosrc.Call, v *gosrc.Value) *gosrc.Value {
	if v.Index < 0 {
		return c.Recv
	}
	i := v.Index
	if !c.Method && v.Fn != nil && v.Fn.Recv != "" && !v.Fn.Lit && c.Func == nil && len(c.Args) == len(v.Fn.Params)+1 {
		i++ // a method expression: the receiver comes first
	}
	if v.Fn != nil && v.Fn.Variadic && i == len(v.Fn.Params)-1 {
		if i < len(c.Args) {
			return &gosrc.Value{Kind: gosrc.List, Args: c.Args[i:], At: c.At}
		}
		return nil
	}
	if i < len(c.Args) {
		return c.Args[i]
	}
	return nil
}

func (w *originWalk) field(v *gosrc.Value, depth int) {
	if v.X != nil && v.X.Kind == gosrc.Field && w.p.declared(v.X.Name) && len(w.p.stores[v.X.Name]) == 0 {
		// config.Redis.ReadTimeout, where code never sets config.Redis: it is
		// decoded from configuration, and what code puts into other values of the
		// same type says nothing of it.
		w.leaf(v)
		return
	}
	if len(w.p.stores[v.Name]) > 0 {
		w.stored(v, depth)
		return
	}
	// A field of a library's result (resp.Body, cfg.Client) is followed to the
	// result; one of the repository's own types that nobody sets stays itself.
	if v.X != nil && !w.p.declared(v.Name) && v.Type != "" && w.p.cat.Package(packageOf(v.Type)) != nil {
		w.leaf(v) // a service of a client (client.MergeRequests): its type tells more than what made the client
		return
	}
	if v.X != nil && !w.p.declared(v.Name) && v.X.Kind != gosrc.Opaque {
		before := len(w.out)
		w.follow(v.X, depth+1)
		if len(w.out) > before {
			return
		}
	}
	w.leaf(v)
}

// declared reports that the symbol belongs to a package of the repository.
func (p *program) declared(symbol string) bool { return p.byPath[packageOf(symbol)] != nil }

func (w *originWalk) stored(v *gosrc.Value, depth int) {
	stores := w.p.stores[v.Name]
	if len(stores) == 0 {
		w.leaf(v)
		return
	}
	before, unused := len(w.out), 0
	for _, st := range stores {
		if st.Value.Kind == gosrc.Nil && len(stores) > 1 {
			continue
		}
		if w.p.neverRun(st.Fn) {
			unused++
			continue
		}
		w.follow(st.Value, depth+1)
	}
	if unused == len(stores) {
		w.leaf(&gosrc.Value{Kind: gosrc.Nil, Type: v.Type, At: v.At})
		return
	}
	if len(w.out) == before && w.steps < 2 {
		w.leaf(v)
	}
}

// neverRun: the literal of an option function that a program's own code never
// calls. In a library its users may.
func (p *program) neverRun(f *gosrc.Func) bool {
	if f == nil || !f.Lit || f.Parent == nil || f.Parent.Lit || f.Parent.Symbol == "" {
		return false
	}
	parent := f.Parent
	return p.graphed && len(p.callers[parent]) == 0 && len(p.passed[parent]) == 0 && parent.Exported && len(p.passed[f]) == 0 && len(parent.Returns) > 0 && p.reachedByBinary(parent.Pkg)
}

func (w *originWalk) result(v *gosrc.Value, depth int) {
	targets := w.p.targets(v.Call)
	if len(targets) == 0 && v.Call.Func != nil {
		for _, f := range w.p.originsQuiet(v.Call.Func, depth) {
			if t := w.p.funcOf(w.p.once(f)); t != nil {
				targets = append(targets, t)
			}
		}
	}
	if len(targets) == 0 {
		known := append(w.p.declaredDefault(v.Call), w.p.kept(v.Call)...)
		for _, d := range known {
			w.follow(d, depth+1)
		}
		if len(known) == 0 {
			w.leaf(v)
		}
		return
	}
	for _, f := range targets {
		for _, ret := range f.Returns {
			if v.Index < len(ret) {
				if ret[v.Index].Kind == gosrc.Nil && len(f.Returns) > 1 {
					continue
				}
				w.follow(ret[v.Index], depth+1)
			}
		}
	}
}

// once is the function that sync.OnceValue(f) and its kin run: calling what they
// return gives what f returns.
func (p *program) once(v *gosrc.Value) *gosrc.Value {
	if v.Kind == gosrc.Result && strings.HasPrefix(v.Call.Callee, "sync.Once") && len(v.Call.Args) == 1 {
		for _, o := range p.origins(v.Call.Args[0]) {
			if p.funcOf(o) != nil {
				return o
			}
		}
	}
	return v
}

// originsQuiet follows a function value where the walk is already deep.
func (p *program) originsQuiet(v *gosrc.Value, depth int) []*gosrc.Value {
	if depth > maxOriginDepth/2 {
		return nil
	}
	if out, ok := p.originMemo[v]; ok {
		return out
	}
	w := originWalk{p: p, seen: map[any]bool{}, steps: maxOriginSteps / 2}
	w.follow(v, depth+8)
	return w.out
}

func (w *originWalk) element(v *gosrc.Value, depth int) {
	sub := originWalk{p: w.p, seen: w.seen, steps: w.steps}
	sub.follow(v.X, depth+1)
	w.steps, w.cut = sub.steps, w.cut || sub.cut
	for _, o := range sub.out {
		if o.Kind == gosrc.List {
			for _, a := range o.Args {
				w.follow(a, depth+1)
			}
			continue
		}
		w.leaf(o)
	}
}
