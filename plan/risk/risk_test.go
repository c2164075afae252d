package risk_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/plan/risk"
)

// result has one integration of a kind, which the given number of the entry points
// that serve requests reach, and one call of it.
func result(kind string, reached, all int, call detect.CallSite) *detect.Result {
	r := &detect.Result{
		Repository:   detect.Repository{Binaries: []detect.Binary{{Name: "api", Scope: detect.ScopeRuntime}, {Name: "worker", Scope: detect.ScopeRuntime}}},
		Integrations: []detect.Integration{{ID: "x", System: "x", Kind: kind, Direction: catalog.Outbound, Scope: detect.ScopeRuntime, Binaries: []string{"api"}}},
	}
	for i := range all {
		e := detect.EntryPoint{Kind: detect.EntryHTTP, Name: fmt.Sprint(i)}
		if i < reached {
			e.Reaches = []detect.Reach{{Integration: "x"}}
		}
		r.EntryPoints = append(r.EntryPoints, e)
	}
	call.Integration, call.Scope = "x", detect.ScopeRuntime
	r.CallSites = []detect.CallSite{call}
	return r
}

func TestAssess(t *testing.T) {
	absent, present := detect.Verdict{Verdict: detect.Absent}, detect.Verdict{Verdict: detect.Present}
	bare := detect.CallSite{Timeout: absent, Retry: absent, Monitoring: absent, Phase: detect.PhaseRequest}
	safe := detect.CallSite{Timeout: present, Retry: present, Monitoring: present, Breaker: present, Phase: detect.PhaseRequest}
	job := detect.CallSite{Timeout: absent, Retry: present, Monitoring: present, Phase: detect.PhaseJob}
	for _, tc := range []struct {
		name              string
		r                 *detect.Result
		criticality, risk risk.Level
		why, riskWhy      string
	}{
		{"half of the requests wait, nothing protects", result("http", 5, 10, bare), risk.Critical, risk.High,
			"5 of 10 entry points wait for it; 1 of 2 binaries reach it",
			"1 of 1 calls have no timeout; 1 of 1 calls have no retry; 1 of 1 calls have no monitoring; nothing breaks off or falls back when it fails"},
		{"half of the requests wait, all protected", result("http", 5, 10, safe), risk.Critical, risk.Low,
			"5 of 10 entry points wait for it; 1 of 2 binaries reach it", "nothing is missing that intscan looks for"},
		{"a database that one of many waits for", result("database", 1, 50, bare), risk.High, risk.High,
			"1 of 50 entry points wait for it; 1 of 2 binaries reach it; kind database",
			"1 of 1 calls have no timeout; 1 of 1 calls have no retry; 1 of 1 calls have no monitoring; nothing breaks off or falls back when it fails"},
		{"an API that one of many waits for", result("http", 1, 50, safe), risk.Medium, risk.Low,
			"1 of 50 entry points wait for it; 1 of 2 binaries reach it", "nothing is missing that intscan looks for"},
		{"a job alone", result("http", 0, 10, job), risk.Medium, risk.Medium,
			"no request waits for it; 1 of 2 binaries reach it", "1 of 1 calls have no timeout"},
		{"telemetry in the background", result("observability", 0, 10, job), risk.Low, risk.Low,
			"no request waits for it; 1 of 2 binaries reach it", "1 of 1 calls have no timeout"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := risk.Assess(tc.r, nil)
			if len(got) != 1 {
				t.Fatalf("%d assessments, want 1", len(got))
			}
			want := []string{string(tc.criticality), string(tc.risk), tc.why, tc.riskWhy}
			if diff := cmp.Diff(want, []string{string(got[0].Criticality), string(got[0].Risk), got[0].Why, got[0].RiskWhy}); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestAssessLeavesOutDevelopment: what only tooling talks to carries no risk.
func TestAssessLeavesOutDevelopment(t *testing.T) {
	r := result("http", 5, 10, detect.CallSite{})
	r.Integrations[0].Scope = detect.ScopeDevelopment
	if got := risk.Assess(r, nil); len(got) != 0 {
		t.Errorf("got %+v", got)
	}
}

func TestGivenCriticality(t *testing.T) {
	absent := detect.Verdict{Verdict: detect.Absent}
	r := result("http", 0, 10, detect.CallSite{Timeout: absent, Retry: absent, Monitoring: absent, Phase: detect.PhaseJob})
	if got := risk.Assess(r, nil)[0]; got.Criticality != risk.Medium || got.Risk != risk.Medium {
		t.Fatalf("by the code it is %s with risk %s", got.Criticality, got.Risk)
	}
	got := risk.Assess(r, map[string]risk.Given{"x": {Criticality: risk.Critical, Why: "set in .intscan.yaml:3"}})[0]
	if got.Criticality != risk.Critical || got.Why != "set in .intscan.yaml:3" || got.Risk != risk.High {
		t.Errorf("got %s (%s) with risk %s, want critical (set in .intscan.yaml:3) with risk high", got.Criticality, got.Why, got.Risk)
	}
}
