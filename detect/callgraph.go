package detect

import (
	"slices"
	"strings"

	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/scanners/gosrc"
)

// passedTo is a function given as an argument to a call.
type passedTo struct {
	call  *gosrc.Call
	index int
}

// maxImplementations bounds how many types an interface call may reach: a plugin
// interface of a large repository has some seventy.
const maxImplementations = 200

func (p *program) findDialers() {
	p.dialers = map[*gosrc.Func]bool{}
	mark := func(v *gosrc.Value) {
		for _, o := range p.origins(v) {
			if f := p.funcOf(o); f != nil {
				p.dialers[f] = true
			}
		}
	}
	for _, symbol := range sortedKeys(p.stores) {
		_, name := catalog.SplitSymbol(symbol)
		if !p.declared(symbol) && strings.Contains(name, ".Dial") {
			for _, st := range p.stores[symbol] {
				mark(st.Value)
			}
		}
	}
	for f, tos := range p.passed {
		for _, to := range tos {
			if strings.HasSuffix(to.call.Callee, "Dialer") && !p.declared(to.call.Callee) {
				p.dialers[f] = true
			}
		}
	}
}

// implementations finds for each interface of the repository the types that have
// its methods.
func (p *program) implementations() {
	byMethod := map[string][]*gosrc.Type{}
	var ifaces []*gosrc.Type
	for _, t := range p.types {
		if t.Interface {
			ifaces = append(ifaces, t)
			continue
		}
		if p.scope[p.typePkg[t.Symbol]] != ScopeRuntime || isDouble(t.Symbol) {
			continue
		}
		for m := range t.Methods {
			byMethod[m] = append(byMethod[m], t)
		}
	}
	for _, i := range ifaces {
		rarest := ""
		for m := range i.Methods {
			if rarest == "" || len(byMethod[m]) < len(byMethod[rarest]) || len(byMethod[m]) == len(byMethod[rarest]) && m < rarest {
				rarest = m
			}
		}
		if rarest == "" {
			continue
		}
		var found []string
		for _, t := range byMethod[rarest] {
			if implements(t, i) {
				found = append(found, t.Symbol)
			}
		}
		slices.Sort(found)
		if len(found) <= maxImplementations {
			p.impls[i.Symbol] = found
		} else {
			p.cut.interfaces = append(p.cut.interfaces, i.Symbol)
		}
	}
}

// isDouble: a generated mock or a hand-written fake stands in for no real peer.
func isDouble(symbol string) bool {
	name := strings.ToLower(symbol[strings.LastIndexByte(symbol, '.')+1:])
	return strings.HasPrefix(name, "mock") || strings.HasPrefix(name, "fake") || strings.HasPrefix(name, "stub") ||
		strings.HasSuffix(name, "mock") || strings.HasPrefix(name, "unimplemented") || strings.HasPrefix(name, "noop")
}

func implements(t, i *gosrc.Type) bool {
	for name, sig := range i.Methods {
		have, ok := t.Methods[name]
		if !ok {
			return false
		}
		if have != sig && !strings.Contains(have, "invalid type") && !strings.Contains(sig, "invalid type") && !sameShape(have, sig) {
			return false
		}
	}
	return true
}

// sameShape: of two methods one belongs to a generic type, and they take and give
// as much.
func sameShape(a, b string) bool {
	if !strings.HasSuffix(a, gosrc.GenericMethod) && !strings.HasSuffix(b, gosrc.GenericMethod) {
		return false
	}
	shape := func(s string) string { return s[:strings.Index(s, ":func")] }
	return strings.Contains(a, ":func") && strings.Contains(b, ":func") && shape(a) == shape(b)
}

// targets are the functions of the repository that a call may reach.
func (p *program) targets(c *gosrc.Call) []*gosrc.Func {
	if c.Callee == "" {
		return nil
	}
	if f := p.funcs[c.Callee]; f != nil {
		return []*gosrc.Func{f}
	}
	if !c.Method {
		return nil
	}
	if held := p.narrowed[c]; held != nil {
		return held
	}
	return p.methodTargets(c.Callee)
}

