package sections

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/plan/document"
	"github.com/intscan/intscan/scanners"
)

// Observability is section 11: what operators see of each integration today, what
// they do not, and from when on to wake somebody.
type Observability struct {
	Integrations []Signals            `json:"integrations"`
	Metrics      []detect.Metric      `json:"metrics"`
	Logging      []detect.Logging     `json:"logging"`
	ErrorLogs    []detect.ErrorLog    `json:"error_logs"`
	Correlation  []detect.Correlation `json:"correlation"`
	Tools        []detect.Tool        `json:"tools"`
	Alerts       []detect.Alert       `json:"alerts"`
	Receivers    []detect.Receiver    `json:"receivers"`
	Dashboards   []detect.Dashboard   `json:"dashboards"`
}

// Signals is what is recorded of one integration, and the thresholds that follow
// from its bounds.
type Signals struct {
	Integration string `json:"integration"`
	Name        string `json:"name"`
	// ResponseTime, ErrorRate, Throughput and Availability each name the metric, span
	// or instrument that tells it; "" where nothing does.
	ResponseTime Signal `json:"response_time"`
	ErrorRate    Signal `json:"error_rate"`
	Throughput   Signal `json:"throughput"`
	Availability Signal `json:"availability"`
	// Recorded of Calls call sites are in a trace or metric.
	Recorded int `json:"recorded"`
	Calls    int `json:"calls"`
	// Bound is the shortest bound in force that is known in numbers, BoundAt its place.
	Bound   string `json:"bound,omitempty"`
	BoundAt string `json:"bound_at,omitempty"`
}

// Signal is one measure of an integration.
type Signal struct {
	Today     string            `json:"today"`
	At        scanners.Position `json:"at"`
	Threshold string            `json:"threshold,omitempty"`
}

func observability(f *Facts) Observability {
	ob := f.Observability
	o := Observability{Integrations: []Signals{}, Metrics: ob.Metrics, Logging: ob.Logging, ErrorLogs: ob.ErrorLogs, Correlation: ob.Correlation,
		Tools: ob.Tools, Alerts: ob.Alerts, Receivers: ob.Receivers, Dashboards: ob.Dashboards}
	for _, id := range f.siteOrder() {
		if in := f.integrations[id]; in.Direction != catalog.Inbound {
			o.Integrations = append(o.Integrations, f.signals(id))
		}
	}
	return o
}

func (f *Facts) signals(id string) Signals {
	s := Signals{Integration: id, Name: f.name(id), Calls: len(f.sites[id])}
	instrument := Signal{}
	for _, c := range f.sites[id] {
		if v := c.Monitoring; v.Verdict == detect.Present || v.Verdict == detect.Default {
			s.Recorded++
			if instrument.Today == "" {
				instrument = Signal{Today: cmp.Or(v.Value, v.Reason), At: v.Position}
			}
		}
	}
	// A span or an instrumented client tells time, errors and number alike.
	s.ResponseTime, s.ErrorRate, s.Throughput = instrument, instrument, instrument
	for _, m := range f.Observability.Metrics {
		if !slices.Contains(m.Integrations, id) {
			continue
		}
		signal := Signal{Today: m.Name, At: m.Position}
		switch {
		case m.Type == "histogram" || m.Type == "summary":
			s.ResponseTime = signal
			s.Throughput = signal
		case strings.Contains(m.Name, "err") || strings.Contains(m.Name, "fail"):
			s.ErrorRate = signal
		case m.Type == "counter":
			s.Throughput = signal
		}
	}
	for _, h := range f.HealthChecks {
		if slices.Contains(h.Reaches, id) {
			s.Availability = Signal{Today: h.Name, At: h.Position}
			break
		}
	}
	if bound, at := f.shortestBound(id); bound != "" {
		s.Bound, s.BoundAt = bound, at.Place()
		s.ResponseTime.Threshold = fmt.Sprintf("p99 above half of the bound of %s (%s)", bound, at.Place())
	}
	if a := f.risks[id]; a != nil && a.Requests > 0 {
		s.ErrorRate.Threshold = fmt.Sprintf("above %s of calls, as %s", errorBudget(a.Requests, a.AllRequests), waitShare(a.Requests, a.AllRequests))
	}
	return s
}

// errorBudget is tighter the more entry points wait: 1 % where at least half do, 5 %
// where fewer do.
func errorBudget(n, all int) string {
	if 2*n >= all {
		return "1 %"
	}
	return "5 %"
}

func waitShare(n, all int) string {
	return fmt.Sprintf("%d of %d entry points wait for it", n, all)
}

// shortestBound is the shortest bound on an operation that is known in numbers.
func (f *Facts) shortestBound(id string) (string, scanners.Position) {
	best, at := "", scanners.Position{}
	for _, s := range f.sites[id] {
		v := s.Timeout
		if v.Value == "" || v.Verdict != detect.Present && v.Verdict != detect.Default {
			continue
		}
		if d, ok := parseDuration(v.Value); ok {
			if old, had := parseDuration(best); !had || d < old {
				best, at = v.Value, v.Position
				if at.File == "" {
					at = s.Position
				}
			}
		}
	}
	return best, at
}

func (o Observability) section() document.Section {
	return document.Section{ID: "monitoring", Title: "Monitoring and observability", Sections: []document.Section{
		o.signalSection(), o.metricSection(), o.loggingSection(), o.correlationSection(), o.toolSection(), o.alertSection(),
	}}
}

