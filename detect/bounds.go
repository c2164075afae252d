package detect

import (
	"cmp"
	"path"
	"slices"
	"time"

	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/gosrc"
)

// Bound is a limit on the use of an integration: set in code or configuration, or
// what the client library does where nothing is set.
type Bound struct {
	scanners.Position
	Integration string `json:"integration"`
	Property    string `json:"property"` // timeout, connect, attempts, backoff, pool, rate_limit, batch_size
	Symbol      string `json:"symbol"`
	// Value is "" where it is set to what only configuration knows.
	Value  string `json:"value"`
	Source string `json:"source"` // set, configuration, default
	// Variable or field that holds it, where it comes from configuration.
	Name string `json:"name"`
	// Cite is where the library's default was read: module, version/file:line.
	Cite string `json:"cite"`
}

// properties of a client library with the names that the report gives them.
var properties = []struct {
	name string
	of   func(*catalog.Behaviour) *catalog.Property
}{
	{"timeout", timeoutOf},
	{"attempts", retryOf},
	{"connect", func(b *catalog.Behaviour) *catalog.Property { return &b.Connect }},
	{"pool", func(b *catalog.Behaviour) *catalog.Property { return &b.Pool }},
	{"backoff", func(b *catalog.Behaviour) *catalog.Property { return &b.Backoff }},
}

// bounds lists the limits of every integration that production code calls.
func (g *planFacts) bounds() []Bound {
	w := boundWalk{g: g, found: map[Bound]bool{}, set: map[[2]string]bool{}, read: map[string]bool{}}
	for _, s := range g.sites {
		w.client(s)
	}
	for i := range g.calls {
		w.verdicts(&g.calls[i])
	}
	for _, s := range g.sites {
		w.defaults(s)
	}
	out := make([]Bound, 0, len(w.found))
	for b := range w.found {
		out = append(out, b)
	}
	slices.SortFunc(out, func(a, b Bound) int {
		return cmp.Or(cmp.Compare(a.Integration, b.Integration), cmp.Compare(a.Property, b.Property), a.Position.Compare(b.Position),
			cmp.Compare(a.Symbol, b.Symbol), cmp.Compare(a.Value, b.Value), cmp.Compare(a.Source, b.Source), cmp.Compare(a.Cite, b.Cite))
	})
	return out
}

type boundWalk struct {
	g     *planFacts
	found map[Bound]bool
	set   map[[2]string]bool // integration and property with a value of the repository's own
	read  map[string]bool
}

func (w *boundWalk) add(b Bound) {
	if b.Source != "default" {
		w.set[[2]string{b.Integration, b.Property}] = true
	}
	w.found[b] = true
}

// client reads the settings in the construction of a site's client.
func (w *boundWalk) client(s *site) {
	if s.client == nil {
		return
	}
	if key := constructText(s.client); key != "" {
		if w.read[s.id+" "+key] {
			return
		}
		w.read[s.id+" "+key] = true
	}
	for _, st := range w.g.p.construct(s.client).steps {
		if st.at.File == "" {
			continue
		}
		for _, prop := range properties {
			for _, b := range s.behaviours() {
				if by := prop.of(b).By; len(by) > 0 && (inLibrary(s, st.symbol) && catalog.Matches(by, st.symbol) || absolute(by, st.symbol)) {
					w.step(s.id, prop.name, &st)
					break
				}
			}
		}
		for _, p := range w.g.know.Of(packageOf(st.symbol)) {
			if p.Topic == "limits" && p.Proves(st.symbol) {
				w.step(s.id, p.What, &st)
			}
		}
	}
}

func (w *boundWalk) step(id, property string, st *step) {
	v := st.value
	if v == nil && st.call != nil {
		if len(st.call.Args) == 0 {
			return
		}
		v = st.call.Args[len(st.call.Args)-1]
	}
	b := Bound{Position: st.at, Integration: id, Property: property, Symbol: shortSymbol(st.symbol), Source: "set"}
	b.Value, b.Source, b.Name = w.g.settingOf(v)
	w.add(b)
}

