package detect

import (
	"slices"
	"strconv"
	"strings"

	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/gosrc"
)

// construction is all that the repository does to make a client: the functions
// called, the types filled in, the fields set and the methods called on what goes
// into it. Whether the client is bounded, retried or observed is read off it by
// the symbols that the catalog knows.
type construction struct {
	p     *program
	steps []step
	// funcs are the functions of the repository that it is given: options,
	// interceptors, transports.
	funcs []*gosrc.Func
	// opaque: some part of it comes from outside the repository's code.
	opaque bool
}

// step is one thing done: a function or method called, a field set, a type made.
type step struct {
	symbol string // of the function, "TYPE.FIELD", or TYPE
	value  *gosrc.Value
	call   *gosrc.Call
	at     scanners.Position
	way    *way // to the value, and to the call
}

const maxConstruction = 1000

// construct collects the construction of the client that a value holds.
func (p *program) construct(v *gosrc.Value) *construction {
	key := flowNode(v)
	if c, ok := p.constructMemo[key]; ok {
		return c
	}
	w := newConstructWalk(p)
	p.constructMemo[key] = w.c
	w.visit(located{v, nil}, 0)
	if len(w.c.steps) > maxConstruction {
		p.cut.clients++
	}
	return w.c
}

// alternatives are the constructions of each client that a value may hold, where
// there are several: one of two that is bounded does not bound the other.
func (p *program) alternatives(v *gosrc.Value) []*construction {
	all, _ := p.flow(v, nil)
	var os []origin
	// Where a client may come from outside, the library's own is as good as given.
	outside := slices.ContainsFunc(all, func(o origin) bool {
		return o.v.Kind == gosrc.Param || o.v.Kind == gosrc.Field || o.v.Kind == gosrc.Opaque
	})
	for _, o := range all {
		if o.v.Kind == gosrc.Composite || o.v.Kind == gosrc.Result || o.v.Kind == gosrc.Global && !outside && !p.declared(o.v.Name) {
			os = append(os, o)
		}
	}
	if len(os) < 2 || len(os) > maxAlternatives {
		return []*construction{p.construct(v)}
	}
	var out []*construction
	for _, o := range os {
		w := newConstructWalk(p)
		w.seen[flowKey{flowNode(v), nil}] = true
		w.origin(o, 0)
		if !w.standsIn(o.v) {
			out = append(out, w.c)
		}
	}
	if len(out) == 0 {
		return []*construction{p.construct(v)}
	}
	return out
}

// standsIn: what takes the client's place is the repository's own and holds nothing of
// a library's: it calls nobody, as the client of a dry run.
func (w *constructWalk) standsIn(v *gosrc.Value) bool {
	return v.Kind == gosrc.Composite && w.p.declared(v.Type) && !slices.ContainsFunc(w.c.steps, func(st step) bool {
		return w.p.known(st.symbol)
	})
}

const maxAlternatives = 48

func constructKey(v *gosrc.Value) any {
	switch v.Kind {
	case gosrc.Param:
		return paramKey{v.Fn, v.Index}
	case gosrc.Result:
		return resultKey{v.Call, v.Index}
	case gosrc.Field, gosrc.Global:
		if v.Name != "" {
			return v.Name
		}
	}
	return v
}

type constructWalk struct {
	p    *program
	seen map[any]bool
	ways waysInto
	c    *construction
	// own: the thing looked at is of one of the repository's types. The functions
	// that it is handed to use it; what they set in it is met where its fields are
	// read.
	own bool
	// single: it is the construction of one of several clients, which are compared.
	single bool
}

func newConstructWalk(p *program) *constructWalk {
	return &constructWalk{p: p, seen: map[any]bool{}, ways: waysInto{}, c: &construction{p: p}}
}

func (w *constructWalk) add(s step) {
	if s.call != nil && s.symbol == s.call.Callee {
		s.symbol = w.p.unresolved(s.call)
	}
	w.c.steps = append(w.c.steps, s)
}

