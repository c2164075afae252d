package sections

import (
	"fmt"
	"slices"
	"strings"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/plan/document"
	"github.com/intscan/intscan/plan/risk"
	"github.com/intscan/intscan/scanners"
)

// RiskSection is section 9: the integrations that endanger the most.
type RiskSection struct {
	Risks []RiskRow `json:"risks"`
	// Strategies count what protects calls today, across the repository.
	Strategies []Strategy `json:"strategies"`
}

// RiskRow is one integration at risk.
type RiskRow struct {
	Integration string     `json:"integration"`
	Name        string     `json:"name"`
	Level       risk.Level `json:"level"`
	Risk        string     `json:"risk"`
	// EntryPoints and Binaries stop, or wait, when it fails.
	EntryPoints []string `json:"entry_points"`
	Binaries    []string `json:"binaries"`
	Mitigation  []string `json:"mitigation"`
	Contingency []string `json:"contingency"`
}

// Strategy is a kind of protection and how many calls of production code have it.
type Strategy struct {
	Name  string            `json:"name"`
	Calls int               `json:"calls"`
	Of    int               `json:"of"`
	At    scanners.Position `json:"at"` // the first place that gives it
}

// worstRisks is how many integrations are shown where none is at high risk.
const worstRisks = 5

func risks(f *Facts) RiskSection {
	s := RiskSection{Risks: []RiskRow{}, Strategies: f.strategies}
	all := risk.Worst(f.Risks)
	for i, a := range all {
		if a.Risk != risk.High && (i >= worstRisks || a.Risk == risk.Low) {
			continue
		}
		s.Risks = append(s.Risks, f.riskRow(&a))
	}
	return s
}

func (f *Facts) riskRow(a *risk.Assessment) RiskRow {
	row := RiskRow{Integration: a.Integration, Name: f.name(a.Integration), Level: a.Risk, Risk: a.RiskWhy, EntryPoints: []string{}, Binaries: []string{}, Mitigation: []string{}, Contingency: []string{}}
	for _, e := range f.EntryPoints {
		if e.Kind == detect.EntryAPI || e.Kind == detect.EntryStart {
			continue
		}
		if slices.ContainsFunc(e.Reaches, func(r detect.Reach) bool { return r.Integration == a.Integration && !r.Async }) {
			row.EntryPoints = append(row.EntryPoints, e.Name)
		}
	}
	if in := f.integrations[a.Integration]; in != nil {
		row.Binaries = append(row.Binaries, in.Binaries...)
	}
	for _, fd := range f.findings[a.Integration] {
		if fd.Suppressed == nil && len(row.Mitigation) < 5 && !slices.Contains(row.Mitigation, fd.Remediation) {
			row.Mitigation = append(row.Mitigation, fd.Remediation)
		}
	}
	for _, s := range f.sites[a.Integration] {
		if s.Fallback.Verdict == detect.Present {
			row.Contingency = append(row.Contingency, fmt.Sprintf("fallback at %s:%d", s.Fallback.File, s.Fallback.Line))
			break
		}
	}
	for _, flag := range f.Deployment.Flags {
		if slices.Contains(flag.Guards, a.Integration) && flag.Name != "" {
			row.Contingency = append(row.Contingency, fmt.Sprintf("flag %s (%s:%d) switches it off", flag.Name, flag.File, flag.Line))
		}
	}
	return row
}

func strategies(f *Facts) []Strategy {
	out := []Strategy{}
	for _, p := range []struct {
		name string
		pick func(*detect.CallSite) detect.Verdict
	}{
		{"bounded in time", func(s *detect.CallSite) detect.Verdict { return s.Timeout }},
		{"repeated on failure", func(s *detect.CallSite) detect.Verdict { return s.Retry }},
		{"behind a circuit breaker", func(s *detect.CallSite) detect.Verdict { return s.Breaker }},
		{"behind a bulkhead", func(s *detect.CallSite) detect.Verdict { return s.Bulkhead }},
		{"rate limited", func(s *detect.CallSite) detect.Verdict { return s.RateLimit }},
		{"with a fallback", func(s *detect.CallSite) detect.Verdict { return s.Fallback }},
		{"seen by monitoring", func(s *detect.CallSite) detect.Verdict { return s.Monitoring }},
	} {
		st := Strategy{Name: p.name}
		for _, id := range f.siteOrder() {
			for _, s := range f.sites[id] {
				st.Of++
				if v := p.pick(s); v.Verdict == detect.Present || v.Verdict == detect.Default {
					st.Calls++
					if st.At.File == "" && v.File != "" {
						st.At = v.Position
					}
				}
			}
		}
		if st.Of > 0 {
			out = append(out, st)
		}
	}
	return out
}

// siteOrder lists the integrations with call sites in the report's order.
func (f *Facts) siteOrder() []string {
	var out []string
	for i := range f.Integrations {
		if id := f.Integrations[i].ID; len(f.sites[id]) > 0 {
			out = append(out, id)
		}
	}
	return out
}

func (s RiskSection) section() document.Section {
	sec := document.Section{ID: "risk", Title: "Risk"}
	if len(s.Risks) == 0 {
		sec.Blocks = nothing("No integration is at more than low risk.")
	} else {
		t := document.Table{Head: []string{"Integration", "Risk", "Why", "What stops", "Mitigation", "Contingency"}}
		for _, r := range s.Risks {
			t.Rows = append(t.Rows, []document.Text{
				document.T(document.Ref(r.Name, Anchor(r.Integration))), document.T(string(r.Level)), document.T(r.Risk), document.T(r.impact()),
				document.T(orNone(strings.Join(r.Mitigation, " "), "no finding asks for a change")),
				document.T(orNone(strings.Join(r.Contingency, "; "), "none in the code: no fallback, no flag")),
			})
		}
		sec.Blocks = append(sec.Blocks, t)
	}
	if len(s.Strategies) > 0 {
		t := document.Table{Head: []string{"Calls that are", "How many", "First place"}}
		for _, st := range s.Strategies {
			t.Rows = append(t.Rows, []document.Text{document.T(st.Name), document.T(fmt.Sprintf("%d of %d", st.Calls, st.Of)), document.T(st.At)})
		}
		sec.Blocks = append(sec.Blocks, t)
	}
	return sec
}

func (r RiskRow) impact() string {
	var parts []string
	if n := len(r.EntryPoints); n > 0 {
		parts = append(parts, fmt.Sprintf("%s: %s", scanners.CountAs(n, "entry point", "entry points"), strings.Join(firstNames(r.EntryPoints, 5), ", ")))
	} else {
		parts = append(parts, "no request waits for it")
	}
	if len(r.Binaries) > 0 {
		parts = append(parts, "in "+strings.Join(firstNames(r.Binaries, 5), ", "))
	}
	return strings.Join(parts, "; ")
}

func orNone(s, none string) string {
	if s == "" {
		return none
	}
	return s
}