func (o Observability) signalSection() document.Section {
	sec := document.Section{ID: "monitoring-signals", Title: "What each integration shows"}
	if len(o.Integrations) == 0 {
		sec.Blocks = nothing("There is no outbound call to watch.")
		return sec
	}
	t := document.Table{Head: []string{"Integration", "Calls recorded", "Response time", "Error rate", "Throughput", "Availability", "Alert on"}}
	for _, s := range o.Integrations {
		alert := strings.Join(slices.DeleteFunc([]string{prefix("response time: ", s.ResponseTime.Threshold), prefix("errors: ", s.ErrorRate.Threshold)}, func(x string) bool { return x == "" }), "; ")
		t.Rows = append(t.Rows, []document.Text{
			document.T(document.Ref(s.Name, Anchor(s.Integration))), document.T(fmt.Sprintf("%d of %d", s.Recorded, s.Calls)),
			s.ResponseTime.text(), s.ErrorRate.text(), s.Throughput.text(), s.Availability.text(), document.T(orNone(alert, "no bound and no waiting request to derive one from")),
		})
	}
	sec.Blocks = capped(t)
	return sec
}

func (s Signal) text() document.Text {
	if s.Today == "" {
		return document.T("missing")
	}
	return document.T(s.Today, " ", s.At)
}

func (o Observability) metricSection() document.Section {
	sec := document.Section{ID: "monitoring-metrics", Title: "Metrics that the code exposes"}
	t := document.Table{Head: []string{"Metric", "Type", "Labels", "Of", "At"}}
	for _, m := range o.Metrics {
		t.Rows = append(t.Rows, []document.Text{document.T(document.C(m.Name)), document.T(m.Type), document.T(strings.Join(m.Labels, ", ")), document.T(strings.Join(m.Integrations, ", ")), document.T(m.Position)})
	}
	return tabled(sec, t, "The code defines no metric.")
}

func (o Observability) loggingSection() document.Section {
	sec := document.Section{ID: "monitoring-logging", Title: "Logging at the integrations"}
	var items []document.Text
	for _, l := range o.Logging[:min(len(o.Logging), 10)] {
		kind := "plain"
		if l.Structured {
			kind = "structured"
		}
		items = append(items, document.T(document.C(l.Library), ", ", kind, ", ", scanners.CountAs(l.Calls, "call", "calls"), ", first ", l.Position))
	}
	byIntegration := map[string]int{}
	for _, e := range o.ErrorLogs {
		byIntegration[e.Integration]++
	}
	var names []string
	for _, s := range o.Integrations {
		if n := byIntegration[s.Integration]; n > 0 {
			names = append(names, fmt.Sprintf("%s (%s)", s.Name, scanners.CountAs(n, "place", "places")))
		}
	}
	if len(names) > 0 {
		items = append(items, document.T("failures are logged where these are called: ", strings.Join(firstNames(names, 12), ", ")))
	}
	if len(items) == 0 {
		sec.Blocks = nothing("No logging library is in use.")
		return sec
	}
	sec.Blocks = []document.Block{document.List{Items: items}}
	return sec
}

func (o Observability) correlationSection() document.Section {
	sec := document.Section{ID: "monitoring-correlation", Title: "Correlation IDs"}
	var items []document.Text
	for _, c := range o.Correlation[:min(len(o.Correlation), maxRows)] {
		line := document.T(strings.ReplaceAll(c.Kind, "_", " "), " by ", document.C(c.By), " ", c.Position)
		if c.Kind == "dropped" {
			line = document.T("dropped on ", scanners.CountAs(c.Calls, "call", "calls"), " to ", c.Integration, ", first ", c.Position)
		}
		items = append(items, line)
	}
	if len(items) == 0 {
		sec.Blocks = nothing("No trace or request ID is taken in or passed on.")
		return sec
	}
	sec.Blocks = []document.Block{document.List{Items: items}}
	return sec
}

func (o Observability) toolSection() document.Section {
	sec := document.Section{ID: "monitoring-tools", Title: "Error tracking and profiling"}
	var items []document.Text
	have := map[string]bool{}
	for _, t := range o.Tools {
		have[t.Topic] = true
		items = append(items, document.T(strings.ReplaceAll(t.Topic, "_", " "), ": ", t.Name, " ", t.Position))
	}
	for _, topic := range []string{"error_tracking", "profiling"} {
		if !have[topic] {
			items = append(items, document.T(strings.ReplaceAll(topic, "_", " "), ": none"))
		}
	}
	sec.Blocks = []document.Block{document.List{Items: items}}
	return sec
}

func (o Observability) alertSection() document.Section {
	sec := document.Section{ID: "monitoring-alerts", Title: "Alerts and dashboards"}
	t := document.Table{Head: []string{"Alert", "Tool", "For", "Metrics of this code", "At"}}
	for _, a := range o.Alerts {
		if a.Kind == "alert" {
			t.Rows = append(t.Rows, []document.Text{document.T(document.C(a.Name)), document.T(a.Tool), document.T(a.For), document.T(strings.Join(a.Known, ", ")), document.T(a.Position)})
		}
	}
	if len(t.Rows) > 0 {
		sec.Blocks = append(sec.Blocks, capped(t)...)
	}
	var items []document.Text
	for _, r := range o.Receivers {
		items = append(items, document.T("receiver ", document.C(r.Name), " by ", strings.Join(r.Channels, ", "), " ", r.Position))
	}
	for _, d := range o.Dashboards[:min(len(o.Dashboards), 15)] {
		items = append(items, document.T("dashboard ", d.Title, ", ", scanners.CountAs(d.Panels, "panel", "panels"), " ", d.Position))
	}
	if len(items) > 0 {
		sec.Blocks = append(sec.Blocks, document.List{Items: items})
	}
	if len(sec.Blocks) == 0 {
		sec.Blocks = nothing("The repository holds no alert rule and no dashboard. intscan plan --alerts FILE writes rules for the metrics that the code exposes.")
	}
	return sec
}
