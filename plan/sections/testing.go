package sections

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/plan/document"
	"github.com/intscan/intscan/scanners"
)

// Testing is section 8: what is tested today, and which tests would show that the
// missing protections are there.
type Testing struct {
	Integrations []IntegrationTests `json:"integrations"`
	// Special are test files of other kinds: fuzz targets, contract and load tests.
	Special []detect.SpecialTest `json:"special"`
	// Scenarios go from an entry point through several integrations.
	Scenarios []Scenario           `json:"scenarios"`
	Health    []detect.HealthCheck `json:"health_checks"`
	// Uncovered are grave integrations that no readiness check asks.
	Uncovered []string   `json:"uncovered_by_health_checks"`
	Rollback  []Rollback `json:"rollback"`
}

// IntegrationTests is what stands in for one integration in tests, and what to add.
type IntegrationTests struct {
	Integration string              `json:"integration"`
	Name        string              `json:"name"`
	Doubles     []detect.TestDouble `json:"doubles"`
	// Packages of those that call it have tests; Untested do not.
	Packages int      `json:"tested_packages"`
	Untested []string `json:"untested_packages"`
	// Faults are what to inject, one for each missing protection.
	Faults []Fault `json:"faults"`
	// Performance is what to measure, from the bounds in force.
	Performance string `json:"performance,omitempty"`
}

// Fault is a failure to inject and what has to happen then.
type Fault struct {
	Inject string            `json:"inject"`
	Expect string            `json:"expect"`
	At     scanners.Position `json:"at"` // the call that it shows up at
}

// Scenario is an end-to-end test.
type Scenario struct {
	EntryPoint   string            `json:"entry_point"`
	At           scanners.Position `json:"at"`
	Integrations []string          `json:"integrations"`
}

// Rollback says what can be taken back in an integration.
type Rollback struct {
	Integration string            `json:"integration,omitempty"`
	What        string            `json:"what"`
	Can         bool              `json:"can"`
	At          scanners.Position `json:"at"`
}

// maxScenarios bounds the end-to-end tests proposed: those that cross the most.
const maxScenarios = 8

func tested(f *Facts) Testing {
	t := Testing{Integrations: []IntegrationTests{}, Special: f.Tests.Special, Scenarios: f.scenarios(), Health: f.HealthChecks, Uncovered: f.uncovered(), Rollback: f.rollback}
	for _, id := range f.siteOrder() {
		it := IntegrationTests{Integration: id, Name: f.name(id), Doubles: []detect.TestDouble{}, Untested: []string{}, Faults: f.faults(id), Performance: f.performance(id)}
		for _, d := range f.Tests.Doubles {
			if slices.Contains(d.Integrations, id) {
				it.Doubles = append(it.Doubles, d)
			}
		}
		for _, p := range f.Tests.Packages {
			switch {
			case !slices.Contains(p.Integrations, id):
			case p.Files > 0:
				it.Packages++
			default:
				it.Untested = append(it.Untested, p.Dir)
			}
		}
		t.Integrations = append(t.Integrations, it)
	}
	return t
}

// faults are the failures that the missing protections leave open.
func (f *Facts) faults(id string) []Fault {
	out := []Fault{}
	first := func(pick func(*detect.CallSite) detect.Verdict) *detect.CallSite {
		for _, s := range f.sites[id] {
			if pick(s).Verdict == detect.Absent {
				return s
			}
		}
		return nil
	}
	in := f.integrations[id]
	if s := first(func(s *detect.CallSite) detect.Verdict { return s.Timeout }); s != nil {
		out = append(out, Fault{Inject: f.name(id) + " accepts the connection and never answers", Expect: f.hangExpectation(s), At: s.Position})
	}
	if s := first(func(s *detect.CallSite) detect.Verdict { return s.Retry }); s != nil {
		fault := "resets the first connection"
		if in.Protocol == "HTTPS" || in.Protocol == "HTTP" {
			fault = "answers 503 once, then 429 with Retry-After"
		}
		expect := "the second attempt succeeds and the caller sees no error"
		if s.Action != detect.ActionRead {
			expect = "the failure is reported, and nothing was done twice"
		}
		out = append(out, Fault{Inject: f.name(id) + " " + fault, Expect: expect, At: s.Position})
	}
	if a := f.risks[id]; a != nil && a.Synchronous && !a.Degrades && external(in) {
		s := f.sites[id][0]
		out = append(out, Fault{Inject: "no route to " + f.name(id) + " (partition)", Expect: fmt.Sprintf("the %s that need it fail at once or answer with less; the others go on", scanners.CountAs(a.Requests, "entry point", "entry points")), At: s.Position})
	}
	return out
}

