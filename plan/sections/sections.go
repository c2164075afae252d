// Package sections writes the integration plan: twelve sections, each a type with
// the facts that stand in it, a function that gathers them from the scan, and one
// that puts them into words. One file is one section.
//
// A section says what was found, where, and what to do about it; a sentence that
// would stand unchanged in another repository's plan does not belong here. A
// section with nothing to say says so in one line. How the document looks is the
// renderers' subject.
package sections

import (
	"cmp"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/plan/document"
	"github.com/intscan/intscan/plan/risk"
	"github.com/intscan/intscan/plan/rules"
)

// Plan is the integration plan as data; Document is the same for people.
type Plan struct {
	Overview       Overview       `json:"overview"`
	Map            Map            `json:"map"`
	Inventory      Inventory      `json:"inventory"`
	Discovery      Discovery      `json:"discovery"`
	Specifications Specifications `json:"specifications"`
	Architecture   Architecture   `json:"architecture"`
	Sequence       Sequence       `json:"sequence"`
	Testing        Testing        `json:"testing"`
	Risk           RiskSection    `json:"risk"`
	Deployment     Deployment     `json:"deployment"`
	Observability  Observability  `json:"monitoring"`
	Criteria       Criteria       `json:"success_criteria"`

	repository string
}

// Facts is what the plan is written from.
type Facts struct {
	*detect.Result
	Risks    []risk.Assessment
	Findings []rules.Finding

	integrations map[string]*detect.Integration
	risks        map[string]*risk.Assessment
	sites        map[string][]*detect.CallSite // by integration, production code only
	findings     map[string][]*rules.Finding   // by integration
	strategies   []Strategy
	rollback     []Rollback
}

// Build gathers the plan. The same facts give the same plan.
func Build(f Facts) *Plan {
	f.index()
	f.strategies, f.rollback = strategies(&f), rollback(&f)
	return &Plan{
		Overview:       overview(&f),
		Map:            diagram(&f),
		Inventory:      inventory(&f),
		Discovery:      discovery(&f),
		Specifications: specifications(&f),
		Architecture:   architecture(&f),
		Sequence:       sequence(&f),
		Testing:        tested(&f),
		Risk:           risks(&f),
		Deployment:     deployment(&f),
		Observability:  observability(&f),
		Criteria:       criteria(&f),
		repository:     f.Repository.Name,
	}
}

// Document is the plan in words.
func (p *Plan) Document() document.Document {
	return document.Document{
		Title: "Integration plan of " + cmp.Or(p.repository, "the repository"),
		Sections: []document.Section{
			p.Overview.section(),
			p.Map.section(),
			p.Inventory.section(),
			p.Discovery.section(),
			p.Specifications.section(),
			p.Architecture.section(),
			p.Sequence.section(),
			p.Testing.section(),
			p.Risk.section(),
			p.Deployment.section(),
			p.Observability.section(),
			p.Criteria.section(),
		},
	}
}

func (f *Facts) index() {
	f.integrations, f.risks = map[string]*detect.Integration{}, map[string]*risk.Assessment{}
	f.sites, f.findings = map[string][]*detect.CallSite{}, map[string][]*rules.Finding{}
	for i := range f.Integrations {
		f.integrations[f.Integrations[i].ID] = &f.Integrations[i]
	}
	for i := range f.Risks {
		f.risks[f.Risks[i].Integration] = &f.Risks[i]
	}
	for i := range f.CallSites {
		if s := &f.CallSites[i]; s.Scope == detect.ScopeRuntime {
			f.sites[s.Integration] = append(f.sites[s.Integration], s)
		}
	}
	for i := range f.Findings {
		fd := &f.Findings[i]
		for _, id := range fd.Touches() {
			f.findings[id] = append(f.findings[id], fd)
		}
	}
}

// points are the integrations of production code and deployment, in the report's
// order: what the plan is about.
func (f *Facts) points() []*detect.Integration {
	var out []*detect.Integration
	for i := range f.Integrations {
		if in := &f.Integrations[i]; in.Scope != detect.ScopeDevelopment {
			out = append(out, in)
		}
	}
	return out
}

// external: it belongs to somebody else's program, and this one calls it.
func external(in *detect.Integration) bool {
	return in.Direction != catalog.Inbound && !in.Internal
}

// name is what an integration is called in the plan.
func (f *Facts) name(id string) string { return detect.LabelOf(f.integrations[id], id) }

// nothing is the one line of a section that has nothing to say.
func nothing(line string) []document.Block {
	return []document.Block{document.P(line)}
}
