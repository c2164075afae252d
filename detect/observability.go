package detect

import (
	"cmp"
	"slices"
	"strings"

	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/gosrc"
)

// Observability is what the program shows of itself, and who looks at it.
type Observability struct {
	Metrics     []Metric      `json:"metrics"`
	Spans       []Span        `json:"spans"`
	Logging     []Logging     `json:"logging"`
	ErrorLogs   []ErrorLog    `json:"error_logs"`
	Correlation []Correlation `json:"correlation"`
	Tools       []Tool        `json:"tools"`
	Alerts      []Alert       `json:"alerts"`
	Receivers   []Receiver    `json:"receivers"`
	Dashboards  []Dashboard   `json:"dashboards"`
}

// Metric is a metric that code defines.
type Metric struct {
	scanners.Position
	// Name is that under which it is exposed, of computed names the fixed part.
	Name    string   `json:"name"`
	Type    string   `json:"type"` // counter, gauge, histogram, summary, untyped
	Labels  []string `json:"labels"`
	Help    string   `json:"help"`
	Library string   `json:"library"` // prometheus, opentelemetry, datadog, or the repository's own package
	// Integrations are those whose calls stand where it is recorded.
	Integrations []string `json:"integrations"`
}

// Span is a span that code opens.
type Span struct {
	scanners.Position
	Name         string   `json:"name"` // "" where only the running program knows it
	Function     string   `json:"function"`
	Integrations []string `json:"integrations"` // called in its function
}

// Logging is a logging library with the number of places that log through it.
type Logging struct {
	scanners.Position        // the first of them
	Library           string `json:"library"`    // of the repository's own the package
	Structured        bool   `json:"structured"` // known of libraries only
	Calls             int    `json:"calls"`
}

// ErrorLog is an error logged in a function that calls integrations.
type ErrorLog struct {
	scanners.Position
	Integration string `json:"integration"`
	Call        string `json:"call"`
	Function    string `json:"function"`
}

// Correlation is a place where trace or request IDs are taken from an inbound
// request, put on an outbound one, or dropped.
type Correlation struct {
	scanners.Position
	Kind        string `json:"kind"` // extract, inject, both, set up, dropped
	By          string `json:"by"`   // the library, or the header
	Integration string `json:"integration"`
	// Calls counts, for dropped, the calls on request paths that carry nothing on.
	Calls int `json:"calls"`
}

// Tool is a library in use for one purpose of operation.
type Tool struct {
	scanners.Position
	Topic   string `json:"topic"` // error_tracking, profiling
	Name    string `json:"name"`
	Package string `json:"package"`
}

// Alert is an alerting or recording rule in the repository.
type Alert struct {
	scanners.Position
	Tool     string `json:"tool"`
	Kind     string `json:"kind"` // alert, record
	Name     string `json:"name"`
	Group    string `json:"group"`
	Expr     string `json:"expr"`
	For      string `json:"for"`
	Severity string `json:"severity"`
	// Metrics are the names in its expression, Known those of them that the code
	// defines.
	Metrics []string `json:"metrics"`
	Known   []string `json:"known"`
}

// Receiver is where Alertmanager sends alerts to.
type Receiver struct {
	scanners.Position
	Name     string   `json:"name"`
	Channels []string `json:"channels"`
	Default  bool     `json:"default"`
}

// Dashboard is a Grafana dashboard in the repository.
type Dashboard struct {
	scanners.Position
	Title  string   `json:"title"`
	Panels int      `json:"panels"`
	Known  []string `json:"known"` // metrics of the code that it shows
}

func (g *planFacts) observability(named []namedThing) Observability {
	o := Observability{Metrics: []Metric{}, Spans: []Span{}, Tools: g.tools("error_tracking", "profiling")}
	for i := range named {
		n := &named[i]
		switch {
		case metricKinds[n.kind]:
			if m, ok := g.metric(n); ok {
				o.Metrics = append(o.Metrics, m)
			}
		case n.kind == "span":
			o.Spans = append(o.Spans, Span{Position: n.at, Name: n.name, Function: n.fn.Name, Integrations: g.calledIn(n.fn)})
		}
	}
	g.eachFunc(func(f *gosrc.Func) {
		for _, c := range f.Calls {
			if m, ok := g.ownMetric(c); ok {
				o.Metrics = append(o.Metrics, m)
			}
		}
	})
	o.Metrics = mergeMetrics(o.Metrics)
	o.Logging, o.ErrorLogs = g.logging()
	o.Correlation = g.correlation()
	g.supervision(&o)
	return o
}

