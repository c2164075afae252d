package render

import (
	"fmt"
	"html/template"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/plan"
	"github.com/intscan/intscan/plan/document"
	"github.com/intscan/intscan/plan/risk"
	"github.com/intscan/intscan/plan/rules"
	"github.com/intscan/intscan/plan/sections"
)

// htmlPage is what the templates show.
type htmlPage struct {
	*plan.Report
	Policy string
	Style  template.CSS
	Script template.JS
	Icon   template.URL

	Name   string
	Subtle string // what is said below the name
	Tiles  []htmlTile
	Map    *drawing
	// Points are the integrations, Rest those of them that have no section in the
	// plan.
	Points  []*htmlPoint
	Rest    []*htmlPoint
	Found   []*htmlFinding
	Calls   []*htmlCall
	Plan    []htmlSection
	Choices htmlChoices

	anchors *anchors
	byID    map[string]*htmlPoint
}

// htmlTile is a figure at the head of the page and where it leads. Filter, if set,
// is "name=value" for the table there.
type htmlTile struct {
	Figure, Label string
	Target        string
	Filter        string
	Bad           bool
}

// htmlPoint is one integration with all that is known of it.
type htmlPoint struct {
	*detect.Integration
	Anchor   string
	Label    string
	Risk     *risk.Assessment
	Spec     *sections.Specification
	Calls    []*htmlCall
	Findings []*htmlFinding
	Level    int // of its heading
}

// htmlCall is a call site and the integration that it talks to.
type htmlCall struct {
	*detect.CallSite
	Point *htmlPoint
	Kind  string
}

// htmlFinding is a finding, the group its rule belongs to, and whether it counts.
type htmlFinding struct {
	rules.Finding
	Anchor   string
	Category rules.Category
	State    string // "open", "known", "suppressed"
	Point    *htmlPoint
}

// htmlChoices are the values that the filters offer.
type htmlChoices struct {
	Kinds, Scopes, Risks         []string
	Severities, Categories       []string
	States, Phases, Verdicts     []string
	CallPoints, FindingsAtPoints []*htmlPoint
}

func newHTMLPage(r *plan.Report) *htmlPage {
	p := &htmlPage{
		Report: r, Name: r.Repository.Name, Icon: icon, anchors: newAnchors(), byID: map[string]*htmlPoint{},
		Policy: policy(htmlScript, htmlStyle), Style: template.CSS(htmlStyle), Script: template.JS(htmlScript),
	}
	if p.Name == "" {
		p.Name = "repository"
	}
	p.points()
	p.findings()
	p.calls()
	p.Subtle = p.subtle()
	p.Tiles = p.tiles()
	p.choices()
	if r.Plan != nil {
		p.Map = draw(r.Plan.Map, func(id string) string {
			if in := p.byID[id]; in != nil {
				return in.Anchor
			}
			return ""
		})
		p.Plan = p.sections(r.Plan.Document().Sections, 3)
	}
	for _, in := range p.Points {
		if in.Level == 0 {
			in.Level = 3
			p.Rest = append(p.Rest, in)
		}
	}
	return p
}

func (p *htmlPage) points() {
	for i := range p.Integrations {
		in := &p.Integrations[i]
		point := &htmlPoint{Integration: in, Label: in.Label(), Anchor: p.anchors.unique(sections.Anchor(in.ID))}
		p.Points = append(p.Points, point)
		p.byID[in.ID] = point
	}
	for i := range p.Risks {
		if point := p.byID[p.Risks[i].Integration]; point != nil {
			point.Risk = &p.Risks[i]
		}
	}
	if p.Report.Plan == nil {
		return
	}
	for i := range p.Report.Plan.Specifications {
		if point := p.byID[p.Report.Plan.Specifications[i].Integration]; point != nil {
			point.Spec = &p.Report.Plan.Specifications[i]
		}
	}
}

func (p *htmlPage) findings() {
	for i, f := range p.Report.Findings {
		row := &htmlFinding{Finding: f, Anchor: fmt.Sprintf("finding-%d", i+1), State: "open", Point: p.byID[f.Integration]}
		if rule, ok := rules.Lookup(f.Rule); ok {
			row.Category = rule.Category
		}
		switch {
		case f.Suppressed != nil:
			row.State = "suppressed"
		case f.Known:
			row.State = "known"
		}
		for _, id := range f.Touches() {
			if point := p.byID[id]; point != nil {
				point.Findings = append(point.Findings, row)
			}
		}
		p.Found = append(p.Found, row)
	}
}

func (p *htmlPage) calls() {
	for i := range p.CallSites {
		row := &htmlCall{CallSite: &p.CallSites[i], Point: p.byID[p.CallSites[i].Integration]}
		if row.Point != nil {
			row.Kind = row.Point.Kind
			row.Point.Calls = append(row.Point.Calls, row)
		}
		p.Calls = append(p.Calls, row)
	}
}

// sections makes the plan's sections fit to show. The section of an integration is
// its page, which says more than the document.
func (p *htmlPage) sections(all []document.Section, level int) []htmlSection {
	var out []htmlSection
	for i, s := range all {
		v := htmlSection{ID: s.ID, Title: s.Title, Level: min(level, 6)}
		if level == 3 {
			v.Number = i + 1
		}
		if v.Point = p.page(s.ID); v.Point != nil {
			v.Point.Level = v.Level
			out = append(out, v)
			continue
		}
		v.ID = p.anchors.unique(s.ID)
		for _, b := range s.Blocks {
			v.Blocks = append(v.Blocks, newHTMLBlock(b, s.Title))
		}
		v.Sections = p.sections(s.Sections, level+1)
		out = append(out, v)
	}
	return out
}

// page finds the integration whose section has that ID and stands nowhere yet.
func (p *htmlPage) page(id string) *htmlPoint {
	for _, in := range p.Points {
		if in.Spec != nil && in.Level == 0 && sections.Anchor(in.ID) == id {
			return in
		}
	}
	return nil
}
