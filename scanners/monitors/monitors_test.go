package monitors

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/intscan/intscan/fixtures"
	"github.com/intscan/intscan/scanners"
)

func scanOne(t *testing.T, name, text string) (Result, []scanners.Diagnostic) {
	t.Helper()
	return Scan(context.Background(), fixtures.Tree(t, map[string]string{name: text}))
}

func TestRules(t *testing.T) {
	r, diags := scanOne(t, "rules.yml", `groups:
- name: orders
  rules:
  - record: job:errors:rate5m
    expr: sum by (job) (rate(errors_total[5m]))
  - alert: ManyErrors
    expr: |
      job:errors:rate5m{job="orders"}
        > 5
    for: 5m
    labels: {severity: page}
    annotations: {summary: "{{ $labels.job }}"}
`)
	want := []Rule{
		{Position: scanners.Position{File: "rules.yml", Line: 4, Column: 5}, Tool: "prometheus", Kind: "record", Name: "job:errors:rate5m", Group: "orders",
			Expr: "sum by (job) (rate(errors_total[5m]))", Metrics: []string{"errors_total"}},
		{Position: scanners.Position{File: "rules.yml", Line: 6, Column: 5}, Tool: "prometheus", Kind: "alert", Name: "ManyErrors", Group: "orders",
			Expr: `job:errors:rate5m{job="orders"} > 5`, For: "5m", Severity: "page", Metrics: []string{"job:errors:rate5m"}},
	}
	if diff := cmp.Diff(want, r.Rules); diff != "" {
		t.Errorf("rules (-want +got):\n%s", diff)
	}
	if len(diags) > 0 {
		t.Errorf("diagnostics %v", diags)
	}
}

// TestOperatorRules: the operator's resource wraps the same groups.
func TestOperatorRules(t *testing.T) {
	r, _ := scanOne(t, "rule.yaml", "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nspec:\n  groups:\n  - name: g\n    rules:\n    - alert: A\n      expr: up == 0\n")
	if len(r.Rules) != 1 || r.Rules[0].Name != "A" {
		t.Errorf("rules %+v, want the alert A", r.Rules)
	}
}

func TestReceivers(t *testing.T) {
	r, _ := scanOne(t, "alertmanager.yml", "route:\n  receiver: ops\nreceivers:\n- name: ops\n  pagerduty_configs: [{service_key: k}]\n  email_configs: []\n- name: other\n")
	want := []Receiver{
		{Position: scanners.Position{File: "alertmanager.yml", Line: 4, Column: 3}, Name: "ops", Channels: []string{"email", "pagerduty"}, Default: true},
		{Position: scanners.Position{File: "alertmanager.yml", Line: 7, Column: 3}, Name: "other", Channels: []string{}},
	}
	if diff := cmp.Diff(want, r.Receivers); diff != "" {
		t.Errorf("receivers (-want +got):\n%s", diff)
	}
}

func TestDashboardAndMonitor(t *testing.T) {
	r, _ := scanOne(t, "board.json", `{"schemaVersion": 39, "title": "Orders", "panels": [{"targets": [{"expr": "rate(orders_total[1m])"}]}, {"panels": [{"targets": [{"expr": "up"}]}]}]}`)
	if len(r.Dashboards) != 1 || r.Dashboards[0].Title != "Orders" || r.Dashboards[0].Panels != 3 || !cmp.Equal(r.Dashboards[0].Metrics, []string{"orders_total"}) {
		t.Errorf("dashboards %+v, want Orders with three panels and orders_total", r.Dashboards)
	}
	r, _ = scanOne(t, "old.json", `{"schemaVersion": 14, "title": "Old", "rows": [{"panels": [{"targets": [{"expr": "up_total"}]}]}]}`)
	if len(r.Dashboards) != 1 || r.Dashboards[0].Panels != 1 {
		t.Errorf("dashboards %+v, want Old with the panel of its row", r.Dashboards)
	}
	r, _ = scanOne(t, "monitor.json", `{"name": "Slow", "type": "metric alert", "query": "avg(last_5m):avg:orders.latency{env:prod} > 2"}`)
	if len(r.Rules) != 1 || r.Rules[0].Tool != "datadog" || !cmp.Equal(r.Rules[0].Metrics, []string{"orders.latency"}) {
		t.Errorf("rules %+v, want the monitor on orders.latency", r.Rules)
	}
}

func TestBadMonitoring(t *testing.T) {
	for name, text := range map[string]string{
		"rules.yml":  "groups:\n- name: g\n  rules:\n  - alert: A\n   expr: [\n",
		"board.json": `{"panels": [, "schemaVersion": 1`,
	} {
		r, diags := scanOne(t, name, text)
		if len(diags) != 1 || diags[0].File != name || len(r.Rules)+len(r.Dashboards) > 0 {
			t.Errorf("%s: diagnostics %v and %+v, want one diagnostic and nothing else", name, diags, r)
		}
	}
}

func TestMetricsIn(t *testing.T) {
	for expr, want := range map[string][]string{
		`histogram_quantile(0.99, sum(rate(http_seconds_bucket{code=~"5.."}[5m])) by (le, job))`: {"http_seconds_bucket"},
		`a_total / on (job) group_left (team) b_total offset 5m unless absent(c_total)`:          {"a_total", "b_total", "c_total"},
		`job:errors:rate5m > bool 0`: {"job:errors:rate5m"},
	} {
		if diff := cmp.Diff(want, metricsIn(expr)); diff != "" {
			t.Errorf("metrics in %s (-want +got):\n%s", expr, diff)
		}
	}
}
