package detect

import (
	"slices"
	"strings"

	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/gosrc"
)

// planFacts are the facts of which the integration plan is made, beyond what the
// verdicts need: what stands where, judged by nobody. Each part has a file of its
// own.
type planFacts struct {
	p     *program
	facts Facts
	know  *catalog.Practices
	r     *Result // what is found already
	calls []CallSite
	sites []*site

	byID     map[string]*Integration
	bySystem map[string][]*Integration
	siteOf   map[*gosrc.Call]*site
	inFunc   map[*gosrc.Func][]*site
	inPkg    map[*gosrc.Package][]*site
	entries  map[scanners.Position]EntryKind
	memo     map[string]*calleeFacts
	started  []*gosrc.Func                  // what commands run
	recorded map[scanners.Position][]string // by metric definition, the integrations beside its records
}

// calleeFacts is what the catalog knows of a function by its symbol.
type calleeFacts struct {
	practices []*catalog.Practice
	names     []*catalog.Naming
}

// gather fills the plan's facts into the result.
func gather(p *program, f Facts, sites []*site, r *Result) {
	g := &planFacts{
		p: p, facts: f, know: catalog.ShippedPractices(), r: r, calls: r.CallSites,
		byID: map[string]*Integration{}, bySystem: map[string][]*Integration{},
		siteOf: map[*gosrc.Call]*site{}, inFunc: map[*gosrc.Func][]*site{}, inPkg: map[*gosrc.Package][]*site{},
		entries: map[scanners.Position]EntryKind{}, memo: map[string]*calleeFacts{},
	}
	for i := range r.Integrations {
		in := &r.Integrations[i]
		g.byID[in.ID] = in
		g.bySystem[in.System] = append(g.bySystem[in.System], in)
	}
	for _, s := range sites {
		if p.scope[s.call.Fn.Pkg] != ScopeRuntime || g.byID[s.id] == nil {
			continue
		}
		g.sites = append(g.sites, s)
		g.siteOf[s.call] = s
		g.inFunc[s.call.Fn] = append(g.inFunc[s.call.Fn], s)
		g.inPkg[s.call.Fn.Pkg] = append(g.inPkg[s.call.Fn.Pkg], s)
	}
	slices.SortStableFunc(g.sites, func(a, b *site) int { return a.at().Compare(b.at()) })
	for _, e := range r.EntryPoints {
		g.entries[e.Position] = e.Kind
	}
	named := g.namings()
	r.Data = g.data(named)
	r.Channels = g.channels(named)
	r.Patterns = g.patterns()
	r.Security = g.security()
	r.Formats = g.formats()
	r.Bounds = g.bounds()
	r.Tests = g.tests()
	r.Observability = g.observability(named)
	r.Deployment = g.deployment()
	r.Versions = g.versions()
}

// noPlanFacts fills in what gather finds where there is nothing.
func noPlanFacts(cat *catalog.Catalog, r *Result) {
	none := Result{}
	gather(&program{cat: cat}, Facts{}, nil, &none)
	r.Data, r.Channels, r.Patterns, r.Security, r.Formats = none.Data, none.Channels, none.Patterns, none.Security, none.Formats
	r.Bounds, r.Tests, r.Observability, r.Deployment, r.Versions = none.Bounds, none.Tests, none.Observability, none.Deployment, none.Versions
}

// known is what the catalog says of a call's callee.
func (g *planFacts) known(callee string) *calleeFacts {
	if k, ok := g.memo[callee]; ok {
		return k
	}
	k := &calleeFacts{names: g.know.Naming[callee]}
	for _, p := range g.know.Of(packageOf(callee)) {
		if len(p.Uses) > 0 && p.Proves(callee) {
			k.practices = append(k.practices, p)
		}
	}
	if len(k.names) == 0 && len(k.practices) == 0 {
		k = nil
	}
	g.memo[callee] = k
	return k
}

// of are the practices of a topic that a call shows.
func (k *calleeFacts) of(topic string) []*catalog.Practice {
	if k == nil {
		return nil
	}
	var out []*catalog.Practice
	for _, p := range k.practices {
		if p.Topic == topic {
			out = append(out, p)
		}
	}
	return out
}

// eachFunc visits the functions of production code.
func (g *planFacts) eachFunc(visit func(f *gosrc.Func)) {
	for _, pkg := range g.p.pkgs {
		if g.p.scope[pkg] != ScopeRuntime {
			continue
		}
		for _, f := range pkg.Funcs {
			visit(f)
		}
	}
}

// sitesAround are the call sites in a function, or in the function around a literal.
func (g *planFacts) sitesAround(f *gosrc.Func) []*site {
	for ; f != nil; f = f.Parent {
		if ss := g.inFunc[f]; len(ss) > 0 {
			return ss
		}
	}
	return nil
}

