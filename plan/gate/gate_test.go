package gate_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/intscan/intscan/plan/gate"
	"github.com/intscan/intscan/plan/rules"
	"github.com/intscan/intscan/scanners"
)

func finding(fingerprint, anchor string, severity rules.Severity) rules.Finding {
	return rules.Finding{Rule: "timeout-http-client", Integration: "http:a.example", Anchor: anchor, Fingerprint: fingerprint, Severity: severity,
		Position: scanners.Position{File: "a.go", Line: 3}, Message: "m"}
}

func indices(m map[int]bool) []int {
	var out []int
	for i, ok := range m {
		if ok {
			out = append(out, i)
		}
	}
	slices.Sort(out)
	return out
}

func TestMatch(t *testing.T) {
	a := finding("1", "example.com/shop/rates.New", rules.High)
	b := finding("2", "example.com/shop/mail.Send", rules.Low)
	moved := finding("9", "example.com/shop/internal/rates.New", rules.High)
	other := finding("8", "example.com/shop/rates.Other", rules.High)
	other.Message = "another message"
	renamed := finding("7", "example.com/shop/rates.Renamed", rules.High)
	retyped := finding("6", "(*example.com/shop/rates.Source).New", rules.High)
	retyped.Message = "another message"
	elsewhere := renamed
	elsewhere.File = "b.go"
	ofFile, fileRenamed, otherFile := finding("5", "compose.yml", rules.Low), finding("4", "compose.yaml", rules.Low), finding("3", "deploy/all.yaml", rules.Low)
	for _, f := range []*rules.Finding{&ofFile, &fileRenamed, &otherFile} {
		f.File, f.Message = f.Anchor, "2 services of "+f.Anchor
	}
	whole := finding("w", rules.WholeModule+"example.com/shop", rules.High)
	otherRule := moved
	otherRule.Rule = "retry-missing"
	for _, tc := range []struct {
		name          string
		before, after []rules.Finding
		known         []int
		stale         []string
	}{
		{"nothing changed", []rules.Finding{a, b}, []rules.Finding{a, b}, []int{0, 1}, nil},
		{"one more", []rules.Finding{a}, []rules.Finding{a, b}, []int{0}, nil},
		{"one gone", []rules.Finding{a, b}, []rules.Finding{b}, []int{0}, []string{"1"}},
		{"its package moved", []rules.Finding{a}, []rules.Finding{moved}, []int{0}, nil},
		{"copied, not moved", []rules.Finding{a}, []rules.Finding{a, moved}, []int{0}, nil},
		{"another function", []rules.Finding{a}, []rules.Finding{other}, nil, []string{"1"}},
		{"its function renamed", []rules.Finding{a}, []rules.Finding{renamed}, []int{0}, nil},
		{"a new function beside it", []rules.Finding{a}, []rules.Finding{a, renamed}, []int{0}, nil},
		{"the same words in another file", []rules.Finding{a}, []rules.Finding{elsewhere}, nil, []string{"1"}},
		{"its type renamed", []rules.Finding{a}, []rules.Finding{retyped}, []int{0}, nil},
		{"its file renamed", []rules.Finding{ofFile}, []rules.Finding{fileRenamed}, []int{0}, nil},
		{"a file elsewhere", []rules.Finding{ofFile}, []rules.Finding{otherFile}, nil, []string{"5"}},
		{"some of a module mended", []rules.Finding{whole}, []rules.Finding{a, other}, []int{0, 1}, nil},
		{"a whole module's beside its like", []rules.Finding{whole}, []rules.Finding{whole, a}, []int{0}, nil},
		{"another rule", []rules.Finding{a}, []rules.Finding{otherRule}, nil, []string{"1"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m := gate.NewBaseline(tc.before, nil).Match(tc.after, nil)
			var gone []string
			for _, e := range m.Stale {
				gone = append(gone, e.Fingerprint)
			}
			if diff := cmp.Diff(tc.known, indices(m.Known)); diff != "" {
				t.Errorf("known (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tc.stale, gone); diff != "" {
				t.Errorf("stale (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPrune(t *testing.T) {
	a, b := finding("1", "p.A", rules.High), finding("2", "p.B", rules.High)
	base := gate.NewBaseline([]rules.Finding{a, b}, nil)
	m := base.Match([]rules.Finding{b}, nil)
	if diff := cmp.Diff(gate.NewBaseline([]rules.Finding{b}, nil).Findings, base.Prune(m).Findings); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestApply(t *testing.T) {
	suppressed := finding("3", "p.C", rules.Critical)
	suppressed.Suppressed = &rules.Suppression{Reason: "batch job, see runbook"}
	all := func() []rules.Finding {
		return []rules.Finding{finding("1", "p.A", rules.High), finding("2", "p.B", rules.Medium), suppressed}
	}
	gone := finding("7", "p.Gone", rules.High)
	gone.File = "gone.go"
	base := gate.NewBaseline([]rules.Finding{finding("1", "p.A", rules.High), gone}, nil)
	revision := gate.NewBaseline(all(), nil)
	revision.Revision = "HEAD~1"
	for _, tc := range []struct {
		name    string
		base    *gate.Baseline
		failOn  rules.Severity
		failing int
		line    string
	}{
		{"high", nil, rules.High, 1, "failed: 1 finding at or above high, of 2; beside them 1 suppressed"},
		{"low", nil, rules.Low, 2, "failed: 2 findings at or above low, of 2; beside them 1 suppressed"},
		{"critical: what is suppressed does not count", nil, rules.Critical, 0, "passed: 2 findings, none at or above critical; beside them 1 suppressed"},
		{"none", nil, gate.None, 0, "passed: no severity fails this run, 2 findings; beside them 1 suppressed"},
		{"a revision", revision, rules.High, 0, "passed: nothing new; 2 in HEAD~1, 1 suppressed"},
		{"baseline", base, rules.High, 0, "passed: 1 finding, none at or above high; beside them 1 in the baseline, 1 gone from it, 1 suppressed"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			o := gate.Limits{FailOn: tc.failOn}.Apply(all(), nil, tc.base)
			if o.Failing != tc.failing || o.String() != tc.line {
				t.Errorf("got %d failing, %q; want %d, %q", o.Failing, o, tc.failing, tc.line)
			}
		})
	}
}

func TestParseBaseline(t *testing.T) {
	data, err := json.Marshal(gate.NewBaseline([]rules.Finding{finding("1", "p.A", rules.High)}, nil))
	if err != nil {
		t.Fatal(err)
	}
	b, err := gate.ParseBaseline(data)
	if err != nil || len(b.Findings) != 1 {
		t.Fatalf("got %+v, %v", b, err)
	}
	report := `{"schema":"intscan.report/v1","findings":[{"rule":"r","severity":"high","fingerprint":"1","anchor":"p.A","file":"a.go","line":3}]}`
	if b, err = gate.ParseBaseline([]byte(report)); err != nil || b.Findings[0].Fingerprint != "1" {
		t.Errorf("a report is a baseline too: got %+v, %v", b, err)
	}
	for _, bad := range []string{"", "[]", "{}", `{"schema":"other/v9"}`} {
		if _, err := gate.ParseBaseline([]byte(bad)); err == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
}
