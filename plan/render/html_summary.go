package render

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/plan/risk"
	"github.com/intscan/intscan/plan/rules"
	"github.com/intscan/intscan/scanners"
)

// subtle says what was read.
func (p *htmlPage) subtle() string {
	parts := []string{scanners.Count(len(p.Repository.Modules), "module"), scanners.CountAs(len(p.Repository.Binaries), "binary", "binaries")}
	if p.Repository.Lines > 0 {
		parts = append([]string{thousands(p.Repository.Lines) + " lines of Go"}, parts...)
	}
	if p.Version != "" {
		parts = append(parts, "intscan "+p.Version)
	}
	return listing(parts...)
}

// tiles are the figures that a reader asks for first.
func (p *htmlPage) tiles() []htmlTile {
	tiles := []htmlTile{{Figure: fmt.Sprint(len(p.Points)), Label: noun(len(p.Points), "integration"), Target: "report-integrations"}}
	if len(p.Calls) > 0 {
		tiles = append(tiles, htmlTile{Figure: fmt.Sprint(len(p.Calls)), Label: noun(len(p.Calls), "outbound call"), Target: "report-calls"})
		for _, t := range []struct {
			name, label string
			pick        func(*detect.CallSite) detect.Verdict
		}{
			{"timeout", "without timeout", func(s *detect.CallSite) detect.Verdict { return s.Timeout }},
			{"retry", "without retry", func(s *detect.CallSite) detect.Verdict { return s.Retry }},
			{"monitoring", "unmonitored", func(s *detect.CallSite) detect.Verdict { return s.Monitoring }},
		} {
			n := 0
			for _, c := range p.Calls {
				if t.pick(c.CallSite).Verdict == detect.Absent {
					n++
				}
			}
			tiles = append(tiles, htmlTile{Figure: fmt.Sprint(n), Label: t.label, Target: "report-calls", Filter: t.name + "=absent", Bad: n > 0 && t.name == "timeout"})
		}
	}
	for _, s := range rules.Severities {
		n := 0
		for _, f := range p.Found {
			if f.Severity == s && f.State == "open" {
				n++
			}
		}
		if n > 0 {
			tiles = append(tiles, htmlTile{Figure: fmt.Sprint(n), Label: string(s) + " " + noun(n, "finding"), Target: "report-findings", Filter: "severity=" + string(s), Bad: s.Rank() <= rules.High.Rank()})
		}
	}
	return tiles
}

// choices lists for each filter the values that occur, in their own order.
func (p *htmlPage) choices() {
	c := &p.Choices
	for _, in := range p.Points {
		c.Kinds = append(c.Kinds, in.Kind)
		c.Scopes = append(c.Scopes, string(in.Scope))
		if in.Risk != nil {
			c.Risks = append(c.Risks, string(in.Risk.Risk))
		}
		if len(in.Calls) > 0 {
			c.CallPoints = append(c.CallPoints, in)
		}
		if len(in.Findings) > 0 {
			c.FindingsAtPoints = append(c.FindingsAtPoints, in)
		}
	}
	for _, f := range p.Found {
		c.Severities = append(c.Severities, string(f.Severity))
		c.Categories = append(c.Categories, string(f.Category))
		c.States = append(c.States, f.State)
	}
	for _, s := range p.Calls {
		c.Phases = append(c.Phases, string(s.Phase))
	}
	c.Kinds = occurring(c.Kinds, catalog.Kinds)
	c.Scopes = occurring(c.Scopes, texts([]detect.Scope{detect.ScopeRuntime, detect.ScopeDeclared, detect.ScopeDevelopment}))
	c.Risks = occurring(c.Risks, texts([]risk.Level{risk.Critical, risk.High, risk.Medium, risk.Low}))
	c.Severities = occurring(c.Severities, texts(rules.Severities))
	c.Categories = occurring(c.Categories, texts(rules.Categories))
	c.States = occurring(c.States, []string{"open", "known", "suppressed"})
	c.Phases = occurring(c.Phases, texts([]detect.Phase{detect.PhaseRequest, detect.PhaseConsume, detect.PhaseJob, detect.PhaseStart, detect.PhaseLibrary}))
	c.Verdicts = texts([]detect.State{detect.Absent, detect.Unknown, detect.Default, detect.Present})
}

// occurring are the values without repetition, in the order given; others follow by
// name.
func occurring(values, order []string) []string {
	rank := func(s string) int {
		if i := slices.Index(order, s); i >= 0 {
			return i
		}
		return len(order)
	}
	slices.SortFunc(values, func(a, b string) int { return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a, b)) })
	return slices.DeleteFunc(slices.Compact(values), func(s string) bool { return s == "" })
}

func texts[T ~string](list []T) []string {
	var out []string
	for _, v := range list {
		out = append(out, string(v))
	}
	return out
}

func noun(n int, word string) string {
	_, s, _ := strings.Cut(scanners.Count(n, word), " ")
	return s
}

// thousands sets groups of three digits apart.
func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