func (f *Facts) hangExpectation(s *detect.CallSite) string {
	if s.Phase == detect.PhaseRequest {
		if w := f.writeBound(); w != "" {
			return "the request ends with an error before the server's own bound of " + w
		}
		return "the request ends with an error, and its goroutine with it"
	}
	return "the work ends with an error instead of standing still"
}

// writeBound is the write timeout of the HTTP servers, where one is known.
func (f *Facts) writeBound() string {
	for _, s := range f.Servers {
		if s.WriteTimeout.Verdict == detect.Present && s.WriteTimeout.Value != "" {
			return s.WriteTimeout.Value
		}
	}
	return ""
}

// performance names the bound that a load test has to stay under, and the pool that
// it has to fill.
func (f *Facts) performance(id string) string {
	var parts []string
	for _, b := range f.Bounds {
		_, isTime := parseDuration(b.Value)
		n, err := strconv.Atoi(b.Value)
		isCount := err == nil && n > 1
		switch {
		case b.Integration != id:
		case b.Property == "timeout" && isTime:
			parts = append(parts, fmt.Sprintf("answers stay well under %s", b.Value))
		case b.Property == "pool" && isCount:
			parts = append(parts, fmt.Sprintf("%d calls in flight fill the pool", n))
		case b.Property == "rate_limit" && b.Value != "":
			parts = append(parts, fmt.Sprintf("the limit of %s holds", b.Value))
		case b.Property == "batch_size" && isCount:
			parts = append(parts, fmt.Sprintf("batches of %d", n))
		}
	}
	slices.Sort(parts)
	return strings.Join(firstNames(slices.Compact(parts), 3), "; ")
}

func (f *Facts) scenarios() []Scenario {
	var out []Scenario
	for _, e := range f.EntryPoints {
		if e.Kind == detect.EntryStart || e.Kind == detect.EntryAPI || len(e.Reaches) < 2 {
			continue
		}
		s := Scenario{EntryPoint: e.Name, At: e.Position}
		for _, r := range e.Reaches {
			s.Integrations = append(s.Integrations, f.name(r.Integration))
		}
		out = append(out, s)
	}
	slices.SortStableFunc(out, func(a, b Scenario) int { return cmp.Compare(len(b.Integrations), len(a.Integrations)) })
	// Of entry points that cross the same, one is enough.
	seen := map[string]bool{}
	out = slices.DeleteFunc(out, func(s Scenario) bool {
		key := strings.Join(s.Integrations, "\x00")
		dup := seen[key]
		seen[key] = true
		return dup
	})
	return append([]Scenario{}, out[:min(len(out), maxScenarios)]...)
}

func (f *Facts) uncovered() []string {
	out := []string{}
	for _, c := range mostCritical(f.Risks) {
		if c.Criticality.Rank() < 3 {
			break
		}
		if !slices.ContainsFunc(f.HealthChecks, func(h detect.HealthCheck) bool { return slices.Contains(h.Reaches, c.Integration) }) {
			out = append(out, f.name(c.Integration))
		}
	}
	return out
}

func rollback(f *Facts) []Rollback {
	out := []Rollback{}
	for _, m := range f.Data.Migrations {
		r := Rollback{Integration: m.Integration, At: m.Position, Can: m.Down == m.Count}
		switch {
		case m.Down == 0:
			r.What = fmt.Sprintf("none of %s in %s has a step back; restore a backup instead", scanners.CountAs(m.Count, "migration", "migrations"), m.Dir)
		case r.Can:
			r.What = fmt.Sprintf("all %s in %s have a step back (%s)", scanners.CountAs(m.Count, "migration", "migrations"), m.Dir, m.Tool)
		default:
			r.What = fmt.Sprintf("%d of %s in %s have a step back (%s)", m.Down, scanners.CountAs(m.Count, "migration", "migrations"), m.Dir, m.Tool)
		}
		out = append(out, r)
	}
	for _, flag := range f.Deployment.Flags {
		for _, id := range flag.Guards {
			if flag.Name != "" {
				out = append(out, Rollback{Integration: id, What: fmt.Sprintf("flag %s switches %s off without a deployment", flag.Name, f.name(id)), Can: true, At: flag.Position})
			}
		}
	}
	return out
}

func (t Testing) section() document.Section {
	sec := document.Section{ID: "testing", Title: "Testing and validation"}
	sec.Sections = []document.Section{t.unitSection(), t.failureSection(), t.scenarioSection(), t.productionSection(), t.rollbackSection()}
	return sec
}