// methodTargets resolves a method of an interface of the repository.
func (p *program) methodTargets(symbol string) []*gosrc.Func {
	dot := strings.LastIndexByte(symbol, '.')
	if dot < 0 {
		return nil
	}
	iface, method := symbol[:dot], symbol[dot+1:]
	var out []*gosrc.Func
	for _, t := range p.impls[iface] {
		if f := p.method(t, method, 0); f != nil {
			out = append(out, f)
		}
	}
	return out
}

// method finds a type's method, promoted ones included.
func (p *program) method(typ, name string, depth int) *gosrc.Func {
	if f := p.funcs[typ+"."+name]; f != nil {
		return f
	}
	t := p.types[typ]
	if t == nil || depth > 5 {
		return nil
	}
	if decl := t.Promoted[name]; decl != "" {
		return p.funcs[decl]
	}
	return nil
}

// callGraph notes for every function the calls that reach it. Calls through
// function values come last, as resolving them needs the rest.
func (p *program) callGraph() {
	var dynamic []*gosrc.Call
	p.everyCall(func(c *gosrc.Call) {
		runtime := p.scope[c.Fn.Pkg] == ScopeRuntime && !takesTest(c.Fn)
		for _, f := range p.targets(c) {
			// What tests and tools pass says nothing of production code.
			if (runtime && !isDouble(c.Fn.Recv)) || p.scope[f.Pkg] != ScopeRuntime {
				p.callers[f] = append(p.callers[f], c)
			}
		}
		if c.Func != nil {
			dynamic = append(dynamic, c)
		}
		for i, a := range c.Args {
			switch a.Kind {
			case gosrc.Closure, gosrc.FuncRef, gosrc.Union, gosrc.List:
				p.notePassed(a, c, i)
			}
		}
	})
	type edge struct {
		f *gosrc.Func
		c *gosrc.Call
	}
	var edges []edge
	for _, c := range dynamic {
		for _, v := range p.allOrigins(c.Func) {
			if f := p.funcOf(v); f != nil {
				edges = append(edges, edge{f, c})
			}
		}
	}
	clear(p.originMemo) // made without these edges
	p.graphed = true
	for _, e := range edges {
		if !slices.Contains(p.callers[e.f], e.c) {
			p.callers[e.f] = append(p.callers[e.f], e.c)
		}
	}
	p.registered()
	p.passedOn()
}

// passedOn notes the functions that a helper of the repository's is given and hands
// to a library that protects: func try(op func() error) error { return backoff.Retry(op, b) },
// and those that such a library's middleware is put around: ratelimit.NewErroringLimiter(l)(makeEndpoint()),
// and those that a helper makes for it: backoff.Retry(recovered(op), b).
func (p *program) passedOn() {
	p.everyCall(func(c *gosrc.Call) {
		around := p.middleware(c)
		if around == "" && !p.cat.Toolkitted(c.Callee) {
			return
		}
		for i, a := range c.Args {
			if a.Kind == gosrc.Composite {
				for _, f := range a.Fields {
					p.notePassed(f.Value, c, i) // retry.Call(retry.CallArgs{Func: f})
				}
			}
			made := a.Kind == gosrc.Result && len(p.targets(a.Call)) > 0 && p.runsOperations(c)
			if a.Kind != gosrc.Param && !made && (around == "" || a.Kind != gosrc.Result) {
				continue
			}
			for _, o := range p.allOrigins(a) {
				p.notePassedHere(o, passedTo{c, i})
			}
			if made {
				for _, inner := range a.Call.Args { // where the one wrapped here is run
					p.notePassedHere(inner, passedTo{c, i})
				}
			}
		}
	})
}

