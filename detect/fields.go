package detect

import (
	"slices"
	"strings"

	"github.com/intscan/intscan/scanners/gosrc"
)

// contents is what one field of one struct may hold.
type contents struct {
	sets  []fieldSet
	inner []placed // what is done to the field's content through this struct
	// filled: a library that the struct is handed to may set the field.
	filled bool
}

// fieldSet is one value put into a field: by the literal, or assigned later.
type fieldSet struct {
	located
	assigned bool
	// sometimes: by an option that is given only on some of the ways here. missing:
	// only where the field holds nothing yet.
	sometimes, missing bool
}

// read finds what a field of one struct holds: what its literal says, and what is
// put there afterwards by whatever the struct passes through.
func (p *program) read(o origin, symbol string) contents {
	if p.flowNest == 0 {
		p.flowSteps = 0
	}
	p.flowNest++
	defer func() { p.flowNest-- }()
	r := fieldRead{p: p, symbol: symbol, touched: p.touching(symbol), seen: map[placeKey]bool{}, ways: waysInto{}}
	r.literal(o.v, o.way, 0)
	r.inOrder(o.v.Effects, o.way)
	r.through(o.v, o.way)
	if o.v.Kind == gosrc.Global {
		r.effects(p.effects[o.v.Name], nil, 0)
	}
	met := map[string]bool{}
	for _, h := range o.hops() {
		r.hop(h)
		met[h.v.Name] = met[h.v.Name] || h.v.Kind == gosrc.Field && !h.byName
	}
	for _, t := range r.touched.heap {
		if t.local && met[t.name] || !p.holds(t.name, o.v) {
			continue
		}
		if t.effect != nil {
			r.assign(t.effect, nil)
			continue
		}
		r.into(t.call, t.key, nil, nil, 0)
	}
	r.out.sets = p.settle(symbol, r.out.sets)
	return r.out
}

type placeKey struct {
	key paramKey
	way *way
}

type fieldRead struct {
	p       *program
	symbol  string
	touched *touch
	seen    map[placeKey]bool
	ways    waysInto
	out     contents
}

func (r *fieldRead) assign(e *gosrc.Effect, at *way) {
	l := located{e.Value, at}
	l.way = bare(l)
	if s := (fieldSet{located: l, assigned: true, missing: e.Missing}); !slices.Contains(r.out.sets, s) {
		r.out.sets = append(r.out.sets, s)
	}
}

// literal reads the composite literal, and those of the structs embedded in it.
func (r *fieldRead) literal(v *gosrc.Value, at *way, depth int) {
	if v.X != nil {
		r.copied(v, at)
	}
	owner, name := cutSymbol(r.symbol)
	for _, f := range v.Fields {
		switch {
		case v.Type == owner && f.Name == name:
			r.out.sets = append(r.out.sets, fieldSet{located: located{f.Value, at}})
		case v.Type != owner && depth < maxEmbedded && r.p.embeds(v.Type, f.Name):
			os, known := r.p.flow(f.Value, at)
			for _, o := range os {
				if o.v.Kind == gosrc.Composite && r.p.hasField(o.v.Type, r.symbol, 0) {
					r.literal(o.v, o.way, depth+1)
					r.effects(o.v.Effects, o.way, 0)
				} else if o.v.Kind != gosrc.Nil {
					known = false
				}
			}
			r.out.filled = r.out.filled || !known || len(os) == 0
		}
	}
}

// copied reads what a struct was copied from, unless the copy is given another value.
func (r *fieldRead) copied(v *gosrc.Value, at *way) {
	if slices.ContainsFunc(v.Effects, func(e gosrc.Effect) bool { return e.Kind == gosrc.EffectField && e.Name == r.symbol }) {
		return
	}
	if r.p.copying[v] || r.p.flowNest > maxFlowNest {
		return // copied in a circle, by way of each other: there is no more to learn
	}
	r.p.copying[v] = true
	defer delete(r.p.copying, v)
	os, known := r.p.flow(v.X, at)
	for _, o := range os {
		if o.v.Kind != gosrc.Composite || o.v == v {
			known = known && o.v.Kind == gosrc.Nil
			continue
		}
		c := r.p.read(o, r.symbol)
		r.out.sets = append(r.out.sets, c.sets...)
		r.out.inner = append(r.out.inner, c.inner...)
		known = known && !c.filled
	}
	r.out.filled = r.out.filled || !known || len(os) == 0
}

