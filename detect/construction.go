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
}

const maxConstruction = 1000

// construct collects the construction of the client that a value holds.
func (p *program) construct(v *gosrc.Value) *construction {
	key := constructKey(v)
	if v.Kind == gosrc.Field && v.X != nil && !p.declared(v.Name) {
		key = v // what a library's struct embeds is another thing in each client
	}
	if c, ok := p.constructMemo[key]; ok {
		return c
	}
	w := constructWalk{p: p, seen: map[any]bool{}, c: &construction{}}
	p.constructMemo[key] = w.c
	w.visit(v, 0)
	if len(w.c.steps) > maxConstruction {
		p.cut.clients++
	}
	return w.c
}

// alternatives are the constructions of each client that a value may hold, where
// there are several: one of two that is bounded does not bound the other.
func (p *program) alternatives(v *gosrc.Value) []*construction {
	os := slices.DeleteFunc(slices.Clone(p.origins(v)), func(o *gosrc.Value) bool {
		return o.Kind != gosrc.Composite && o.Kind != gosrc.Result
	})
	if len(os) < 2 || len(os) > maxAlternatives {
		return []*construction{p.construct(v)}
	}
	var out []*construction
	for _, o := range os {
		w := constructWalk{p: p, seen: map[any]bool{constructKey(v): true}, c: &construction{}}
		if v.Kind == gosrc.Field || v.Kind == gosrc.Global {
			w.effects(p.effects[v.Name], 0)
		}
		w.node(o, 0)
		out = append(out, w.c)
	}
	return out
}

const maxAlternatives = 12

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

// nodeKey marks a value visited as an origin, which it may be as well as a step on
// the way to one.
type nodeKey struct{ v *gosrc.Value }

type constructWalk struct {
	p    *program
	seen map[any]bool
	c    *construction
}

func (w *constructWalk) add(s step) {
	if s.call != nil && s.symbol == s.call.Callee {
		s.symbol = w.p.unresolved(s.call)
	}
	w.c.steps = append(w.c.steps, s)
}

// visit takes in a value by its way and its origins: what is done to a field or
// variable on the way is done to the client too.
func (w *constructWalk) visit(v *gosrc.Value, depth int) {
	if v == nil || depth > 30 || len(w.c.steps) > maxConstruction || isData(v.Type) && !w.p.connectionText(v) {
		return
	}
	key := constructKey(v)
	if w.seen[key] {
		return
	}
	w.seen[key] = true
	if v.Kind == gosrc.Field || v.Kind == gosrc.Global {
		w.effects(w.p.effects[v.Name], depth)
	}
	if v.Kind == gosrc.Param && v.Index >= 0 && v.Fn != nil {
		w.effects(v.Fn.ParamEffects[v.Index], depth) // what the function does to it before it hands it on
	}
	if v.Kind == gosrc.Field && v.X != nil && !w.p.declared(v.Name) {
		// A field of a library's type: the whole it belongs to is its construction.
		w.visit(v.X, depth+1)
	}
	for _, o := range w.p.origins(v) {
		w.node(o, depth)
	}
}