// settingOf reads a setting: a duration or a number where it is a constant or a
// default, else what holds it.
func (g *planFacts) settingOf(v *gosrc.Value) (value, source, name string) {
	source = "set"
	if n := g.configured(v, 0); n != "" {
		source, name = "configuration", n
	}
	if v.Type == "time.Duration" || isDuration(g.p.origins(v)) {
		value, _ = g.p.duration(v)
		return value, source, name
	}
	text := g.oneText(v)
	if len(text) > 40 || scanners.SecretValue(text) {
		text = ""
	}
	return text, source, name
}

// configured names the variable, or else the field, that a setting comes from, itself
// or by way of arithmetic: int32(cfg.PoolMax & math.MaxInt32).
func (g *planFacts) configured(v *gosrc.Value, depth int) (name string) {
	for _, o := range g.p.origins(v) {
		if n := g.p.variableOf(o); n != "" {
			name = n
		} else if o.Kind == gosrc.Field && o.Name != "" && g.p.declared(o.Name) {
			name = shortSymbol(o.Name)
		} else if o.Kind == gosrc.Concat && depth < maxArithmetic {
			for _, a := range o.Args {
				name = cmp.Or(g.configured(a, depth+1), name)
			}
		}
	}
	return name
}

// maxArithmetic bounds how deep a setting is looked for in arithmetic.
const maxArithmetic = 3

func isDuration(os []*gosrc.Value) bool {
	return slices.ContainsFunc(os, func(o *gosrc.Value) bool { return o.Type == "time.Duration" })
}

// verdicts takes in what bounds calls from outside their client: deadlines on
// contexts, loops that retry, limiters.
func (w *boundWalk) verdicts(c *CallSite) {
	if c.Scope != ScopeRuntime || w.g.byID[c.Integration] == nil {
		return
	}
	for _, v := range []struct {
		property string
		Verdict
	}{{"timeout", c.Timeout}, {"attempts", c.Retry}, {"rate_limit", c.RateLimit}, {"bulkhead", c.Bulkhead}} {
		if v.Verdict.Verdict == Present && v.File != "" && (v.Value != "" || v.property != "timeout" && v.property != "attempts") {
			if _, err := time.ParseDuration(v.Value); v.property == "timeout" && err != nil {
				v.Value = ""
			}
			b := Bound{Position: v.Position, Integration: c.Integration, Property: v.property, Symbol: v.Reason, Value: v.Value, Source: "set"}
			if !w.known(b) {
				w.add(b)
			}
		}
	}
}

// known: the client's construction told of the same place.
func (w *boundWalk) known(b Bound) bool {
	for _, source := range []string{"set", "configuration"} {
		for old := range w.found {
			if old.Integration == b.Integration && old.Property == b.Property && old.Position == b.Position && old.Source == source {
				return true
			}
		}
	}
	return false
}

// defaults adds what the library does where the repository sets nothing.
func (w *boundWalk) defaults(s *site) {
	for _, prop := range properties {
		if w.set[[2]string{s.id, prop.name}] {
			continue
		}
		for _, b := range s.behaviours() {
			p := prop.of(b)
			if d := w.g.p.pickDefault(p.For(s.symbol), packageOf(s.symbol)); d != nil {
				cite := d.Module
				if len(d.Cite) > 0 {
					cite += " " + d.Cite[len(d.Cite)-1]
				}
				w.add(Bound{Position: w.g.requirement(d.Module), Integration: s.id, Property: prop.name, Symbol: d.Text, Value: d.Value, Source: "default", Cite: cite})
				break
			}
		}
	}
}

// requirement is where a go.mod asks for a module.
func (g *planFacts) requirement(module string) scanners.Position {
	for _, m := range g.facts.Modules.Modules {
		for _, q := range m.Requires {
			if q.Path == module {
				return q.Position
			}
		}
	}
	if len(g.facts.Modules.Modules) > 0 {
		m := g.facts.Modules.Modules[0]
		return scanners.Position{File: path.Join(m.Dir, "go.mod"), Line: 1}
	}
	return scanners.Position{}
}