const maxEmbedded = 3

// hop takes in what is done to the struct where it passed through.
func (r *fieldRead) hop(h *hop) {
	r.out.filled = r.out.filled || h.filled
	switch h.v.Kind {
	case gosrc.Result:
		r.effects(h.v.Effects, h.way, 0)
		r.through(h.v, h.way)
	case gosrc.Param:
		if h.v.Fn != nil {
			r.param(paramKey{h.v.Fn, h.v.Index}, h.way, 0)
		}
	case gosrc.Global:
		r.effects(r.p.effects[h.v.Name], nil, 0)
	case gosrc.Field:
		if h.byName {
			r.effects(r.p.effects[h.v.Name], nil, 0)
			return
		}
		r.effects(r.p.elsewhere[h.v.Name], nil, 0)
		for i := range h.inner {
			r.effect(h.inner[i].effect, h.inner[i].way, 0)
		}
	}
}

// through takes in what is done to the field's content through a local value.
func (r *fieldRead) through(v *gosrc.Value, at *way) {
	r.effects(r.p.putsOf[v], at, 0)
	for _, e := range r.p.innerOf[v] {
		r.inside(e, at)
	}
}

func (r *fieldRead) inside(e *gosrc.Effect, at *way) {
	if e.On.Name == r.symbol {
		r.out.inner = append(r.out.inner, placed{e, at})
	}
}

const maxEffectDepth = 12

func (r *fieldRead) effects(es []gosrc.Effect, at *way, depth int) {
	for i := range es {
		r.effect(&es[i], at, depth)
	}
}

func (r *fieldRead) effect(e *gosrc.Effect, at *way, depth int) {
	if r.p.flowSteps++; r.p.flowSteps > maxFlowSteps {
		r.out.filled = true
		return
	}
	switch e.Kind {
	case gosrc.EffectField:
		if e.Name == r.symbol {
			r.assign(e, at)
		}
	case gosrc.EffectMethod:
		for _, f := range r.p.targets(e.Call) {
			r.into(e.Call, paramKey{f, -1}, at, nil, depth)
		}
	case gosrc.EffectArg:
		r.argument(e, at, depth)
	}
}

// argument follows the struct into a function that it is handed to.
func (r *fieldRead) argument(e *gosrc.Effect, at *way, depth int) {
	targets := r.p.targets(e.Call)
	for _, f := range targets {
		r.into(e.Call, paramKey{f, paramOf(f, e.Index)}, at, nil, depth)
	}
	switch {
	case len(targets) > 0:
	case e.Call.Func != nil:
		if f := e.Call.Func; f.Kind == gosrc.Element && r.options(f.X, e, at, depth) {
			return
		}
		fs, known := r.p.flow(e.Call.Func, at)
		r.out.filled = r.out.filled || !known
		for _, o := range fs {
			if f := r.p.funcOf(o.v); f != nil {
				r.into(e.Call, paramKey{f, paramOf(f, e.Index)}, at, o.way, depth)
			} else if o.v.Kind != gosrc.Nil {
				r.out.filled = true // a function of the module's users
			}
		}
	case fills(e.Call.Callee):
		r.out.filled = true
	}
}

// lists are the lists that a value may be. The one of a call with "opts..." is what
// opts may be.
func (p *program) lists(x *gosrc.Value, at *way) ([]origin, bool) {
	lists, known := p.flow(x, at)
	if known && len(lists) == 1 && lists[0].v.Kind == gosrc.List && len(lists[0].v.Args) == 1 {
		inner, whole := p.flow(lists[0].v.Args[0], lists[0].way)
		if whole && !slices.ContainsFunc(inner, func(o origin) bool { return o.v.Kind != gosrc.List }) {
			return inner, true
		}
	}
	return lists, known
}

