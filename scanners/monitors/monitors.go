// Package monitors reads what a repository says of its own supervision: Prometheus
// rules, Alertmanager routing, Grafana dashboards and Datadog monitors.
//
// Which of the metrics that they name the code exposes is for package detect to
// say.
package monitors

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"path"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/yamlnode"
)

// Name is the scanner's name in diagnostics.
const Name = "monitors"

const (
	maxSize  = 4 << 20
	maxRules = 2000 // of one file
)

// Rule is one alerting or recording rule, or one monitor.
type Rule struct {
	scanners.Position
	Tool     string // prometheus, datadog
	Kind     string // alert, record
	Name     string
	Group    string
	Expr     string // redacted, one line
	For      string
	Severity string
	Metrics  []string // names in the expression
}

// Receiver is where Alertmanager sends alerts to.
type Receiver struct {
	scanners.Position
	Name string
	// Channels are the kinds of its configurations: slack, pagerduty, email.
	Channels []string
	Default  bool // the root route's
}

// Dashboard is a Grafana dashboard.
type Dashboard struct {
	scanners.Position
	Title   string
	Panels  int
	Metrics []string
}

// Result is what the files of a tree say.
type Result struct {
	Rules      []Rule
	Receivers  []Receiver
	Dashboards []Dashboard
}

// Scan reads the files that look like one of these, in order of their paths.
func Scan(ctx context.Context, tree *scanners.Tree) (Result, []scanners.Diagnostic) {
	s := scan{}
	for _, f := range tree.Files() {
		ext := strings.ToLower(path.Ext(f.Path))
		if f.Size > maxSize || ext != ".yaml" && ext != ".yml" && ext != ".json" && ext != ".rules" {
			continue
		}
		if ctx.Err() != nil {
			s.warn(f.Path, 0, "the scan was cut short before this file")
			break
		}
		b, err := tree.ReadFile(f.Path)
		if err != nil {
			continue // the scanners of these formats tell of it
		}
		switch {
		case ext != ".json":
			s.yamlFile(f.Path, b)
		case bytes.Contains(b, []byte(`"panels"`)) && bytes.Contains(b, []byte(`"schemaVersion"`)):
			s.dashboard(f.Path, b)
		case bytes.Contains(b, []byte(` alert"`)) && bytes.Contains(b, []byte(`"query"`)):
			s.datadog(f.Path, b)
		}
	}
	return s.Result, s.diags
}

type scan struct {
	Result
	diags []scanners.Diagnostic
}

func (s *scan) warn(file string, line int, message string) {
	s.diags = append(s.diags, scanners.Diagnostic{
		Severity: scanners.SeverityWarning, Scanner: Name,
		Position: scanners.Position{File: file, Line: line}, Message: message,
	})
}

var (
	ruleLine  = regexp.MustCompile(`(?m)^\s*(-\s+)?(alert|record):`)
	groupLine = regexp.MustCompile(`(?m)^\s*groups:`)
	routeLine = regexp.MustCompile(`(?m)^route:`)
	recvLine  = regexp.MustCompile(`(?m)^receivers:`)
)

func (s *scan) yamlFile(name string, b []byte) {
	rules := bytes.Contains(b, []byte("groups:")) && ruleLine.Match(b) && groupLine.Match(b)
	routes := bytes.Contains(b, []byte("receivers:")) && routeLine.Match(b) && recvLine.Match(b)
	if !rules && !routes {
		return
	}
	docs, err := yamlnode.Parse(b)
	if err != nil {
		line := 0
		var fault *yamlnode.Error
		if errors.As(err, &fault) {
			line = fault.Line
		}
		if bytes.Contains(b, []byte("{{-")) {
			s.warn(name, line, "file is a template of monitoring rules and was not read")
		} else {
			s.warn(name, line, "monitoring rules were not read: "+scanners.Redact(err.Error()))
		}
	}
	for _, doc := range docs {
		if yamlnode.String(doc, "kind") == "PrometheusRule" {
			doc = yamlnode.Get(doc, "spec")
		}
		s.groups(name, doc)
		if routes {
			s.receivers(name, doc)
		}
	}
}

func (s *scan) groups(name string, doc *yaml.Node) {
	n := 0
	for group := range yamlnode.Items(yamlnode.Get(doc, "groups")) {
		for r := range yamlnode.Items(yamlnode.Get(group, "rules")) {
			rule := Rule{
				Position: at(name, r), Tool: "prometheus", Kind: "alert", Group: oneLine(yamlnode.String(group, "name")),
				Name: oneLine(yamlnode.String(r, "alert")), Expr: oneLine(yamlnode.String(r, "expr")),
				For: oneLine(yamlnode.String(r, "for")), Severity: oneLine(yamlnode.String(r, "labels", "severity")),
			}
			if rule.Name == "" {
				rule.Kind, rule.Name = "record", oneLine(yamlnode.String(r, "record"))
			}
			if rule.Name == "" {
				continue
			}
			if n++; n > maxRules {
				s.warn(name, r.Line, "rules from here on were left out: the file has over 2000")
				return
			}
			rule.Metrics = metricsIn(yamlnode.String(r, "expr"))
			s.Rules = append(s.Rules, rule)
		}
	}
}

