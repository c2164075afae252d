package sections

import (
	"fmt"
	"slices"
	"strings"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/plan/document"
	"github.com/intscan/intscan/scanners"
)

// Specifications is section 5: all that is known of each integration, in the order
// of the report.
type Specifications []Specification

// Specification is one integration.
type Specification struct {
	Integration string  `json:"integration"`
	Name        string  `json:"name"`
	Fields      []Field `json:"fields"`
	Block       *Block  `json:"pattern_block,omitempty"`
	// Evidence proves it; Calls are where production code calls it.
	Evidence []detect.Evidence `json:"evidence"`
	Calls    []SpecCall        `json:"calls"`
	Findings []SpecFinding     `json:"findings"`
}

// Field is one line of a specification.
type Field struct {
	Name string `json:"name"`
	Text string `json:"text"`
	// At proves it, where there is one place that does.
	At scanners.Position `json:"at"`
}

// SpecCall is a call with its verdicts.
type SpecCall struct {
	At         scanners.Position `json:"at"`
	Call       string            `json:"call"`
	Timeout    detect.State      `json:"timeout"`
	Retry      detect.State      `json:"retry"`
	Monitoring detect.State      `json:"monitoring"`
}

// SpecFinding refers to a finding.
type SpecFinding struct {
	Rule        string            `json:"rule"`
	Severity    string            `json:"severity"`
	At          scanners.Position `json:"at"`
	Message     string            `json:"message"`
	Remediation string            `json:"remediation"`
}

func specifications(f *Facts) Specifications {
	out := Specifications{}
	for _, in := range f.points() {
		s := Specification{Integration: in.ID, Name: f.name(in.ID), Evidence: in.Evidence, Calls: []SpecCall{}, Findings: []SpecFinding{}, Fields: f.fields(in)}
		for _, c := range f.sites[in.ID] {
			s.Calls = append(s.Calls, SpecCall{c.Position, detect.ShortCall(c.Call), c.Timeout.Verdict, c.Retry.Verdict, c.Monitoring.Verdict})
		}
		for _, fd := range f.findings[in.ID] {
			if fd.Suppressed == nil {
				s.Findings = append(s.Findings, SpecFinding{fd.Rule, string(fd.Severity), fd.Position, fd.Message, fd.Remediation})
			}
		}
		if len(s.Calls) > 0 {
			s.Block = f.block(in)
		}
		out = append(out, s)
	}
	return out
}

// fields are the lines of a specification, each from facts.
func (f *Facts) fields(in *detect.Integration) []Field {
	var out []Field
	add := func(name, text string, at scanners.Position) {
		if text != "" {
			out = append(out, Field{name, text, at})
		}
	}
	none := scanners.Position{}
	purpose, at := f.purpose(in)
	add("Purpose", purpose, at)
	if p := f.patternOf(in.ID); p != nil {
		add("Pattern", f.pattern(in.ID)+": "+p.Reason, p.Position)
	}
	protocol, protocolAt := in.Protocol, none
	for _, v := range f.Versions.Protocols {
		if v.Integration == in.ID {
			protocol, protocolAt = strings.TrimSpace(protocol+" "+v.Setting+" "+v.Value), v.Position
		}
	}
	add("Protocol", protocol, protocolAt)
	add("Authentication", f.authentication(in.ID), f.authenticationAt(in.ID))
	add("Configuration", strings.Join(firstNames(in.Variables, 10), ", "), none)
	format, formatAt := f.format(in.ID)
	add("Data format", format, formatAt)
	add("When it fails", f.errorHandling(in.ID), none)
	add("Performance", f.performance(in.ID), none)
	if a := f.risks[in.ID]; a != nil {
		add("Monitoring", fmt.Sprintf("%d of %d calls are in a trace or metric", a.Calls-a.NoMonitoring, a.Calls), none)
		add("Criticality", fmt.Sprintf("%s: %s", a.Criticality, a.Why), none)
		add("Risk", fmt.Sprintf("%s: %s", a.Risk, a.RiskWhy), none)
	}
	version, versionAt := f.version(in)
	add("Version", version, versionAt)
	return out
}

// purpose says what the integration is used for, by what the code does with it: the
// names that it touches and the packages that call it.
func (f *Facts) purpose(in *detect.Integration) (string, scanners.Position) {
	var touched []string
	for _, r := range f.Data.Resources {
		if r.Integration == in.ID {
			touched = append(touched, r.Name)
		}
	}
	for _, c := range f.Channels {
		if c.Integration == in.ID && c.Name != "" && !slices.Contains(touched, c.Name) {
			touched = append(touched, c.Name)
		}
	}
	var folders []string
	for _, s := range f.sites[in.ID] {
		if dir := folder(s.File); !slices.Contains(folders, dir) {
			folders = append(folders, dir)
		}
	}
	var parts []string
	if len(touched) > 0 {
		parts = append(parts, "holds or carries "+strings.Join(firstNames(touched, 8), ", "))
	}
	if len(folders) > 0 {
		parts = append(parts, "called from "+strings.Join(firstNames(folders, 5), ", "))
	} else if len(in.Evidence) > 0 {
		parts = append(parts, in.Evidence[0].Detail)
	}
	return strings.Join(parts, "; "), firstEvidence(in)
}

