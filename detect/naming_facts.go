package detect

import (
	"cmp"
	"slices"
	"strings"

	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/gosrc"
)

// namedThing is a place where code names something that the catalog knows to be
// named there: a table, a topic, a metric, a span.
type namedThing struct {
	*catalog.Naming
	kind, access, integration, name string
	from                            nameSource
	at                              scanners.Position
	call                            string
	fn                              *gosrc.Func
	// value is what stands in the place, and args what follows it.
	value *gosrc.Value
	args  []*gosrc.Value
}

// isResource: what is published or consumed is a channel, what is measured a metric
// or span.
func (n *namedThing) isResource() bool {
	return n.access != "publish" && n.access != "consume" && !n.isChannel() && !metricKinds[n.kind] && n.kind != "span"
}

var channelKinds = map[string]bool{
	"topic": true, "queue": true, "subject": true, "exchange": true, "routing_key": true, "stream": true, "channel": true, "task": true, "subscription": true,
}

func (n *namedThing) isChannel() bool { return channelKinds[n.kind] }

// namings finds the places by the functions called and by the fields set.
func (g *planFacts) namings() []namedThing {
	var out []namedThing
	g.eachFunc(func(f *gosrc.Func) {
		for _, c := range f.Calls {
			k := g.known(c.Callee)
			if k == nil {
				continue
			}
			for _, n := range k.names {
				if n.Arg != nil && *n.Arg < len(c.Args) {
					out = append(out, g.named(n, c.Args[*n.Arg], c.Args[*n.Arg+1:], c.At, shortSymbol(c.Callee), f)...)
				}
			}
		}
	})
	for _, symbol := range sortedKeys(g.know.Naming) {
		for _, st := range g.p.stores[symbol] {
			for _, n := range g.know.Naming[symbol] {
				if n.Arg == nil && st.Fn != nil && g.p.scope[st.Fn.Pkg] == ScopeRuntime {
					out = append(out, g.named(n, st.Value, nil, st.At, shortSymbol(symbol), st.Fn)...)
				}
			}
		}
	}
	slices.SortStableFunc(out, func(a, b namedThing) int {
		return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.kind, b.kind), cmp.Compare(a.access, b.access), cmp.Compare(a.name, b.name))
	})
	return out
}

// named reads what stands in one place. Where a function hands on its own parameter,
// its callers name the things: a helper that opens spans, a wrapper around a client.
func (g *planFacts) named(n *catalog.Naming, v *gosrc.Value, rest []*gosrc.Value, at scanners.Position, call string, f *gosrc.Func) []namedThing {
	if out := g.namedByCallers(n, v, rest, call, f, 0); len(out) > 0 {
		return out
	}
	return g.namedHere(n, v, rest, at, call, f)
}

// The bounds of looking for names: how many one place may have, wrappers around
// wrappers, and callers of one.
const (
	maxAtOnce   = 6
	maxWrappers = 2
	maxNaming   = 300
)

func (g *planFacts) namedByCallers(n *catalog.Naming, v *gosrc.Value, rest []*gosrc.Value, call string, f *gosrc.Func, depth int) []namedThing {
	if v.Kind != gosrc.Param || v.Fn == nil || v.Index < 0 || depth >= maxWrappers {
		return nil
	}
	var out []namedThing
	for i, c := range g.p.callers[v.Fn] {
		a := argument(c, v)
		if a == nil || i >= maxNaming || c.Fn == f || g.p.scope[c.Fn.Pkg] != ScopeRuntime {
			continue
		}
		if further := g.namedByCallers(n, a, rest, call, c.Fn, depth+1); len(further) > 0 {
			out = append(out, further...)
		} else {
			out = append(out, g.namedHere(n, a, rest, c.At, call, c.Fn)...)
		}
	}
	return out
}

func (g *planFacts) namedHere(n *catalog.Naming, v *gosrc.Value, rest []*gosrc.Value, at scanners.Position, call string, f *gosrc.Func) []namedThing {
	base := namedThing{Naming: n, kind: n.Kind, access: n.Access, at: at, call: call, fn: f, value: v, args: rest, integration: g.namingIntegration(n.System, f)}
	if n.Model {
		base.name, base.from = g.modelName(v)
		if base.name == "" {
			return nil
		}
		if base.from == fromCode && n.System == catalog.AnyDatabase {
			base.kind = "table"
		}
		return []namedThing{base}
	}
	var out []namedThing
	names := g.namesOf(v)
	if len(names) > maxAtOnce || len(names) > 1 && (metricKinds[n.Kind] || n.Kind == "span") {
		names = nil // all that some shared type may hold, of which this place names one
	}
	for _, name := range names {
		if n.Kind == "key" {
			if name.text = keyPrefix(name.text); name.text == "" {
				continue
			}
		}
		if n.Kind == "table" && (strings.ContainsAny(name.text, " (") || name.text == "*") {
			name.text, _, _ = strings.Cut(strings.TrimSpace(name.text), " ") // "users AS u", or a subquery
			if strings.Contains(name.text, "(") {
				continue
			}
		}
		t := base
		t.name, t.from = name.text, name.from
		out = append(out, t)
	}
	if len(out) == 0 && (channelKinds[n.Kind] || metricKinds[n.Kind]) {
		out = append(out, base) // it is named at run time
	}
	return out
}

// keyPrefix is what a key has in common with others of its sort; the rest is data,
// and may be a session's token: "session:" and what follows gives "session:*".
func keyPrefix(key string) string {
	if i := strings.IndexAny(key, ":/"); i > 0 && !strings.HasPrefix(key, "*") {
		return key[:i+1] + "*"
	}
	return ""
}

func (g *planFacts) namingIntegration(system string, f *gosrc.Func) string {
	if system != catalog.AnyQueue {
		return g.integrationOf(system, f)
	}
	for _, s := range slices.Concat(g.sitesAround(f), g.inPkg[f.Pkg]) {
		if sys := g.p.cat.System(s.system); sys != nil && (sys.Kind == "messaging" || sys.Kind == "cache") {
			return s.id
		}
	}
	return ""
}

// modelName is the table of a model by its TableName method, else the type's name.
func (g *planFacts) modelName(v *gosrc.Value) (string, nameSource) {
	typ := v.Type
	if typ == "" || !g.p.declared(typ) {
		for _, o := range g.p.origins(v) {
			if o.Type != "" && g.p.declared(o.Type) {
				typ = o.Type
				break
			}
		}
	}
	if typ == "" || !g.p.declared(typ) {
		return "", ""
	}
	if f := g.p.method(typ, "TableName", 0); f != nil {
		for _, ret := range f.Returns {
			if len(ret) == 1 {
				for _, n := range g.namesOf(ret[0]) {
					return n.text, n.from
				}
			}
		}
	}
	return shortSymbol(typ), fromConfiguration
}