// middleware is the toolkit's function whose result is called here; "" for none.
func (p *program) middleware(c *gosrc.Call) string {
	if c.Func == nil || len(c.Args) == 0 {
		return ""
	}
	for _, o := range p.origins(c.Func) {
		if o.Kind == gosrc.Result && p.cat.Toolkitted(o.Call.Callee) {
			return o.Call.Callee
		}
	}
	return ""
}

// runsOperations: the library's function runs what it is given under a protection.
func (p *program) runsOperations(c *gosrc.Call) bool {
	return slices.ContainsFunc(policyRoles, func(r catalog.Role) bool { return p.cat.Protects(r, c.Callee, runs) != nil })
}

func (p *program) notePassedHere(v *gosrc.Value, to passedTo) {
	if f := p.funcOf(v); f != nil && !slices.Contains(p.passed[f], to) {
		p.passed[f] = append(p.passed[f], to)
	}
}

// registered notes the functions that reach a worker through tables of them:
// for _, d := range activities { worker.RegisterActivity(d.Func) }, or the table itself.
func (p *program) registered() {
	p.eachCall(func(c *gosrc.Call) {
		if p.cat.Protects(catalog.RoleQueue, c.Callee, entries) == nil {
			return
		}
		for i, a := range c.Args {
			switch a.Kind {
			case gosrc.Closure, gosrc.FuncRef, gosrc.Const:
				continue // noted, or nothing to call
			}
			for _, o := range p.allOrigins(a) {
				p.notePassedHere(o, passedTo{c, i})
				p.registeredObject(o, c, i)
				if o.Kind == gosrc.List {
					for _, held := range o.Args {
						p.notePassedHere(held, passedTo{c, i})
					}
				}
			}
		}
	})
}

// registeredObject notes the methods of an object that a queue or schedule is given
// to call: AddJob(spec, &refresh{}), RegisterActivity(&activities{}).
func (p *program) registeredObject(o *gosrc.Value, c *gosrc.Call, index int) {
	t := p.types[o.Type]
	if _, name := catalog.SplitSymbol(c.Callee); t == nil || t.Interface || strings.HasPrefix(name, "Execute") {
		return // what is handed over with the name of an activity is its arguments
	}
	for _, m := range sortedKeys(t.Methods) {
		if f := p.funcs[o.Type+"."+m]; f != nil && f.Exported && !slices.Contains(p.passed[f], passedTo{c, index}) {
			p.passed[f] = append(p.passed[f], passedTo{c, index})
		}
	}
}

func (p *program) notePassed(v *gosrc.Value, c *gosrc.Call, index int) {
	p.notePassedOnce(v, c, index, map[*gosrc.Value]bool{})
}

// notePassedOnce visits each node once: a list that grows by append holds its
// earlier states over and over.
func (p *program) notePassedOnce(v *gosrc.Value, c *gosrc.Call, index int, seen map[*gosrc.Value]bool) {
	if seen[v] {
		return
	}
	switch v.Kind {
	case gosrc.Closure, gosrc.FuncRef:
		if f := p.funcOf(v); f != nil {
			p.passed[f] = append(p.passed[f], passedTo{c, index})
			return
		}
		for _, f := range p.methodTargets(v.Name) {
			p.passed[f] = append(p.passed[f], passedTo{c, index})
		}
	case gosrc.Union, gosrc.List:
		seen[v] = true
		for _, a := range v.Args {
			p.notePassedOnce(a, c, index, seen)
		}
	}
}

// funcOf is the function of the repository that a value is.
func (p *program) funcOf(v *gosrc.Value) *gosrc.Func {
	switch v.Kind {
	case gosrc.Closure:
		return v.Fn
	case gosrc.FuncRef:
		if f := p.funcs[v.Name]; f != nil {
			return f
		}
		if fs := p.methodTargets(v.Name); len(fs) == 1 {
			return fs[0]
		}
	}
	return nil
}