// inbound reports that a function is, or stands in, a handler of requests or
// messages.
func (g *planFacts) inbound(f *gosrc.Func) bool {
	for ; f != nil; f = f.Parent {
		switch g.entries[f.At] {
		case EntryHTTP, EntryGRPC, EntryConsumer:
			return true
		}
		if slices.Contains(f.Params, "net/http.ResponseWriter") || slices.Contains(f.Params, "net/http.Request") {
			return true
		}
	}
	return false
}

// integrationOf is the integration of a system that code in a function works on: that
// of the calls around it, or the only one there is; "" where that is open.
func (g *planFacts) integrationOf(system string, f *gosrc.Func) string {
	match := func(s *site) bool {
		if system == catalog.AnyDatabase {
			sys := g.p.cat.System(s.system)
			return sys != nil && sys.Kind == "database"
		}
		return s.system == system
	}
	for _, among := range [][]*site{g.sitesAround(f), g.inPkg[f.Pkg]} {
		if i := slices.IndexFunc(among, match); i >= 0 {
			return among[i].id
		}
	}
	if system == catalog.AnyDatabase {
		system = g.p.onlyDatabase(f.Pkg)
	}
	if ins := g.bySystem[system]; len(ins) == 1 {
		return ins[0].ID
	}
	return ""
}

// nameSource says where the name of a thing comes from.
type nameSource string

const (
	fromCode          nameSource = "code"          // it stands in code
	fromVariable      nameSource = "variable"      // an environment variable holds it; the name is the variable's
	fromConfiguration nameSource = "configuration" // a field of a configuration; the name is the field's
	fromComputed      nameSource = "computed"      // its fixed part is known
)

// nameOf is one name that a value may be.
type nameOf struct {
	text string
	from nameSource
}

// maxNames bounds how many names one place may give.
const maxNames = 12

// namesOf reads the names that a value holds, by what the code shows of them.
func (g *planFacts) namesOf(v *gosrc.Value) []nameOf {
	var out []nameOf
	add := func(text string, from nameSource) {
		if text = strings.TrimSpace(text); text != "" && len(text) < 200 && len(out) < maxNames && !scanners.SecretValue(text) {
			n := nameOf{scanners.Redact(text), from}
			if !slices.Contains(out, n) {
				out = append(out, n)
			}
		}
	}
	var visit func(o *gosrc.Value, depth int)
	visit = func(o *gosrc.Value, depth int) {
		if depth > 4 {
			return
		}
		variable := g.p.variableOf(o)
		switch {
		case variable != "":
			add(variable, fromVariable)
		case o.Kind == gosrc.Const:
			add(o.Text, fromCode)
		case o.Kind == gosrc.List || o.Kind == gosrc.Union:
			for _, a := range o.Args {
				for _, of := range g.p.origins(a) {
					visit(of, depth+1)
				}
			}
		case o.Kind == gosrc.Result && len(o.Call.Args) > 0 && wrapsText(o.Call):
			for _, of := range g.p.origins(o.Call.Args[0]) {
				visit(of, depth+1)
			}
		case o.Kind == gosrc.Concat || isSprintf(o):
			if t := g.textOf(o, 0); strings.Trim(t, "*./:-_ ") != "" {
				add(t, fromComputed)
			}
		case o.Kind == gosrc.Field && o.Name != "" && !strings.Contains(o.Name, "@"):
			if g.p.declared(o.Name) {
				add(shortSymbol(o.Name), fromConfiguration)
			}
		}
	}
	for _, o := range g.p.origins(v) {
		visit(o, 0)
	}
	return out
}

// wrapsText: functions that give back what they are given (aws.String, strings.ToLower).
func wrapsText(c *gosrc.Call) bool {
	switch c.Callee[strings.LastIndexByte(c.Callee, '.')+1:] {
	case "String", "StringPtr", "ToPtr", "Ptr", "Pointer", "To", "ToLower", "ToUpper", "TrimSpace":
		return len(c.Args) == 1
	}
	return false
}

func isSprintf(o *gosrc.Value) bool {
	return o.Kind == gosrc.Result && strings.HasPrefix(o.Call.Callee, "fmt.Sprint") && len(o.Call.Args) > 0
}

// textOf is a text put together of parts, with * for those that are not known.
func (g *planFacts) textOf(v *gosrc.Value, depth int) string {
	if depth > 8 {
		return "*"
	}
	os := g.p.origins(v)
	if len(os) != 1 {
		return "*"
	}
	switch o := os[0]; {
	case o.Kind == gosrc.Const:
		return o.Text
	case o.Kind == gosrc.Concat && o.Name == "+":
		var b strings.Builder
		for _, a := range o.Args {
			b.WriteString(g.textOf(a, depth+1))
			if b.Len() > maxText {
				break
			}
		}
		return b.String()
	case isSprintf(o) && strings.HasSuffix(o.Call.Callee, "Sprintf"):
		return verbs.ReplaceAllString(g.textOf(o.Call.Args[0], depth+1), "*")
	}
	return "*"
}

// maxText bounds texts put together.
const maxText = 20_000
