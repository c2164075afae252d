package gate_test

import (
	"testing"

	"github.com/intscan/intscan/plan/gate"
	"github.com/intscan/intscan/plan/rules"
)

func TestLimits(t *testing.T) {
	all := func() []rules.Finding {
		payment := finding("2", "p.B", rules.Low)
		payment.Integration, payment.Rule = "stripe", "retry-missing"
		return []rules.Finding{finding("1", "p.A", rules.High), payment}
	}
	kindOf := func(id string) string { return map[string]string{"stripe": "payment", "http:a.example": "http"}[id] }
	for _, tc := range []struct {
		name    string
		limits  gate.Limits
		failing int
		line    string
	}{
		{"one for all", gate.Limits{FailOn: rules.High}, 1, "failed: 1 finding at or above high, of 2"},
		{"nothing", gate.Limits{}, 0, "passed: no severity fails this run, 2 findings"},
		{"a rule that never fails", gate.Limits{FailOn: rules.High, Rules: map[string]rules.Severity{"timeout-http-client": gate.None}}, 0,
			"passed: 2 findings, none at or above the severity set for its rule or kind"},
		{"a kind that fails early", gate.Limits{Kinds: map[string]rules.Severity{"payment": rules.Low}}, 1,
			"failed: 1 finding at or above the severity set for its rule or kind, of 2"},
		{"the rule goes before the kind", gate.Limits{Kinds: map[string]rules.Severity{"payment": rules.Low}, Rules: map[string]rules.Severity{"retry-missing": rules.High}}, 0,
			"passed: 2 findings, none at or above the severity set for its rule or kind"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.limits.KindOf = kindOf
			o := tc.limits.Apply(all(), nil, nil)
			if o.Failing != tc.failing || o.String() != tc.line {
				t.Errorf("got %d failing, %q; want %d, %q", o.Failing, o, tc.failing, tc.line)
			}
		})
	}
}