// options applies the functions of a list to the struct: for _, o := range opts { o(s) }.
// Where there are several lists, what only some of them set is set sometimes. It
// reports false where they are not known.
func (r *fieldRead) options(x *gosrc.Value, e *gosrc.Effect, at *way, depth int) bool {
	lists, known := r.p.lists(x, at)
	if !known || len(lists) < 2 {
		return false
	}
	var each []contents
	for _, list := range lists {
		w := flowWalk{p: r.p, hops: map[flowKey]*hop{}}
		w.members(list.located, &hop{located: list.located}, map[located]bool{}, 0)
		if list.v.Kind != gosrc.List || w.cut {
			return false
		}
		one := fieldRead{p: r.p, symbol: r.symbol, touched: r.touched, seen: map[placeKey]bool{}, ways: r.ways}
		for _, o := range w.out {
			if f := r.p.funcOf(o.v); f != nil {
				one.into(e.Call, paramKey{f, paramOf(f, e.Index)}, at, o.way, depth)
			} else if o.v.Kind != gosrc.Nil {
				return false
			}
		}
		each = append(each, one.out)
	}
	lacking := slices.ContainsFunc(each, func(c contents) bool { return len(c.sets) == 0 })
	for _, c := range each {
		for _, s := range c.sets {
			s.sometimes = lacking
			if !slices.Contains(r.out.sets, s) {
				r.out.sets = append(r.out.sets, s)
			}
		}
		r.out.inner = append(r.out.inner, c.inner...)
		r.out.filled = r.out.filled || c.filled
	}
	return true
}

// into follows the struct into a function of the repository.
func (r *fieldRead) into(c *gosrc.Call, key paramKey, up, made *way, depth int) {
	if r.p.fillers()[key] {
		r.out.filled = true
	}
	switch {
	case !r.touched.params[key]:
	case depth >= maxEffectDepth:
		r.out.filled = true // who knows
	default:
		r.param(key, r.ways.enter(r.p, c, key.fn, up, made), depth+1)
	}
}

func (r *fieldRead) param(key paramKey, at *way, depth int) {
	if k := (placeKey{key, at}); !r.seen[k] {
		r.seen[k] = true
		r.effects(key.fn.ParamEffects[key.index], at, depth)
		r.effects(r.p.putsOf[key], at, depth)
		for _, e := range r.p.innerOf[key] {
			r.inside(e, at)
		}
	}
}

// paramOf is the parameter that takes a call's argument.
func paramOf(f *gosrc.Func, arg int) int {
	if f.Variadic && arg >= len(f.Params) {
		return len(f.Params) - 1
	}
	return arg
}

// cutSymbol divides the symbol of a field into that of its type and its name.
func cutSymbol(symbol string) (owner, name string) {
	i := strings.LastIndexByte(symbol, '.')
	return symbol[:max(i, 0)], symbol[i+1:]
}

// hasField: structs of the type have the field, of their own or from one that they
// embed.
func (p *program) hasField(typ, symbol string, depth int) bool {
	owner, _ := cutSymbol(symbol)
	if typ == owner {
		return true
	}
	t := p.types[typ]
	if t == nil || depth >= maxEmbedded {
		return false
	}
	return slices.ContainsFunc(t.Embeds, func(e string) bool { return p.hasField(e, symbol, depth+1) })
}

// embeds: the field of the type is an embedded one.
func (p *program) embeds(typ, field string) bool {
	t := p.types[typ]
	return t != nil && slices.ContainsFunc(t.Embeds, func(e string) bool {
		_, name := cutSymbol(e)
		return name == field
	})
}

// fills: what a library is handed it may fill in, as decoders and flag sets do. Those
// that only print and compare do not.
func fills(callee string) bool {
	switch packageOf(callee) {
	case "fmt", "log", "log/slog", "errors", "context", "strings", "strconv", "slices", "maps", "time", "os", "reflect", "sync":
		return strings.HasPrefix(callee, "fmt.Sscan") || strings.HasPrefix(callee, "fmt.Fscan")
	}
	_, name := cutSymbol(callee)
	return !strings.HasPrefix(name, "Marshal") && !strings.HasPrefix(name, "Encode")
}
