package rules_test

import (
	"fmt"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/plan/rules"
	"github.com/intscan/intscan/scanners"
)

func TestPolicies(t *testing.T) {
	at := func(line int) scanners.Position { return scanners.Position{File: "pay/pay.go", Line: line} }
	bound := func(state detect.State, value string, line int) detect.CallSite {
		s := detect.CallSite{Integration: "stripe", System: "stripe", Position: at(line), Call: "net/http.Client.Do", Function: "pay.Charge", Scope: detect.ScopeRuntime, Phase: detect.PhaseRequest}
		s.Timeout = detect.Verdict{Verdict: state, Value: value, Reason: "the library's default"}
		if state == detect.Present {
			s.Timeout.Position = at(3)
		}
		return s
	}
	r := &detect.Result{
		Integrations: []detect.Integration{{ID: "stripe", System: "stripe", Name: "Stripe", Kind: "payment"}},
		CallSites: []detect.CallSite{
			bound(detect.Present, "30s", 10), bound(detect.Present, "5s", 20), bound(detect.Absent, "", 30),
			bound(detect.Unknown, "", 40), bound(detect.Default, "1m0s", 50), bound(detect.Present, "as long as it takes", 60),
		},
	}
	dev := bound(detect.Absent, "", 70)
	dev.Scope = detect.ScopeDevelopment
	r.CallSites = append(r.CallSites, dev)
	policy := rules.Policy{Name: "ten", Severity: rules.High, Origin: ".intscan.yaml:2", Timeout: true, MaxTimeout: 10 * time.Second,
		For: func(in *detect.Integration, s *detect.CallSite) bool { return in.Kind == "payment" }}
	check := func(o rules.Options) []string {
		var out []string
		for _, f := range o.Check(r, nil) {
			if f.Rule == "policy-ten" {
				out = append(out, fmt.Sprintf("%s %d %s", f.Severity, f.Line, f.Message))
			}
		}
		return out
	}
	want := []string{
		"high 3 1 call to Stripe may take 30s (pay/pay.go:3); the policy ten (.intscan.yaml:2) allows 10s.",
		"high 30 1 call to Stripe has no timeout; the policy ten (.intscan.yaml:2) demands a timeout of at most 10s.",
		"high 50 1 call to Stripe may take 1m0s (the library's default); the policy ten (.intscan.yaml:2) allows 10s.",
	}
	if diff := gocmp.Diff(want, check(rules.Options{Policies: []rules.Policy{policy}})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	graded := rules.Options{Policies: []rules.Policy{policy}, Severities: map[string]rules.Graded{"policy-ten": {Severity: rules.Low, Why: "set"}}}
	if got := check(graded); len(got) != 3 || got[0][:3] != "low" {
		t.Errorf("a severity that is set does not hold: %q", got)
	}
	if got := check(rules.Options{Policies: []rules.Policy{policy}, Off: []string{"policy-ten"}}); len(got) > 0 {
		t.Errorf("a rule that is off runs: %q", got)
	}
	policy.For = func(in *detect.Integration, s *detect.CallSite) bool { return in.Kind == "database" }
	if got := check(rules.Options{Policies: []rules.Policy{policy}}); len(got) > 0 {
		t.Errorf("calls that the policy is not for: %q", got)
	}
}
