package sections

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/plan/document"
	"github.com/intscan/intscan/scanners"
)

// Discovery is section 4: the points at which data comes in and goes out, and what
// happens to it on the way.
type Discovery struct {
	Databases []DatabasePoint `json:"databases"`
	Services  []ExternalPoint `json:"services"`
	APIs      []detect.API    `json:"apis"`
	Routes    []detect.Route  `json:"routes"`
	// Events are what is published, consumed and declared on brokers.
	Events []detect.Channel `json:"events"`
	Shared []ExternalPoint  `json:"shared_resources"`
	// External are the systems of others, by what they are for.
	External []ExternalGroup `json:"external"`
	Flow     Flow            `json:"data_flow"`
	// Patterns say how data moves to each integration.
	Patterns []detect.Pattern `json:"data_patterns"`
}

// DatabasePoint is a store and what of it the code touches.
type DatabasePoint struct {
	Integration string            `json:"integration"`
	Name        string            `json:"name"`
	Resources   []detect.Resource `json:"resources"`
	Migrations  []string          `json:"migrations"`
}

// ExternalGroup is one kind of external point.
type ExternalGroup struct {
	Name   string          `json:"name"`
	Points []ExternalPoint `json:"points"`
}

// Flow is the way of the data through the program.
type Flow struct {
	Inbound        []Inflow            `json:"inbound"`
	Outbound       []detect.Coding     `json:"outbound"`
	Transformation []detect.Mapper     `json:"transformation"`
	Codings        []detect.Coding     `json:"formats"`
	Validation     []detect.Validation `json:"validation"`
}

// Inflow is something that comes in.
type Inflow struct {
	From string            `json:"from"`
	What string            `json:"what"`
	Type string            `json:"type,omitempty"` // what it is decoded into
	At   scanners.Position `json:"at"`
}

var stores = []string{"database", "cache", "storage", "search"}

func discovery(f *Facts) Discovery {
	d := Discovery{Databases: []DatabasePoint{}, Services: []ExternalPoint{}, APIs: f.APIs, Routes: f.Routes, Events: f.Channels, Shared: []ExternalPoint{}, External: f.externalGroups(), Flow: f.flow(), Patterns: f.Patterns}
	for _, in := range f.points() {
		point := ExternalPoint{in.ID, f.name(in.ID), in.Kind, firstEvidence(in)}
		if in.Internal {
			d.Services = append(d.Services, point)
		}
		if in.Kind == "cache" || in.Kind == "coordination" {
			d.Shared = append(d.Shared, point)
		}
		if slices.Contains(stores, in.Kind) {
			d.Databases = append(d.Databases, f.databasePoint(in))
		}
	}
	return d
}

func (f *Facts) databasePoint(in *detect.Integration) DatabasePoint {
	p := DatabasePoint{Integration: in.ID, Name: f.name(in.ID), Resources: []detect.Resource{}, Migrations: []string{}}
	for _, r := range f.Data.Resources {
		if r.Integration == in.ID {
			p.Resources = append(p.Resources, r)
		}
	}
	for _, m := range f.Data.Migrations {
		if m.Integration == in.ID || m.Integration == "" && in.Kind == "database" {
			p.Migrations = append(p.Migrations, m.Dir)
		}
	}
	return p
}

func (f *Facts) externalGroups() []ExternalGroup {
	groups := []ExternalGroup{{Name: "Third-party APIs"}, {Name: "Auth providers and single sign-on"}, {Name: "Payment"}}
	for i := range groups {
		groups[i].Points = []ExternalPoint{}
	}
	clouds := map[string]int{}
	for _, in := range f.points() {
		if !external(in) {
			continue
		}
		point := ExternalPoint{in.ID, f.name(in.ID), in.Kind, firstEvidence(in)}
		provider := cloudOf(in.System)
		switch {
		case provider != "":
			i, ok := clouds[provider]
			if !ok {
				i = len(groups)
				clouds[provider] = i
				groups = append(groups, ExternalGroup{Name: provider})
			}
			groups[i].Points = append(groups[i].Points, point)
		case in.Kind == "auth":
			groups[1].Points = append(groups[1].Points, point)
		case in.Kind == "payment":
			groups[2].Points = append(groups[2].Points, point)
		case slices.Contains([]string{"http", "graphql", "notification", "ai", "scm", "saas", "analytics", "featureflag"}, in.Kind):
			groups[0].Points = append(groups[0].Points, point)
		}
	}
	return groups
}