// calledIn are the integrations called in a function.
func (g *planFacts) calledIn(f *gosrc.Func) []string {
	out := []string{}
	for _, s := range g.sitesAround(f) {
		if !slices.Contains(out, s.id) {
			out = append(out, s.id)
		}
	}
	slices.Sort(out)
	return out
}

// tools lists the libraries of some topics that production code uses, once for each
// package.
func (g *planFacts) tools(topics ...string) []Tool {
	out := []Tool{}
	for _, pkg := range g.p.pkgs {
		if g.p.scope[pkg] != ScopeRuntime {
			continue
		}
		for _, imp := range pkg.Imports {
			if imp.Test {
				continue
			}
			for _, p := range g.know.Of(imp.Path) {
				if !slices.Contains(topics, p.Topic) {
					continue
				}
				at := imp.At
				if len(p.Uses) > 0 {
					used := firstUse(pkg, imp.Path, p.Uses)
					if used == nil {
						continue
					}
					at = *used
				}
				out = append(out, Tool{Position: at, Topic: p.Topic, Name: p.Name, Package: pkg.Path})
			}
		}
	}
	slices.SortFunc(out, func(a, b Tool) int {
		return cmp.Or(cmp.Compare(a.Topic, b.Topic), cmp.Compare(a.Name, b.Name), a.Position.Compare(b.Position))
	})
	return slices.CompactFunc(out, func(a, b Tool) bool { return a.Name == b.Name && a.Package == b.Package && a.Topic == b.Topic })
}

// logging counts the calls by library, and finds the errors logged beside calls of
// integrations, one for each function.
func (g *planFacts) logging() ([]Logging, []ErrorLog) {
	by := map[string]*Logging{}
	logs := []ErrorLog{}
	g.eachFunc(func(f *gosrc.Func) {
		told := false
		for _, c := range f.Calls {
			k := g.known(c.Callee)
			for _, p := range k.of("logging") {
				countLog(by, p.Name, p.What == "structured", c.At)
			}
			if len(k.of("logging")) == 0 && g.ownLogger(c) && logsLevel(c.Callee) {
				countLog(by, packageOf(c.Callee), false, c.At)
			}
			if told || !logsError(c.Callee) || len(k.of("logging")) == 0 && !g.ownLogger(c) {
				continue
			}
			for _, id := range g.calledIn(f) {
				told = true
				logs = append(logs, ErrorLog{Position: c.At, Integration: id, Call: shortSymbol(c.Callee), Function: f.Name})
			}
		}
	})
	out := []Logging{}
	for _, name := range sortedKeys(by) {
		out = append(out, *by[name])
	}
	slices.SortStableFunc(out, func(a, b Logging) int { return cmp.Compare(b.Calls, a.Calls) })
	slices.SortFunc(logs, func(a, b ErrorLog) int {
		return cmp.Or(a.Position.Compare(b.Position), cmp.Compare(a.Integration, b.Integration))
	})
	return out, logs
}

func countLog(by map[string]*Logging, library string, structured bool, at scanners.Position) {
	l := by[library]
	if l == nil {
		l = &Logging{Position: at, Library: library, Structured: structured}
		by[library] = l
	}
	l.Calls++
	if at.Compare(l.Position) < 0 {
		l.Position = at
	}
}

// logsLevel: methods named for a level of logging.
func logsLevel(callee string) bool {
	name := callee[strings.LastIndexByte(callee, '.')+1:]
	for _, w := range []string{"Info", "Debug", "Trace"} {
		if strings.HasPrefix(name, w) && len(name) < len(w)+8 {
			return true
		}
	}
	return logsError(callee)
}

// ownLogger: a logger of the repository's own, by the name of its type or package.
func (g *planFacts) ownLogger(c *gosrc.Call) bool {
	owner := shortSymbol(c.Callee)
	owner = strings.ToLower(owner[:max(0, strings.LastIndexByte(owner, '.'))])
	return g.p.declared(c.Callee) && (strings.HasSuffix(owner, "log") || strings.HasSuffix(owner, "logger") || strings.HasSuffix(owner, "logging"))
}

func logsError(callee string) bool {
	name := callee[strings.LastIndexByte(callee, '.')+1:]
	for _, w := range []string{"Err", "Error", "Warn", "Fatal", "AuditErr"} {
		if name == w || strings.HasPrefix(name, w+"f") || strings.HasPrefix(name, w+"w") || strings.HasPrefix(name, w+"ln") ||
			strings.HasPrefix(name, w+"Context") || strings.HasPrefix(name, w+"ing") || strings.HasPrefix(name, w+"Attrs") || name == "LogError" {
			return true
		}
	}
	return false
}