func folder(file string) string {
	if i := strings.LastIndexByte(file, '/'); i >= 0 {
		return file[:i]
	}
	return "the root package"
}

func (f *Facts) authenticationAt(id string) scanners.Position {
	for _, a := range f.Security.Authentication {
		if a.Integration == id {
			return a.Position
		}
	}
	return scanners.Position{}
}

func (f *Facts) format(id string) (string, scanners.Position) {
	var names []string
	var at scanners.Position
	for _, c := range f.Formats.Codings {
		if c.Integration == id && !c.Inbound {
			if at.File == "" {
				at = c.Position
			}
			if !slices.Contains(names, c.Format) {
				names = append(names, c.Format)
			}
		}
	}
	return strings.Join(names, ", "), at
}

// version names the client libraries in use, the API versions that the code pins,
// and what stands against them.
func (f *Facts) version(in *detect.Integration) (string, scanners.Position) {
	parts := firstNames(in.Libraries, 4)
	var at scanners.Position
	for _, a := range f.Versions.APIs {
		if a.Integration == in.ID {
			at = a.Position
			parts = append(parts, "pins "+strings.TrimSpace(a.Name+" "+a.Value))
		}
	}
	for _, fd := range f.findings[in.ID] {
		if fd.Rule == "version-client-retired" {
			parts = append(parts, fd.Message)
		}
	}
	return strings.Join(slices.Compact(parts), "; "), at
}

func (s Specifications) section() document.Section {
	sec := document.Section{ID: "specification", Title: "Specification of each integration"}
	if len(s) == 0 {
		sec.Blocks = nothing("There is no integration to specify.")
		return sec
	}
	for i := range s {
		sec.Sections = append(sec.Sections, s[i].section())
	}
	return sec
}

// maxEvidence bounds the proofs and maxSpecCalls the calls that the document lists
// for one integration.
const (
	maxEvidence  = 6
	maxSpecCalls = 12
)

func (s *Specification) section() document.Section {
	sec := document.Section{ID: Anchor(s.Integration), Title: s.Name}
	t := document.Table{Head: []string{"Field", "Today", "Proof"}}
	for _, fd := range s.Fields {
		t.Rows = append(t.Rows, []document.Text{document.T(fd.Name), document.T(fd.Text), document.T(fd.At)})
	}
	sec.Blocks = append(sec.Blocks, t)
	if s.Block != nil {
		sec.Blocks = append(sec.Blocks, document.Code{Language: "yaml", Text: s.Block.YAML()})
	}
	if len(s.Calls) > 0 {
		calls := document.Table{Head: []string{"Call", "At", "Timeout", "Retry", "Monitoring"}}
		for _, c := range s.Calls[:min(len(s.Calls), maxSpecCalls)] {
			calls.Rows = append(calls.Rows, []document.Text{document.T(document.C(c.Call)), document.T(c.At), document.T(string(c.Timeout)), document.T(string(c.Retry)), document.T(string(c.Monitoring))})
		}
		sec.Blocks = append(sec.Blocks, calls)
		if more := len(s.Calls) - maxSpecCalls; more > 0 {
			sec.Blocks = append(sec.Blocks, document.P(scanners.CountAs(more, "more call stands", "more calls stand"), " in the plan's JSON."))
		}
	}
	for _, fd := range s.Findings {
		sec.Blocks = append(sec.Blocks, document.P(document.B(fd.Severity), " ", fd.At, " ", fd.Message, ". ", fd.Remediation, " ", document.C(fd.Rule)))
	}
	var items []document.Text
	evidence := s.besideCalls()
	for _, e := range evidence[:min(len(evidence), maxEvidence)] {
		items = append(items, document.T(e.Position, " ", e.Detail))
	}
	if more := len(evidence) - maxEvidence; more > 0 {
		items = append(items, document.T(scanners.CountAs(more, "more place", "more places")))
	}
	if len(items) > 0 {
		sec.Blocks = append(sec.Blocks, document.List{Items: items})
	}
	return sec
}

// besideCalls is the evidence that the table of calls does not show already.
func (s *Specification) besideCalls() []detect.Evidence {
	shown := map[scanners.Position]bool{}
	for _, c := range s.Calls[:min(len(s.Calls), maxSpecCalls)] {
		shown[c.At] = true
	}
	return slices.DeleteFunc(slices.Clone(s.Evidence), func(e detect.Evidence) bool { return shown[e.Position] })
}
