package sections

import (
	"slices"
	"strings"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/plan/document"
	"github.com/intscan/intscan/plan/risk"
	"github.com/intscan/intscan/scanners"
)

// Overview is section 1: how much there is, what the program cannot do without,
// and how complex the whole is.
type Overview struct {
	// Points counts the integrations of production code and deployment, Calls the
	// places in production code that call them.
	Points int `json:"integration_points"`
	Calls  int `json:"calls"`
	// CriticalPath are the integrations that requests wait for, the one that stops
	// the most first.
	CriticalPath []CriticalPoint `json:"critical_path"`
	Complexity   risk.Level      `json:"complexity"`
	// Reasons are the counts that the complexity follows from.
	Reasons []string `json:"complexity_reasons"`
	// External are the systems of others that this program calls.
	External []ExternalPoint `json:"external_dependencies"`
}

// CriticalPoint is an integration on the critical path.
type CriticalPoint struct {
	Integration string     `json:"integration"`
	Name        string     `json:"name"`
	Criticality risk.Level `json:"criticality"`
	Why         string     `json:"why"`
}

// ExternalPoint is an external dependency and where it is proved.
type ExternalPoint struct {
	Integration string            `json:"integration"`
	Name        string            `json:"name"`
	Kind        string            `json:"kind"`
	At          scanners.Position `json:"at"`
}

func overview(f *Facts) Overview {
	o := Overview{CriticalPath: []CriticalPoint{}, External: []ExternalPoint{}}
	for _, in := range f.points() {
		o.Points++
		o.Calls += len(f.sites[in.ID])
		if external(in) {
			o.External = append(o.External, ExternalPoint{in.ID, f.name(in.ID), in.Kind, firstEvidence(in)})
		}
	}
	for _, a := range mostCritical(f.Risks) {
		if a.Criticality.Rank() >= risk.High.Rank() {
			o.CriticalPath = append(o.CriticalPath, CriticalPoint{a.Integration, f.name(a.Integration), a.Criticality, a.Why})
		}
	}
	o.Complexity, o.Reasons = f.complexity()
	return o
}

func firstEvidence(in *detect.Integration) scanners.Position {
	if len(in.Evidence) == 0 {
		return scanners.Position{}
	}
	return in.Evidence[0].Position
}

// mostCritical orders by criticality, then by how many entry points wait.
func mostCritical(all []risk.Assessment) []risk.Assessment {
	out := slices.Clone(all)
	slices.SortStableFunc(out, func(a, b risk.Assessment) int {
		if d := b.Criticality.Rank() - a.Criticality.Rank(); d != 0 {
			return d
		}
		return b.Requests - a.Requests
	})
	return out
}

// complexity adds a point for each threshold that a count reaches, of two for each
// count. Up to 2 points are low, up to 5 medium.
func (f *Facts) complexity() (risk.Level, []string) {
	kinds, points, grave, events := map[string]bool{}, 0, 0, 0
	for _, in := range f.points() {
		points++
		kinds[in.Kind] = true
		if in.Kind == "messaging" {
			events++
		}
		if a := f.risks[in.ID]; a != nil && a.Criticality.Rank() >= risk.High.Rank() {
			grave++
		}
	}
	binaries := 0
	for _, b := range f.Repository.Binaries {
		if b.Scope == detect.ScopeRuntime {
			binaries++
		}
	}
	score := 0
	var reasons []string
	for _, c := range []struct {
		n, low, high int
		one, many    string
	}{
		{points, 5, 15, "integration point", "integration points"},
		{len(kinds), 4, 7, "kind of system", "kinds of systems"},
		{binaries, 2, 5, "binary", "binaries"},
		{grave, 2, 5, "integration that requests wait for", "integrations that requests wait for"},
		{events, 1, 3, "message broker", "message brokers"},
	} {
		if c.n >= c.low {
			score++
		}
		if c.n >= c.high {
			score++
		}
		if c.n > 0 {
			reasons = append(reasons, scanners.CountAs(c.n, c.one, c.many))
		}
	}
	switch {
	case score <= 2:
		return risk.Low, reasons
	case score <= 5:
		return risk.Medium, reasons
	}
	return risk.High, reasons
}

func (o Overview) section() document.Section {
	s := document.Section{ID: "overview", Title: "Overview"}
	if o.Points == 0 {
		s.Blocks = nothing("This repository talks to no other system that intscan knows.")
		return s
	}
	s.Blocks = append(s.Blocks,
		document.List{Items: []document.Text{
			document.T(document.B("Integration points: "), o.Points, ", called from ", scanners.CountAs(o.Calls, "place", "places"), " in production code"),
			document.T(document.B("Complexity: "), string(o.Complexity), ": ", strings.Join(o.Reasons, ", ")),
			document.T(document.B("External dependencies: "), len(o.External)),
		}})
	if len(o.CriticalPath) == 0 {
		s.Blocks = append(s.Blocks, document.P("Critical path: no request waits for an integration."))
	} else {
		t := document.Table{Head: []string{"Critical path", "Criticality", "Why"}}
		for _, c := range o.CriticalPath {
			t.Rows = append(t.Rows, []document.Text{
				document.T(document.Ref(c.Name, Anchor(c.Integration))), document.T(string(c.Criticality)), document.T(c.Why),
			})
		}
		s.Blocks = append(s.Blocks, t)
	}
	if len(o.External) > 0 {
		t := document.Table{Head: []string{"External dependency", "Kind", "Proof"}}
		for _, e := range o.External {
			t.Rows = append(t.Rows, []document.Text{document.T(document.Ref(e.Name, Anchor(e.Integration))), document.T(e.Kind), document.T(e.At)})
		}
		s.Blocks = append(s.Blocks, t)
	}
	return s
}
