package monitors

import (
	"strings"
	"testing"
)

// FuzzScan: what is told of a file stands on a line that it has.
func FuzzScan(f *testing.F) {
	for i, text := range []string{
		"groups:\n- name: a\n  rules:\n  - {record: a:b, expr: sum(x)}\n  - {alert: A, expr: a:b > 5, for: 5m}\n",
		"route: {receiver: a}\nreceivers:\n- name: a\n  slack_configs: [{api_url: x}]\n",
		`{"title":"Orders","panels":[{"title":"p","targets":[{"expr":"rate(x[5m])"}],"panels":[{}]}],"schemaVersion":39}`,
		`{"title":"Orders","widgets":[{"definition":{"requests":[{"q":"avg:a.b{*}"}]}}],"layout_type":"ordered"}`,
		"groups: [{rules: [3, {alert: [x]}]}]", "[", "{\"panels\": {}}",
	} {
		f.Add(uint8(i), text)
	}
	names := []string{"rules.yml", "alertmanager.yaml", "dashboard.json"}
	f.Fuzz(func(t *testing.T, name uint8, text string) {
		file := names[int(name)%len(names)]
		got, diags := scanOne(t, file, text)
		lines := strings.Count(text, "\n") + 1
		for _, a := range got.Rules {
			if a.File != file || a.Line < 1 || a.Line > lines {
				t.Errorf("rule %+v of a file with %d lines", a, lines)
			}
		}
		for _, d := range diags {
			if d.File != file || d.Line > lines+1 {
				t.Errorf("diagnostic %+v of a file with %d lines", d, lines)
			}
		}
	})
}