// cloudOf is the cloud provider that a system's slug begins with.
func cloudOf(system string) string {
	prefix, _, ok := strings.Cut(system, ".")
	if !ok {
		return ""
	}
	return map[string]string{
		"aws": "Amazon Web Services", "gcp": "Google Cloud", "azure": "Microsoft Azure", "aliyun": "Alibaba Cloud", "tencent": "Tencent Cloud",
		"huawei": "Huawei Cloud", "oracle": "Oracle Cloud", "ibm": "IBM Cloud", "volcengine": "Volcano Engine", "baidu": "Baidu Cloud",
	}[prefix]
}

func (f *Facts) flow() Flow {
	fl := Flow{Inbound: []Inflow{}, Outbound: []detect.Coding{}, Transformation: f.Formats.Mappers, Codings: []detect.Coding{}, Validation: f.Formats.Validations}
	for _, r := range f.Routes {
		if r.Request != "" {
			fl.Inbound = append(fl.Inbound, Inflow{From: "HTTP clients", What: r.Name(), Type: r.Request, At: r.Position})
		}
	}
	for _, w := range f.Webhooks {
		fl.Inbound = append(fl.Inbound, Inflow{From: cmp.Or(w.Provider, "a webhook's sender"), What: w.Route, At: w.Position})
	}
	for _, c := range f.Channels {
		if c.Direction == "consume" && c.Name != "" {
			fl.Inbound = append(fl.Inbound, Inflow{From: f.name(c.Integration), What: c.Kind + " " + c.Name, At: c.Position})
		}
	}
	for _, c := range f.Formats.Codings {
		if !c.Inbound && c.Integration != "" {
			fl.Outbound = append(fl.Outbound, c)
		} else {
			fl.Codings = append(fl.Codings, c)
		}
	}
	return fl
}

func (d Discovery) section() document.Section {
	return document.Section{ID: "discovery", Title: "Discovery and data flow", Sections: []document.Section{
		d.databaseSection(), d.eventSection(), d.serviceSection(), d.externalSection(), d.inboundSection(), d.outboundSection(), d.patternSection(),
	}}
}

func (d Discovery) databaseSection() document.Section {
	sec := document.Section{ID: "discovery-stores", Title: "Stores and shared state"}
	t := document.Table{Head: []string{"Store", "Touched by the code", "Writes", "Migrations"}}
	for _, db := range d.Databases {
		var names []string
		writes := 0
		for _, r := range db.Resources {
			names = append(names, r.Name)
			writes += len(r.Writes)
		}
		t.Rows = append(t.Rows, []document.Text{document.T(document.Ref(db.Name, Anchor(db.Integration))), document.T(orNone(strings.Join(firstNames(names, 12), ", "), "no name of a table, bucket or key is literal")),
			document.T(scanners.CountAs(writes, "place", "places")), document.T(orNone(strings.Join(firstNames(db.Migrations, 3), ", "), "none"))})
	}
	return tabled(sec, t, "No database, cache, bucket or index is used.")
}

func (d Discovery) eventSection() document.Section {
	sec := document.Section{ID: "discovery-events", Title: "Topics, queues and subjects"}
	t := document.Table{Head: []string{"Name", "Kind", "Broker", "Direction", "At"}}
	seen := map[string]bool{}
	for _, c := range d.Events {
		key := strings.Join([]string{c.Name, c.Kind, c.Integration, c.Direction}, "\x00")
		if c.Name == "" || seen[key] {
			continue
		}
		seen[key] = true
		t.Rows = append(t.Rows, []document.Text{document.T(document.C(c.Name)), document.T(strings.ReplaceAll(c.Kind, "_", " ")), document.T(c.Integration), document.T(c.Direction), document.T(c.Position)})
	}
	return tabled(sec, t, "No message broker: nothing is published or consumed under a name that the code tells.")
}

func (d Discovery) serviceSection() document.Section {
	sec := document.Section{ID: "discovery-internal", Title: "Internal services and APIs"}
	var items []document.Text
	for _, s := range d.Services {
		items = append(items, document.T("calls its own ", s.Name, ", ", s.At))
	}
	for _, a := range d.APIs {
		if a.Direction != catalog.Outbound {
			items = append(items, document.T("describes ", cmp.Or(a.Title, "an API"), " ", a.Version, ", ", scanners.CountAs(a.Operations, "operation", "operations"), ", ", a.Position))
		}
	}
	byFramework := map[string]int{}
	var frameworks []string
	for _, r := range d.Routes {
		if byFramework[r.Framework] == 0 {
			frameworks = append(frameworks, r.Framework)
		}
		byFramework[r.Framework]++
	}
	for _, fw := range frameworks {
		items = append(items, document.T("registers ", scanners.CountAs(byFramework[fw], "route", "routes"), " with ", document.C(fw)))
	}
	for _, s := range d.Shared {
		items = append(items, document.T("shares ", s.Name, " between its instances, ", s.At))
	}
	if len(items) == 0 {
		sec.Blocks = nothing("There is no service of its own that it calls, and no API that it serves.")
		return sec
	}
	sec.Blocks = []document.Block{document.List{Items: items}}
	return sec
}

