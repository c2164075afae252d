package detect

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/gosrc"
)

// metricKinds are the kinds of names that are metrics.
var metricKinds = map[string]bool{"counter": true, "gauge": true, "histogram": true, "summary": true, "untyped": true}

// metric reads one definition.
func (g *planFacts) metric(n *namedThing) (Metric, bool) {
	m := Metric{Position: n.at, Name: n.name, Type: n.kind, Library: n.System, Labels: []string{}, Integrations: g.recordedBeside(n)}
	if strings.HasSuffix(n.call, ".NewDesc") && len(n.args) > 0 { // NewDesc(name, help, labels, constant labels)
		m.Help = g.help(n.args[0])
		if m.Name = g.fullName(n.value); len(n.args) > 1 {
			m.Labels = g.labels(n.args[1])
		}
		return m, m.Name != ""
	}
	if m.Name == "" {
		m.Name = g.fullName(n.value)
	}
	for _, o := range g.p.origins(n.value) {
		if o.Kind != gosrc.Composite {
			continue
		}
		var parts []string
		for _, field := range []string{"Namespace", "Subsystem", "Name"} {
			if v := fieldNamed(o, field); v != nil {
				if t := g.partText(v); t != "" {
					parts = append(parts, t)
				}
			}
		}
		if v := fieldNamed(o, "Help"); v != nil {
			m.Help = g.help(v)
		}
		m.Name = strings.Join(parts, "_")
	}
	switch {
	case n.System == "prometheus" && len(n.args) > 0:
		m.Labels = g.labels(n.args[0])
	case n.System == "opentelemetry":
		for _, a := range n.args {
			for _, o := range g.p.origins(a) {
				if o.Kind == gosrc.Result && strings.HasSuffix(o.Call.Callee, "metric.WithDescription") && len(o.Call.Args) == 1 {
					m.Help = g.help(o.Call.Args[0])
				}
			}
		}
	}
	if name, labels, ok := strings.Cut(m.Name, "{"); ok { // VictoriaMetrics writes both in one
		m.Name = name
		for pair := range strings.SplitSeq(strings.TrimSuffix(labels, "}"), ",") {
			label, _, _ := strings.Cut(pair, "=")
			m.Labels = append(m.Labels, strings.TrimSpace(label))
		}
	}
	return m, m.Name != "" && strings.Trim(m.Name, "*_") != ""
}

func fieldNamed(o *gosrc.Value, name string) *gosrc.Value {
	for _, f := range o.Fields {
		if f.Name == name {
			return f.Value
		}
	}
	return nil
}

// partText is one part of a name: "" where it is left out, * where it is not known.
func (g *planFacts) partText(v *gosrc.Value) string {
	os := g.p.origins(v)
	if len(os) == 1 && os[0].Kind == gosrc.Const {
		return os[0].Text
	}
	return g.textOf(v, 0)
}

// ownMetric is a metric that code defines through a constructor of its own metrics
// package: metrics.NewCounterDef("orders_placed").
func (g *planFacts) ownMetric(c *gosrc.Call) (Metric, bool) {
	if c.Method || len(c.Args) == 0 || !g.p.declared(c.Callee) || !strings.Contains(strings.ToLower(packageName(packageOf(c.Callee))), "metric") {
		return Metric{}, false
	}
	name := g.oneText(c.Args[0])
	kind := constructedKind(typeName(c.Callee))
	if kind == "" || !metricName.MatchString(name) {
		return Metric{}, false
	}
	return Metric{Position: c.At, Name: name, Type: kind, Labels: []string{}, Library: packageOf(c.Callee), Integrations: []string{}}, true
}