// visit takes in a value by its way and its origins: what is done to a field or
// variable on the way is done to the client too.
func (w *constructWalk) visit(l located, depth int) {
	v := l.v
	if v == nil || depth > 30 || len(w.c.steps) > maxConstruction || isData(v.Type) && !w.p.connectionText(v) {
		return
	}
	key := flowKey{flowNode(v), l.way}
	if w.seen[key] {
		return
	}
	w.seen[key] = true
	if v.Kind == gosrc.Field && v.X != nil && !w.p.declared(v.Name) {
		// A field of a library's type: the whole it belongs to is its construction.
		w.visit(located{v.X, l.way}, depth+1)
	}
	os, _ := w.p.flow(v, l.way)
	before := len(w.c.steps)
	for _, o := range os {
		w.origin(o, depth)
	}
	if !w.single && w.p.boundlessClient(os) {
		w.c.steps = append(w.c.steps[:before], slices.DeleteFunc(w.c.steps[before:], func(st step) bool {
			return st.symbol == httpTimeout
		})...)
	}
}

// origin takes in a thing made, and what is done to it wherever it passed through.
func (w *constructWalk) origin(o origin, depth int) {
	switch o.v.Kind {
	case gosrc.Const:
		return
	case gosrc.Nil:
		if o.v.Type != httpClientType {
			return // of a client held by value what is done to it counts: c.http.Timeout = d
		}
	case gosrc.Closure, gosrc.FuncRef:
		w.node(o.located, depth)
		return // what it is handed to runs it
	}
	whole := w.own
	w.own = o.v.Kind == gosrc.Composite && w.p.declared(o.v.Type)
	for _, h := range o.hops() {
		switch h.v.Kind {
		case gosrc.Result:
			w.effects(h.v.Effects, h.way, depth)
		case gosrc.Param:
			if h.v.Fn != nil {
				w.effects(h.v.Fn.ParamEffects[h.v.Index], h.way, depth)
			}
		case gosrc.Global:
			w.effects(w.p.effects[h.v.Name], nil, depth)
		case gosrc.Field:
			switch {
			case !h.byName:
				w.effects(w.p.elsewhere[h.v.Name], nil, depth)
			case w.p.declared(h.v.Name) || len(h.from) == 0:
				w.effects(w.p.effects[h.v.Name], nil, depth)
			}
			for _, in := range h.inner {
				w.effect(in.effect, in.way, depth)
			}
		}
	}
	w.own = whole
	w.node(o.located, depth)
}

func (w *constructWalk) node(l located, depth int) {
	o := l.v
	if w.seen[l] {
		return
	}
	w.seen[l] = true
	whole := w.own
	w.own = o.Kind == gosrc.Composite && w.p.declared(o.Type)
	w.effects(o.Effects, l.way, depth)
	w.own = whole
	switch o.Kind {
	case gosrc.Composite:
		w.composite(l, depth)
	case gosrc.Result:
		w.call(o.Call, l.way, depth)
	case gosrc.List:
		for _, a := range o.Args {
			w.visit(located{a, l.way}, depth+1)
		}
	case gosrc.Closure:
		w.closure(o.Fn, l.way, depth)
	case gosrc.FuncRef:
		w.add(step{symbol: o.Name, value: o, at: o.At, way: l.way})
		if f := w.p.funcOf(o); f != nil {
			w.closure(f, nil, depth)
		}
		if o.X != nil {
			w.visit(located{o.X, l.way}, depth+1)
		}
	case gosrc.Global:
		w.add(step{symbol: o.Name, value: o, at: o.At})
		w.effects(w.p.doneToGlobal(o.Name), nil, depth)
	case gosrc.Param:
		w.c.opaque = true
		if o.Fn != nil {
			w.effects(o.Fn.ParamEffects[o.Index], l.way, depth)
		}
	case gosrc.Field:
		if o.X != nil && !w.p.declared(o.Name) {
			w.effects(w.p.effects[o.Name], nil, depth)
			w.visit(located{o.X, l.way}, depth+1)
			return
		}
		w.c.opaque = true
	case gosrc.Opaque:
		w.c.opaque = true
	}
}