func (w *constructWalk) node(o *gosrc.Value, depth int) {
	if w.seen[nodeKey{o}] {
		return
	}
	w.seen[nodeKey{o}] = true
	w.effects(o.Effects, depth)
	switch o.Kind {
	case gosrc.Composite:
		w.add(step{symbol: o.Type, value: o, at: o.At})
		if f := w.p.funcs[o.Type+".RoundTrip"]; f != nil {
			w.c.funcs = append(w.c.funcs, f)
		}
		for _, f := range o.Fields {
			w.add(step{symbol: o.Type + "." + f.Name, value: f.Value, at: f.At})
			for _, k := range f.Value.Fields {
				if f.Value.Kind == gosrc.List {
					w.add(step{symbol: o.Type + "." + f.Name + "." + k.Name, value: k.Value, at: k.At})
				}
			}
			if w.p.configures(f.Value) {
				w.visit(f.Value, depth+1)
			}
		}
		w.stored(o, depth)
	case gosrc.Result:
		w.call(o.Call, depth)
	case gosrc.List:
		for _, a := range o.Args {
			w.visit(a, depth+1)
		}
	case gosrc.Closure:
		w.closure(o.Fn, depth)
	case gosrc.FuncRef:
		w.add(step{symbol: o.Name, value: o, at: o.At})
		if f := w.p.funcOf(o); f != nil {
			w.closure(f, depth)
		}
		if o.X != nil {
			w.visit(o.X, depth+1)
		}
	case gosrc.Global:
		w.add(step{symbol: o.Name, value: o, at: o.At})
		w.effects(w.p.effects[o.Name], depth)
	case gosrc.Param:
		w.c.opaque = true
		if o.Fn != nil {
			w.effects(o.Fn.ParamEffects[o.Index], depth)
		}
	case gosrc.Field:
		if o.X != nil && !w.p.declared(o.Name) {
			w.effects(w.p.effects[o.Name], depth)
			w.visit(o.X, depth+1)
			return
		}
		w.c.opaque = true
	case gosrc.Opaque:
		w.c.opaque = true
	}
}

// stored follows the fields of the repository's own struct that are set after it
// is made, for types that wrap a client.
func (w *constructWalk) stored(o *gosrc.Value, depth int) {
	t := w.p.types[o.Type]
	if t == nil {
		return
	}
	for _, name := range sortedKeys(t.Fields) {
		if !w.p.known(t.Fields[name]) {
			continue // what else it holds is data, or another component
		}
		for _, st := range w.p.stores[o.Type+"."+name] {
			if w.p.configures(st.Value) {
				w.visit(st.Value, depth+2)
			}
		}
	}
}

func (w *constructWalk) call(c *gosrc.Call, depth int) {
	if w.seen[c] {
		return
	}
	w.seen[c] = true
	if c.Callee != "" {
		w.add(step{symbol: c.Callee, call: c, at: c.At})
	}
	if c.Func != nil && c.Func.Kind == gosrc.Field && !w.p.declared(c.Func.Name) {
		w.add(step{symbol: c.Func.Name, call: c, at: c.At}) // an option of a library's: stomp.ConnOpt.HeartBeat(a, b)
	}
	if c.Recv != nil {
		w.visit(c.Recv, depth+1)
	}
	for _, a := range c.Args {
		if a.Type == "context.Context" && strings.HasPrefix(c.Callee, "golang.org/x/oauth2") && strings.HasSuffix(c.Callee, "Client") {
			w.carriedTransport(a, depth)
		}
		if w.p.configures(a) {
			w.visit(a, depth+1)
		}
	}
}