func (t Testing) unitSection() document.Section {
	sec := document.Section{ID: "testing-today", Title: "What is tested today"}
	if len(t.Integrations) == 0 {
		sec.Blocks = nothing("There is no call to test.")
		return sec
	}
	table := document.Table{Head: []string{"Integration", "Stands in for it", "Packages with tests", "Packages without"}}
	for _, it := range t.Integrations {
		var doubles []document.Text
		for _, d := range it.Doubles[:min(len(it.Doubles), 4)] {
			doubles = append(doubles, document.T(strings.ReplaceAll(d.Kind, "_", " "), " ", document.C(d.Name), " ", d.Position))
		}
		cell := document.Join(doubles, ", ")
		if more := len(it.Doubles) - 4; more > 0 {
			cell = append(cell, document.T(fmt.Sprintf(", %d more", more))...)
		}
		if len(it.Doubles) == 0 {
			cell = document.T("nothing")
		}
		table.Rows = append(table.Rows, []document.Text{document.T(document.Ref(it.Name, Anchor(it.Integration))), cell, document.T(it.Packages), document.T(strings.Join(firstNames(it.Untested, 4), ", "))})
	}
	sec.Blocks = append(sec.Blocks, table)
	if len(t.Special) > 0 {
		var items []document.Text
		for _, s := range t.Special[:min(len(t.Special), 20)] {
			items = append(items, document.T(strings.ReplaceAll(s.Kind, "_", " "), " ", document.C(s.Name), " ", s.Position))
		}
		sec.Blocks = append(sec.Blocks, document.List{Items: items})
	}
	return sec
}

func (t Testing) failureSection() document.Section {
	sec := document.Section{ID: "testing-failures", Title: "Failures to inject"}
	table := document.Table{Head: []string{"Integration", "Inject", "Expect", "At", "Under load"}}
	for _, it := range t.Integrations {
		for i, fault := range it.Faults {
			load := ""
			if i == 0 {
				load = it.Performance
			}
			table.Rows = append(table.Rows, []document.Text{document.T(it.Name), document.T(fault.Inject), document.T(fault.Expect), document.T(fault.At), document.T(load)})
		}
		if len(it.Faults) == 0 && it.Performance != "" {
			table.Rows = append(table.Rows, []document.Text{document.T(it.Name), document.T("nothing: its calls are protected"), {}, {}, document.T(it.Performance)})
		}
	}
	if len(table.Rows) == 0 {
		sec.Blocks = nothing("No protection is missing that a fault could show.")
		return sec
	}
	sec.Blocks = []document.Block{table}
	return sec
}

func (t Testing) scenarioSection() document.Section {
	sec := document.Section{ID: "testing-scenarios", Title: "End-to-end scenarios"}
	if len(t.Scenarios) == 0 {
		sec.Blocks = nothing("No entry point crosses more than one integration.")
		return sec
	}
	var items []document.Text
	for _, s := range t.Scenarios {
		items = append(items, document.T(document.C(s.EntryPoint), " through ", strings.Join(firstNames(s.Integrations, 8), ", "), ", ", s.At))
	}
	sec.Blocks = []document.Block{document.List{Items: items}}
	return sec
}

func (t Testing) productionSection() document.Section {
	sec := document.Section{ID: "testing-production", Title: "In production"}
	if len(t.Health) == 0 {
		sec.Blocks = nothing("No health or readiness check was found in the code.")
	} else {
		var items []document.Text
		for _, h := range t.Health[:min(len(t.Health), 20)] {
			asks := "asks no integration"
			if len(h.Reaches) > 0 {
				asks = "asks " + strings.Join(h.Reaches, ", ")
			}
			items = append(items, document.T(document.C(h.Name), " ", h.Position, " ", asks))
		}
		sec.Blocks = append(sec.Blocks, document.List{Items: items})
	}
	if len(t.Uncovered) > 0 {
		sec.Blocks = append(sec.Blocks, document.P("After a deployment check by hand, as no health check asks them: ", strings.Join(firstNames(t.Uncovered, 10), ", "), "."))
	}
	return sec
}

func (t Testing) rollbackSection() document.Section {
	sec := document.Section{ID: "testing-rollback", Title: "Rollback and recovery"}
	if len(t.Rollback) == 0 {
		sec.Blocks = nothing("No migration and no flag that guards an integration: going back means deploying the version before.")
		return sec
	}
	var items []document.Text
	for _, r := range t.Rollback[:min(len(t.Rollback), 30)] {
		items = append(items, document.T(r.What, ", ", r.At))
	}
	sec.Blocks = []document.Block{document.List{Items: items}}
	return sec
}