func (w *constructWalk) composite(l located, depth int) {
	o := l.v
	w.add(step{symbol: o.Type, value: o, at: o.At, way: l.way})
	if o.X != nil {
		w.copied(l, depth)
	}
	for _, name := range []string{"RoundTrip", "WrapUnary"} { // of a transport, of a Connect interceptor
		if f := w.p.funcs[o.Type+"."+name]; f != nil {
			w.c.funcs = append(w.c.funcs, f)
		}
	}
	for _, f := range o.Fields {
		if replaced(o, f.Name) {
			continue
		}
		w.add(step{symbol: o.Type + "." + f.Name, value: f.Value, at: f.At, way: l.way})
		for _, k := range f.Value.Fields {
			if f.Value.Kind == gosrc.List {
				w.add(step{symbol: o.Type + "." + f.Name + "." + k.Name, value: k.Value, at: k.At, way: l.way})
			}
		}
		if w.p.configures(f.Value) {
			w.visit(located{f.Value, l.way}, depth+1)
		}
	}
	w.stored(l, depth)
}

// replaced: a field of the literal is given another value afterwards, always.
func replaced(made *gosrc.Value, field string) bool {
	return slices.ContainsFunc(made.Effects, func(e gosrc.Effect) bool {
		return e.Kind == gosrc.EffectField && !e.Maybe && !e.Missing && e.Name == made.Type+"."+field
	})
}

// copied takes in what a copy is made of, as far as the copy is not given something
// else: c := *client; c.Timeout = 0.
func (w *constructWalk) copied(l located, depth int) {
	before := len(w.c.steps)
	w.visit(located{l.v.X, l.way}, depth+1)
	w.c.steps = append(w.c.steps[:before], slices.DeleteFunc(w.c.steps[before:], func(st step) bool {
		return st.value != nil && slices.ContainsFunc(l.v.Effects, func(e gosrc.Effect) bool { return e.Kind == gosrc.EffectField && e.Name == st.symbol })
	})...)
}

// stored follows the fields of the repository's own struct that are set after it
// is made, for types that wrap a client.
func (w *constructWalk) stored(l located, depth int) {
	o := l.v
	t := w.p.types[o.Type]
	if t == nil {
		return
	}
	for _, name := range sortedKeys(t.Fields) {
		if !w.p.known(t.Fields[name]) {
			continue // what else it holds is data, or another component
		}
		c := w.p.read(origin{located: l}, o.Type+"."+name)
		for _, set := range c.sets {
			if set.assigned && w.p.configures(set.v) {
				w.visit(set.located, depth+2)
			}
		}
		for _, in := range c.inner {
			w.effect(in.effect, in.way, depth+2)
		}
	}
}

func (w *constructWalk) call(c *gosrc.Call, at *way, depth int) {
	key := flowKey{c, at}
	if w.seen[key] {
		return
	}
	w.seen[key] = true
	if c.Callee != "" {
		w.add(step{symbol: c.Callee, call: c, at: c.At, way: at})
	}
	if c.Func != nil && c.Func.Kind == gosrc.Field && !w.p.declared(c.Func.Name) {
		w.add(step{symbol: c.Func.Name, call: c, at: c.At, way: at}) // an option of a library's: stomp.ConnOpt.HeartBeat(a, b)
		if c.Recv == nil && w.p.cat.Package(packageOf(c.Func.Type)) != nil {
			w.visit(located{c.Func.X, at}, depth+1) // a request of a client's: es.Search()
		}
	}
	for _, driver := range w.p.registeredDriver(c) {
		w.visit(located{driver, nil}, depth+1)
	}
	if c.Recv != nil {
		w.visit(located{c.Recv, at}, depth+1)
	}
	for i, a := range c.Args {
		if a.Type == "context.Context" && strings.HasPrefix(c.Callee, "golang.org/x/oauth2") && strings.HasSuffix(c.Callee, "Client") {
			w.carriedTransport(located{a, at}, depth)
		}
		if w.p.configures(a) && !isContent(c, i) {
			w.visit(located{a, at}, depth+1)
		}
	}
}

