package detect

import (
	"slices"
	"strings"
)

// supervision takes over the rules, receivers and dashboards of the repository, and
// says which of the code's metrics they look at.
func (g *planFacts) supervision(o *Observability) {
	o.Alerts, o.Receivers, o.Dashboards = []Alert{}, []Receiver{}, []Dashboard{}
	var names []string
	for _, m := range o.Metrics {
		names = append(names, m.Name)
	}
	for _, r := range g.facts.Monitors.Rules {
		metrics := r.Metrics
		if metrics == nil {
			metrics = []string{}
		}
		o.Alerts = append(o.Alerts, Alert{
			Position: r.Position, Tool: r.Tool, Kind: r.Kind, Name: r.Name, Group: r.Group, Expr: r.Expr, For: r.For, Severity: r.Severity,
			Metrics: metrics, Known: knownMetrics(metrics, names),
		})
	}
	for _, r := range g.facts.Monitors.Receivers {
		o.Receivers = append(o.Receivers, Receiver{Position: r.Position, Name: r.Name, Channels: r.Channels, Default: r.Default})
	}
	for _, d := range g.facts.Monitors.Dashboards {
		o.Dashboards = append(o.Dashboards, Dashboard{Position: d.Position, Title: d.Title, Panels: d.Panels, Known: knownMetrics(d.Metrics, names)})
	}
}

// knownMetrics are those of the used names that code defines: histograms and
// counters show up with suffixes of their own, and OpenTelemetry's dots as
// underscores.
func knownMetrics(used, defined []string) []string {
	out := []string{}
	for _, u := range used {
		for _, d := range defined {
			plain := strings.NewReplacer(".", "_", "-", "_").Replace(d)
			if rest, ok := strings.CutPrefix(u, plain); u == d || ok && exposedSuffix(rest) {
				out = append(out, u)
				break
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func exposedSuffix(rest string) bool {
	switch rest {
	case "", "_total", "_bucket", "_count", "_sum", "_seconds", "_seconds_bucket", "_seconds_count", "_seconds_sum", "_milliseconds_bucket",
		"_milliseconds_count", "_milliseconds_sum", "_bytes", "_bytes_total", "_ratio", "_created":
		return true
	}
	return false
}