func (d Discovery) externalSection() document.Section {
	sec := document.Section{ID: "discovery-external", Title: "External points"}
	t := document.Table{Head: []string{"Kind", "Systems"}}
	for _, g := range d.External {
		var names []document.Text
		for _, p := range g.Points {
			names = append(names, document.T(document.Ref(p.Name, Anchor(p.Integration)), " ", p.At))
		}
		if len(names) > 0 {
			t.Rows = append(t.Rows, []document.Text{document.T(g.Name), document.Join(names, ", ")})
		}
	}
	if len(t.Rows) == 0 {
		sec.Blocks = nothing("No third-party API, auth provider, payment provider or cloud service is called.")
		return sec
	}
	sec.Blocks = []document.Block{t}
	return sec
}

func (d Discovery) inboundSection() document.Section {
	sec := document.Section{ID: "discovery-inbound", Title: "What comes in"}
	t := document.Table{Head: []string{"From", "What", "Decoded into", "At"}}
	for _, i := range d.Flow.Inbound {
		t.Rows = append(t.Rows, []document.Text{document.T(i.From), document.T(document.C(i.What)), document.T(i.Type), document.T(i.At)})
	}
	if len(t.Rows) == 0 {
		sec.Blocks = append(sec.Blocks, document.P("No route, webhook or consumer with a typed body was found."))
	} else {
		sec.Blocks = append(sec.Blocks, capped(t)...)
	}
	libraries := map[string]int{}
	var names []string
	var first scanners.Position
	for _, v := range d.Flow.Validation {
		name := cmp.Or(v.Library, "own Validate methods")
		if libraries[name] == 0 {
			names = append(names, name)
		}
		libraries[name]++
		if first.File == "" {
			first = v.Position
		}
	}
	if len(names) == 0 {
		sec.Blocks = append(sec.Blocks, document.P("Validation: no validator and no Validate method is called."))
	} else {
		for i, n := range names {
			names[i] = fmt.Sprintf("%s (%d)", n, libraries[n])
		}
		sec.Blocks = append(sec.Blocks, document.P("Validation: ", strings.Join(firstNames(names, 6), ", "), ", first ", first, "."))
	}
	return sec
}

func (d Discovery) outboundSection() document.Section {
	sec := document.Section{ID: "discovery-outbound", Title: "What goes out, and how it is turned"}
	t := document.Table{Head: []string{"To", "Format", "Library", "Places", "First"}}
	for _, c := range d.Flow.Outbound {
		t.Rows = append(t.Rows, []document.Text{document.T(c.Integration), document.T(c.Format, " ", c.Does), document.T(document.C(c.Library)), document.T(c.Count), document.T(c.Position)})
	}
	if len(t.Rows) > 0 {
		sec.Blocks = append(sec.Blocks, capped(t)...)
	}
	var items []document.Text
	for _, m := range d.Flow.Transformation[:min(len(d.Flow.Transformation), 15)] {
		if m.From == "" || m.To == "" {
			continue
		}
		items = append(items, document.T(document.C(detect.ShortCall(m.Function)), " turns ", m.From, " into ", m.To, ", ", m.Position))
	}
	if more := len(d.Flow.Transformation) - 15; more > 0 {
		items = append(items, document.T(scanners.CountAs(more, "more mapping", "more mappings"), " in the plan's JSON"))
	}
	if len(items) > 0 {
		sec.Blocks = append(sec.Blocks, document.List{Items: items})
	}
	if len(sec.Blocks) == 0 {
		sec.Blocks = nothing("No encoder stands beside an outbound call, and no function is named as a mapping.")
	}
	return sec
}

func (d Discovery) patternSection() document.Section {
	sec := document.Section{ID: "discovery-patterns", Title: "How data moves"}
	t := document.Table{Head: []string{"Integration", "Data", "Why", "At"}}
	for _, p := range d.Patterns {
		if p.Data != "" {
			t.Rows = append(t.Rows, []document.Text{document.T(p.Integration), document.T(strings.ReplaceAll(p.Data, "_", "-")), document.T(p.DataReason), document.T(p.DataAt)})
		}
	}
	return tabled(sec, t, "No call shows whether data moves in real time, in batches or as a stream.")
}