// carriedTransport: oauth2's clients call through the transport of the client that
// the context carries, but take over nothing else of it, such as its Timeout
// (golang.org/x/oauth2 v0.30.0 oauth2.go: NewClient).
func (w *constructWalk) carriedTransport(ctx *gosrc.Value, depth int) {
	for _, o := range w.p.origins(ctx) {
		if o.Kind != gosrc.Result {
			continue
		}
		for _, a := range o.Call.Args {
			if a.Type != "net/http.Client" {
				continue
			}
			for _, client := range w.p.origins(a) {
				for _, f := range client.Fields {
					if f.Name == "Transport" {
						before := len(w.c.steps)
						w.visit(f.Value, depth+1)
						w.c.steps = append(w.c.steps[:before], slices.DeleteFunc(w.c.steps[before:], func(st step) bool {
							return st.symbol == "net/http.Client.Timeout" // of a client further in
						})...)
					}
				}
			}
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
	for _, away := range []string{"Logger", "Clock", "Registerer", "Registry", "Gatherer", "WaitGroup"} {
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
		"float64", "error", "time.Time", "time.Duration", "net/url.URL", "github.com/google/uuid.UUID":
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
// returns.
func (w *constructWalk) closure(f *gosrc.Func, depth int) {
	if w.seen[f] {
		return
	}
	w.seen[f] = true
	w.c.funcs = append(w.c.funcs, f)
	for _, i := range sortedKeys(f.ParamEffects) {
		w.effects(f.ParamEffects[i], depth+1)
	}
	for _, c := range f.Calls {
		if c.Callee != "" && w.p.known(c.Callee) {
			w.add(step{symbol: c.Callee, call: c, at: c.At})
		}
	}
	for _, ret := range f.Returns {
		for _, v := range ret {
			if v.Type != "error" {
				w.visit(v, depth+1)
			}
		}
	}
}

// known: the catalog knows the package of a symbol.
func (p *program) known(symbol string) bool {
	pkg := packageOf(symbol)
	return p.cat.Package(pkg) != nil || p.cat.SDKOf(pkg) != nil || p.cat.Toolkitted(symbol)
}

func (w *constructWalk) effects(es []gosrc.Effect, depth int) {
	if depth > 30 {
		return
	}
	for i := range es {
		e := &es[i]
		if w.seen[e] {
			continue
		}
		w.seen[e] = true
		switch e.Kind {
		case gosrc.EffectField:
			w.add(step{symbol: e.Name, value: e.Value, at: e.At})
			w.visit(e.Value, depth+1)
		case gosrc.EffectMethod:
			w.method(e, depth)
		case gosrc.EffectArg:
			w.argument(e, depth)
		}
	}
}

// method takes in a method called on the client: client.SetTimeout(d).
func (w *constructWalk) method(e *gosrc.Effect, depth int) {
	c := e.Call
	if c.Interface && w.p.declared(c.Callee) {
		return // any implementation's doings are not this client's
	}
	if targets := w.p.targets(c); len(targets) > 0 {
		for _, f := range targets {
			if len(f.ParamEffects[-1]) > 0 && setter(f.Symbol) {
				w.effects(f.ParamEffects[-1], depth+1)
			}
		}
		return
	}
	if c.Context || !setter(c.Callee) {
		return // an operation: its arguments are data
	}
	w.add(step{symbol: c.Callee, call: c, at: c.At})
	for _, a := range c.Args {
		if w.p.configures(a) {
			w.visit(a, depth+1)
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
func (w *constructWalk) argument(e *gosrc.Effect, depth int) {
	c := e.Call
	if c.Interface && w.p.declared(c.Callee) {
		return
	}
	targets := w.p.targets(c)
	if len(targets) == 0 {
		if c.Callee != "" && !w.seen[c] {
			w.add(step{symbol: c.Callee, call: c, at: c.At})
			w.wrapped(c, e.Index, depth)
		}
		return
	}
	for _, f := range targets {
		i := e.Index
		if f.Variadic && i >= len(f.Params) {
			i = len(f.Params) - 1
		}
		if len(f.ParamEffects[i]) > 0 && !w.seen[paramKey{f, i}] {
			w.effects(f.ParamEffects[i], depth+1)
		}
	}
}

// wrapped: what else a library is given together with the client
// (db.AddHook(x, client)) belongs to the construction where the library is one
// that protects or observes.
func (w *constructWalk) wrapped(c *gosrc.Call, index, depth int) {
	if !w.p.cat.Toolkitted(c.Callee) {
		return
	}
	for i, a := range c.Args {
		if i != index && a.Kind != gosrc.Const {
			w.visit(a, depth+2)
		}
	}
}

// find returns the first step, in order, whose symbol is one of the wanted and
// whose value, for fields, is not the zero value.
func (c *construction) find(match func(symbol string) bool) *step {
	for i := range c.steps {
		s := &c.steps[i]
		if match(s.symbol) && !isZero(s.value) && !zeroOption(s.call) {
			return s
		}
	}
	return nil
}

// zeroOption: an option function that is given zero and nothing else sets nothing.
func zeroOption(c *gosrc.Call) bool {
	return c != nil && !c.Method && len(c.Args) == 1 && c.Args[0].Kind == gosrc.Const && isZero(c.Args[0])
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
