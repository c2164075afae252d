package detect

import (
	"slices"
	"strings"

	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/gosrc"
)

// effects take in what is done to the client after it is made.
func (w *constructWalk) effects(es []gosrc.Effect, at *way, depth int) {
	for i := range es {
		w.effect(&es[i], at, depth)
	}
}

// doneToGlobal is what is done to a package's variable. What a library's own function
// is handed of its library's, an environment or a region, it leaves as it is.
func (p *program) doneToGlobal(name string) []gosrc.Effect {
	es := p.effects[name]
	if p.declared(name) {
		return es
	}
	return slices.DeleteFunc(slices.Clone(es), func(e gosrc.Effect) bool {
		return e.Kind == gosrc.EffectArg && packageOf(e.Call.Callee) == packageOf(name)
	})
}

// effectKey marks something done on a way as taken in.
type effectKey struct {
	at   scanners.Position
	kind gosrc.EffectKind
	name string
	call *gosrc.Call
	arg  int
	way  *way
}

func (w *constructWalk) effect(e *gosrc.Effect, at *way, depth int) {
	key := effectKey{e.At, e.Kind, e.Name, e.Call, e.Index, at}
	if depth > 30 || w.seen[key] || len(w.c.steps) > maxConstruction {
		return
	}
	w.seen[key] = true
	switch e.Kind {
	case gosrc.EffectField:
		w.add(step{symbol: e.Name, value: e.Value, at: e.At, way: at})
		w.entries(e, at)
		w.visit(located{e.Value, at}, depth+1)
	case gosrc.EffectMethod:
		w.method(e, at, depth)
	case gosrc.EffectArg:
		w.argument(e, at, depth)
	}
}

// entries takes in a map that a field is given, as if each of its keys were a field:
// cfg.RuntimeParams = map[string]string{"statement_timeout": "5s"}.
func (w *constructWalk) entries(e *gosrc.Effect, at *way) {
	if e.Value == nil || e.Value.Type != "" && !isData(e.Value.Type) {
		return
	}
	maps, _ := w.p.flow(e.Value, at)
	for _, o := range maps {
		if o.v.Kind != gosrc.List {
			continue
		}
		for _, k := range o.v.Fields {
			w.add(step{symbol: e.Name + "." + k.Name, value: k.Value, at: k.At, way: o.way})
		}
	}
}

// method takes in a method called on the client: client.SetTimeout(d).
func (w *constructWalk) method(e *gosrc.Effect, at *way, depth int) {
	c := e.Call
	if c.Interface && w.p.declared(c.Callee) {
		return // any implementation's doings are not this client's
	}
	if targets := w.p.targets(c); len(targets) > 0 {
		for _, f := range targets {
			if len(f.ParamEffects[-1]) > 0 && setter(f.Symbol) {
				w.effects(f.ParamEffects[-1], w.ways.enter(w.p, c, f, at, nil), depth+1)
			}
		}
		return
	}
	if c.Context || !setter(c.Callee) {
		return // an operation: its arguments are data
	}
	w.add(step{symbol: c.Callee, call: c, at: c.At, way: at})
	for i, a := range c.Args {
		if w.p.configures(a) && !isContent(c, i) {
			w.visit(located{a, at}, depth+1)
		}
	}
}

// setter: methods that configure are named for it.
func setter(symbol string) bool {
	name := symbol[strings.LastIndexByte(symbol, '.')+1:]
	for _, p := range []string{"Set", "With", "Use", "Add", "Register", "Configure", "Enable", "Disable", "On", "init", "Init", "Wrap", "Timeout", "Retry", "Option", "Apply", "New", "Instrument", "Trace", "Hook", "Observe"} {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}

// argument takes in a function that the client is handed to:
// redisotel.InstrumentTracing(client), or one of the repository's own.
func (w *constructWalk) argument(e *gosrc.Effect, at *way, depth int) {
	c := e.Call
	if c.Interface && w.p.declared(c.Callee) {
		return
	}
	targets := w.p.targets(c)
	if w.own && (len(targets) > 0 || c.Func != nil) {
		return
	}
	for _, f := range targets {
		w.into(e, f, at, nil, depth)
	}
	switch key := (flowKey{c, at}); {
	case len(targets) > 0:
	case c.Callee != "" && !w.seen[key]:
		w.add(step{symbol: c.Callee, call: c, at: c.At, way: at})
		w.wrapped(c, e.Index, at, depth)
	case c.Func != nil:
		fs, _ := w.p.flow(c.Func, at)
		for _, o := range fs {
			if f := w.p.funcOf(o.v); f != nil {
				w.into(e, f, at, o.way, depth) // an option: for _, o := range opts { o(c) }
			}
		}
	}
}

func (w *constructWalk) into(e *gosrc.Effect, f *gosrc.Func, at, made *way, depth int) {
	es := f.ParamEffects[paramOf(f, e.Index)]
	if len(es) == 0 {
		return
	}
	inside := w.ways.enter(w.p, e.Call, f, at, made)
	for i := range es {
		if !es[i].Copy {
			w.effect(&es[i], inside, depth+1)
		}
	}
}

// wrapped: what else a library is given together with the client
// (db.AddHook(x, client)) belongs to the construction where the library is one
// that protects or observes.
func (w *constructWalk) wrapped(c *gosrc.Call, index int, at *way, depth int) {
	if !w.p.cat.Toolkitted(c.Callee) {
		return
	}
	for i, a := range c.Args {
		if i != index && a.Kind != gosrc.Const {
			w.visit(located{a, at}, depth+2)
		}
	}
}