var metricName = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9]*[a-zA-Z0-9_.:-]{2,}$`)

// constructedKind is the kind of metric that a constructor makes, by its name.
func constructedKind(name string) string {
	if !strings.HasPrefix(name, "New") && !strings.HasPrefix(name, "Must") && !strings.HasPrefix(name, "Register") {
		return ""
	}
	for _, k := range []struct{ word, kind string }{
		{"Counter", "counter"}, {"Gauge", "gauge"}, {"Histogram", "histogram"}, {"Timer", "histogram"}, {"Summary", "summary"},
	} {
		if strings.Contains(name, k.word) {
			return k.kind
		}
	}
	return ""
}

// fullName is a name as written, or put together by prometheus.BuildFQName.
func (g *planFacts) fullName(v *gosrc.Value) string {
	for _, o := range g.p.origins(v) {
		if o.Kind == gosrc.Result && strings.HasSuffix(o.Call.Callee, "prometheus.BuildFQName") {
			var parts []string
			for _, a := range o.Call.Args {
				if t := g.partText(a); t != "" {
					parts = append(parts, t)
				}
			}
			return strings.Join(parts, "_")
		}
	}
	if t := g.textOf(v, 0); t != "*" {
		return t
	}
	return ""
}

const maxHelp = 300

func (g *planFacts) help(v *gosrc.Value) string {
	text := g.textOf(v, 0)
	if text == "*" {
		return ""
	}
	if len(text) > maxHelp {
		text = strings.ToValidUTF8(text[:maxHelp], "") + "..."
	}
	return scanners.Redact(text)
}

func (g *planFacts) labels(v *gosrc.Value) []string {
	out := []string{}
	for _, o := range g.p.origins(v) {
		if o.Kind != gosrc.List {
			continue
		}
		for _, a := range o.Args {
			if t := g.oneText(a); t != "" && !slices.Contains(out, t) {
				out = append(out, scanners.Redact(t))
			}
		}
	}
	return out
}

// recordedBeside are the integrations whose calls stand in functions that use the
// metric's field or variable.
func (g *planFacts) recordedBeside(n *namedThing) []string {
	if g.recorded == nil {
		g.recorded = map[scanners.Position][]string{}
		for _, fn := range sortedFuncs(g.inFunc) {
			for _, c := range fn.Calls {
				if c.Recv == nil || !recordsValue(c) {
					continue
				}
				for _, at := range g.madeFrom(c.Recv, 0) {
					for _, id := range g.calledIn(fn) {
						if !slices.Contains(g.recorded[at], id) {
							g.recorded[at] = append(g.recorded[at], id)
						}
					}
				}
			}
		}
	}
	out := slices.Clone(g.recorded[n.at])
	slices.Sort(out)
	if out == nil {
		out = []string{}
	}
	return out
}

// recordsValue: methods that record a measurement, or choose whose labels to record with.
func recordsValue(c *gosrc.Call) bool {
	switch c.Callee[strings.LastIndexByte(c.Callee, '.')+1:] {
	case "Inc", "Add", "Observe", "Set", "Dec", "Record", "WithLabelValues", "With", "ObserveDuration", "Update":
		return true
	}
	return false
}

// madeFrom are the places of the definitions that a metric's value comes from.
func (g *planFacts) madeFrom(v *gosrc.Value, depth int) []scanners.Position {
	var out []scanners.Position
	for _, o := range g.p.origins(v) {
		if o.Kind != gosrc.Result {
			continue
		}
		if k := g.known(o.Call.Callee); k != nil && len(k.names) > 0 {
			out = append(out, o.Call.At)
		} else if o.Call.Recv != nil && depth < 3 {
			out = append(out, g.madeFrom(o.Call.Recv, depth+1)...)
		}
	}
	return out
}

func sortedFuncs(m map[*gosrc.Func][]*site) []*gosrc.Func {
	out := make([]*gosrc.Func, 0, len(m))
	for f := range m {
		out = append(out, f)
	}
	slices.SortFunc(out, func(a, b *gosrc.Func) int { return a.At.Compare(b.At) })
	return out
}

// mergeMetrics keeps the first of the places that define one metric.
func mergeMetrics(ms []Metric) []Metric {
	slices.SortFunc(ms, func(a, b Metric) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Type, b.Type), cmp.Compare(a.Library, b.Library), a.Position.Compare(b.Position))
	})
	return slices.CompactFunc(ms, func(a, b Metric) bool { return a.Name == b.Name && a.Type == b.Type && a.Library == b.Library })
}