func (s *scan) receivers(name string, doc *yaml.Node) {
	root := yamlnode.String(doc, "route", "receiver")
	for r := range yamlnode.Items(yamlnode.Get(doc, "receivers")) {
		recv := Receiver{Position: at(name, r), Name: oneLine(yamlnode.String(r, "name")), Channels: []string{}}
		for k := range yamlnode.Fields(r) {
			if kind, ok := strings.CutSuffix(k.Value, "_configs"); ok {
				recv.Channels = append(recv.Channels, oneLine(kind))
			}
		}
		slices.Sort(recv.Channels)
		recv.Default = recv.Name == root
		s.Receivers = append(s.Receivers, recv)
	}
}

func at(name string, n *yaml.Node) scanners.Position {
	return scanners.Position{File: name, Line: n.Line, Column: n.Column}
}

// oneLine is a value as output may show it.
func oneLine(s string) string { return scanners.Redact(strings.Join(strings.Fields(s), " ")) }

type panel struct {
	Targets []struct {
		Expr string `json:"expr"`
	} `json:"targets"`
	Panels []panel `json:"panels"`
}

func (s *scan) dashboard(name string, b []byte) {
	var d struct {
		Title  string  `json:"title"`
		Panels []panel `json:"panels"`
		Rows   []panel `json:"rows"` // of dashboards older than Grafana 5
	}
	if err := json.Unmarshal(b, &d); err != nil {
		s.warn(name, 0, "dashboard was not read: it is no valid JSON of a dashboard")
		return
	}
	out := Dashboard{Position: scanners.Position{File: name, Line: 1}, Title: oneLine(d.Title)}
	var visit func(ps []panel, depth int)
	visit = func(ps []panel, depth int) {
		for _, p := range ps {
			out.Panels++
			for _, t := range p.Targets {
				out.Metrics = append(out.Metrics, metricsIn(t.Expr)...)
			}
			if depth < 3 {
				visit(p.Panels, depth+1)
			}
		}
	}
	visit(d.Panels, 0)
	for _, row := range d.Rows {
		visit(row.Panels, 0)
	}
	slices.Sort(out.Metrics)
	out.Metrics = slices.Compact(out.Metrics)
	s.Dashboards = append(s.Dashboards, out)
}

func (s *scan) datadog(name string, b []byte) {
	var m struct {
		Name  string `json:"name"`
		Type  string `json:"type"`
		Query string `json:"query"`
	}
	if json.Unmarshal(b, &m) != nil || m.Query == "" || !strings.HasSuffix(m.Type, " alert") {
		return // another file with these words
	}
	s.Rules = append(s.Rules, Rule{
		Position: scanners.Position{File: name, Line: 1}, Tool: "datadog", Kind: "alert",
		Name: oneLine(m.Name), Expr: oneLine(m.Query), Metrics: datadogMetric.FindAllString(m.Query, 5),
	})
}

var (
	datadogMetric = regexp.MustCompile(`[a-z]\w*(?:\.\w+)+`)
	quotedText    = regexp.MustCompile(`"[^"]*"|'[^']*'|\{[^}]*\}|\[[^\]]*\]`)
	labelList     = regexp.MustCompile(`\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)`)
	promName      = regexp.MustCompile(`[a-zA-Z_:][\w:]*\s*\(?`)
)

// metricsIn are the names of metrics in a PromQL expression: what is no function,
// keyword, label or literal.
func metricsIn(expr string) []string {
	expr = labelList.ReplaceAllString(quotedText.ReplaceAllString(expr, " "), " ")
	var out []string
	for _, m := range promName.FindAllString(expr, 200) {
		name := strings.TrimSpace(m)
		if strings.HasSuffix(name, "(") || promWords[strings.ToLower(name)] || !strings.ContainsAny(name, "_:") && len(name) < 3 {
			continue
		}
		out = append(out, name)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

var promWords = map[string]bool{
	"and": true, "or": true, "unless": true, "bool": true, "offset": true, "by": true, "without": true, "on": true, "ignoring": true,
	"inf": true, "nan": true, "sum": true, "avg": true, "min": true, "max": true, "count": true, "group_left": true, "group_right": true,
	"topk": true, "bottomk": true, "quantile": true, "stddev": true, "atan2": true,
}