// configures: an argument that can say how a client behaves. Loggers, clocks and
// registries, and the repository's own components handed over for other ends, lead
// away from the client.
func (p *program) configures(a *gosrc.Value) bool {
	if a.Kind == gosrc.Const || a.Type == "context.Context" {
		return false
	}
	name := a.Type[strings.LastIndexByte(a.Type, '.')+1:]
	for _, away := range []string{"Logger", "Clock", "Registerer", "Registry", "Gatherer", "WaitGroup", "Context"} {
		if strings.HasSuffix(name, away) {
			return false
		}
	}
	if t := p.types[a.Type]; t != nil && t.Interface {
		for m := range t.Methods {
			if m == "RoundTrip" || m == "Do" || strings.HasPrefix(m, "Dial") || strings.HasSuffix(m, "Token") {
				return true
			}
		}
		return false
	}
	return true
}

// isData: addresses, names, counts, switches and points in time hold no behaviour of
// their own; what they are taken from belongs to other components.
func isData(typ string) bool {
	switch typ {
	case "string", "bool", "byte", "uint8", "rune", "int", "int32", "int64", "uint", "uint16", "uint32", "uint64",
		"int8", "int16", "float32", "float64", "error", "time.Time", "time.Duration", "net/url.URL", "github.com/google/uuid.UUID":
		return true
	}
	return false
}

// connectionText: a connection string that a library makes from its own settings
// (mysql.Config.FormatDSN), or the name of a driver that it registers
// (otelsql.Register), leads to those settings.
func (p *program) connectionText(a *gosrc.Value) bool {
	for _, o := range p.origins(a) {
		if o.Kind != gosrc.Result {
			continue
		}
		if o.Call.Method && strings.HasSuffix(strings.ToUpper(o.Call.Callee), "DSN") || p.cat.Protects(catalog.RoleMonitoring, o.Call.Callee, wraps) != nil {
			return true
		}
	}
	return false
}

// closure takes in what an option function does: to its parameters, and what it
// returns. made is the way to where a literal is written.
func (w *constructWalk) closure(f *gosrc.Func, made *way, depth int) {
	key := flowKey{f, made}
	if w.seen[key] {
		return
	}
	w.seen[key] = true
	w.c.funcs = append(w.c.funcs, f)
	inside := made // until a call of it is met, only what it is made with is known
	for _, i := range sortedKeys(f.ParamEffects) {
		w.effects(f.ParamEffects[i], inside, depth+1)
	}
	for _, c := range f.Calls {
		if c.Callee != "" && w.p.known(c.Callee) {
			w.add(step{symbol: c.Callee, call: c, at: c.At, way: inside})
		}
	}
	for _, ret := range f.Returns {
		for _, v := range ret {
			if v.Type != "error" {
				w.visit(located{v, inside}, depth+1)
			}
		}
	}
}

// known: the catalog knows the package of a symbol.
func (p *program) known(symbol string) bool {
	pkg := packageOf(symbol)
	return p.cat.Package(pkg) != nil || p.cat.SDKOf(pkg) != nil || p.cat.Toolkitted(symbol)
}

// find returns the first step, in order, whose symbol is one of the wanted and
// whose value, for fields, is not the zero value.
func (c *construction) find(match func(symbol string) bool) *step {
	for i := range c.steps {
		s := &c.steps[i]
		if match(s.symbol) && !c.zero(s) {
			return s
		}
	}
	return nil
}

// zero: the field is given the zero value. An option function that is given zero
// and nothing else sets nothing.
func (c *construction) zero(s *step) bool {
	if s.value != nil {
		return c.p.unset(located{s.value, s.way})
	}
	if s.call == nil || s.call.Method || len(s.call.Args) != 1 {
		return false
	}
	a := s.call.Args[0]
	return (a.Kind == gosrc.Const || isData(a.Type)) && c.p.unset(located{a, s.way})
}

func isZero(v *gosrc.Value) bool {
	if v == nil {
		return false
	}
	switch v.Kind {
	case gosrc.Nil:
		return true
	case gosrc.Const:
		if n, err := strconv.ParseFloat(v.Text, 64); err == nil {
			return n <= 0 // libraries take a negative value for off
		}
		return v.Text == "" || v.Text == "false"
	}
	return false
}
