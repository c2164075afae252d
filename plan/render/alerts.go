package render

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/plan"
	"github.com/intscan/intscan/plan/sections"
)

// alertFile is a Prometheus rule file.
type alertFile struct {
	Groups []alertGroup `yaml:"groups"`
}

type alertGroup struct {
	Name  string      `yaml:"name"`
	Rules []alertRule `yaml:"rules"`
}

type alertRule struct {
	Alert       string            `yaml:"alert"`
	Expr        string            `yaml:"expr"`
	For         string            `yaml:"for"`
	Labels      map[string]string `yaml:"labels"`
	Annotations map[string]string `yaml:"annotations"`
}

// Alerts writes Prometheus alerting rules for the metrics that the code exposes and
// that tell of an integration: its response time against the bound in force, and its
// errors. Metrics whose name or labels the code computes are left out.
func Alerts(w io.Writer, r *plan.Report) error {
	f := alertFile{Groups: []alertGroup{}}
	for _, s := range r.Plan.Observability.Integrations {
		g := alertGroup{Name: "intscan-" + s.Integration}
		for _, m := range r.Observability.Metrics {
			if rule, ok := alertFor(m, s); ok {
				g.Rules = append(g.Rules, rule)
			}
		}
		if len(g.Rules) > 0 {
			f.Groups = append(f.Groups, g)
		}
	}
	var b bytes.Buffer
	b.WriteString("# Alerting rules for metrics that this repository exposes, written by intscan plan --alerts.\n")
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := errors.Join(enc.Encode(f), enc.Close()); err != nil {
		return err
	}
	_, err := w.Write(b.Bytes())
	return err
}

// metricName is what Prometheus takes for one.
var metricName = regexp.MustCompile(`^[a-zA-Z_:][a-zA-Z0-9_:]*$`)

// timing are words by which a histogram is one of durations.
var timing = regexp.MustCompile(`latenc|duration|seconds|_time|response|elapsed|millis|micros`)

// alertFor makes the rule of one metric for one integration that it is recorded for.
func alertFor(m detect.Metric, s sections.Signals) (alertRule, bool) {
	if !metricName.MatchString(m.Name) || !slices.Contains(m.Integrations, s.Integration) {
		return alertRule{}, false
	}
	rule := alertRule{
		For: "10m", Labels: map[string]string{"severity": "warning"},
		Annotations: map[string]string{"metric": fmt.Sprintf("%s:%d", m.File, m.Line)},
	}
	failures := strings.Contains(m.Name, "err") || strings.Contains(m.Name, "fail")
	switch {
	case m.Type == "histogram" && s.Bound != "" && timing.MatchString(m.Name):
		bound, err := time.ParseDuration(s.Bound)
		if err != nil {
			return alertRule{}, false
		}
		rule.Alert = alertName(m.Name, "Slow")
		rule.Expr = fmt.Sprintf("histogram_quantile(0.99, sum by (le) (rate(%s_bucket[5m]))) > %g", m.Name, inUnit(m.Name, bound/2))
		rule.Annotations["summary"] = fmt.Sprintf("%s answers slower than half of its bound of %s (%s)", s.Name, s.Bound, s.BoundAt)
	case m.Type == "counter" && failures:
		rule.Alert = alertName(m.Name, "Rising")
		rule.Expr = fmt.Sprintf("sum(rate(%s[5m])) > 0", m.Name)
		rule.Annotations["summary"] = "calls to " + s.Name + " fail"
	default:
		return alertRule{}, false
	}
	return rule, true
}

// inUnit is a duration in the unit that the metric's name gives; seconds where it
// gives none, as Prometheus has it.
func inUnit(name string, d time.Duration) float64 {
	switch {
	case strings.Contains(name, "millisecond") || strings.HasSuffix(name, "_ms"):
		return float64(d) / float64(time.Millisecond)
	case strings.Contains(name, "microsecond") || strings.HasSuffix(name, "_us"):
		return float64(d) / float64(time.Microsecond)
	case strings.Contains(name, "nanosecond") || strings.HasSuffix(name, "_ns"):
		return float64(d)
	}
	return d.Seconds()
}

// alertName writes a metric's name as alerts are named: HttpClientSecondsSlow.
func alertName(metric, suffix string) string {
	var b strings.Builder
	for part := range strings.FieldsFuncSeq(metric, func(r rune) bool { return r == '_' || r == ':' }) {
		b.WriteString(strings.ToUpper(part[:1]) + part[1:])
	}
	return b.String() + suffix
}
