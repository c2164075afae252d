package render

import (
	"io"
	"net/url"
	"slices"
	"strings"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/plan"
	"github.com/intscan/intscan/plan/rules"
	"github.com/intscan/intscan/scanners"
)

const (
	homepage = "https://github.com/intscan/intscan"
	rulePage = homepage + "/blob/main/plan/rules/RULES.md#"
	// fingerprintKey is our own: GitHub warns of tools that fill its own
	// primaryLocationLineHash by another algorithm (github/codeql-action#4052).
	fingerprintKey = "intscan/v1"
	// GitHub shows at most 5,000 results of a run and 100 locations of a result.
	maxResults   = 5000
	maxLocations = 100
	// maxFlows bounds how many calls of one finding tell their way.
	maxFlows = 5
	rootBase = "%SRCROOT%"
)

// SARIF writes the findings in SARIF 2.1.0, as GitHub code scanning takes them.
// Findings that the baseline knows or a comment silences are marked, not dropped:
// code scanning would close and reopen their alerts.
func SARIF(w io.Writer, r *plan.Report) error {
	run := sarif.NewRunWithInformationURI("intscan", homepage)
	run.Tool.Driver.WithSemanticVersion(version(r))
	run.WithColumnKind("utf16CodeUnits").WithOriginalUriBaseIds(map[string]sarif.ArtifactLocation{
		rootBase: *sarif.NewArtifactLocation().WithDescription(sarif.NewTextMessage("the root of what was scanned")),
	})
	index := map[string]int{}
	for i, rule := range r.Rules() {
		index[rule.ID] = i
		run.Tool.Driver.AddRule(descriptor(rule))
	}
	run.AddInvocation(invocation(r))
	sites := map[scanners.Position]*detect.CallSite{}
	for i := range r.CallSites {
		sites[r.CallSites[i].Position] = &r.CallSites[i]
	}
	for i := range r.Findings[:min(len(r.Findings), maxResults)] {
		run.AddResult(result(&r.Findings[i], index, r.Gate != nil && r.Gate.Base != "", sites))
	}
	report := sarif.NewReport()
	report.AddRun(run)
	return report.PrettyWrite(w)
}

// version is that of the program that made the report.
func version(r *plan.Report) string {
	if r.Version == "" {
		return "0.0.0"
	}
	return strings.TrimPrefix(r.Version, "v")
}

func descriptor(r rules.Rule) *sarif.ReportingDescriptor {
	text := r.Rationale + "\n\n" + r.Remedy
	help := "**" + r.Title + "**\n\n" + r.Rationale + "\n\n" + r.Remedy + "\n\n```go\n" + strings.TrimSpace(r.Example) + "\n```\n\nIt is silent when: " + r.Silent
	d := sarif.NewReportingDescriptor().
		WithID(r.ID).WithName(camel(r.ID)).WithHelpURI(rulePage + r.ID).
		WithShortDescription(sarif.NewMultiformatMessageString().WithText(r.Title)).
		WithFullDescription(sarif.NewMultiformatMessageString().WithText(r.Rationale)).
		WithHelp(sarif.NewMultiformatMessageString().WithText(text).WithMarkdown(help)).
		WithDefaultConfiguration(sarif.NewReportingConfiguration().WithEnabled(true).WithLevel(level(r.Severity)))
	properties := sarif.NewPropertyBag().WithTags([]string{string(r.Category), "resilience"})
	properties.Add("precision", "high").Add("problem.severity", problem(r.Severity))
	return d.WithProperties(properties)
}

// camel writes an ID as SARIF's examples write names: TimeoutHttpClient.
func camel(id string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(id, "-") {
		if part != "" {
			b.WriteString(strings.ToUpper(part[:1]) + part[1:])
		}
	}
	return b.String()
}

func level(s rules.Severity) string {
	switch {
	case s.Rank() <= rules.High.Rank():
		return sarif.LevelError
	case s == rules.Medium:
		return sarif.LevelWarning
	}
	return sarif.LevelNote
}

// problem is GitHub's property of the same meaning.
func problem(s rules.Severity) string {
	return map[string]string{sarif.LevelError: "error", sarif.LevelWarning: "warning", sarif.LevelNote: "recommendation"}[level(s)]
}

func result(f *rules.Finding, index map[string]int, compared bool, sites map[scanners.Position]*detect.CallSite) *sarif.Result {
	res := sarif.NewRuleResult(f.Rule).WithLevel(level(f.Severity)).
		WithMessage(sarif.NewTextMessage(f.Message + "\n" + f.Remediation)).
		WithPartialFingerprints(map[string]string{fingerprintKey: f.Fingerprint})
	if i, ok := index[f.Rule]; ok {
		res.WithRuleIndex(i)
	}
	res.AddLocation(location(f.Position))
	for i, rel := range f.Related[:min(len(f.Related), maxLocations)] {
		res.AddRelatedLocation(location(rel.Position).WithID(i + 1).WithMessage(sarif.NewTextMessage(rel.What)))
	}
	for _, rel := range f.Related[:min(len(f.Related), maxFlows)] {
		if s := sites[rel.Position]; s != nil {
			if flow := codeFlow(s); flow != nil {
				res.AddCodeFlow(flow)
			}
		}
	}
	if compared {
		state := "new"
		if f.Known {
			state = "unchanged"
		}
		res.WithBaselineState(state)
	}
	if s := f.Suppressed; s != nil {
		kind := "inSource"
		if s.External {
			kind = "external"
		}
		res.AddSuppression(sarif.NewSuppression().WithKind(kind).WithJustification(s.Reason).WithLocation(location(s.Position)))
	}
	properties := sarif.NewPropertyBag()
	properties.Add("severity", string(f.Severity)).Add("why", f.Why)
	if f.Integration != "" {
		properties.Add("integration", f.Integration)
	}
	return res.WithProperties(properties)
}

// codeFlow tells how the client gets to the call, and the context.
func codeFlow(s *detect.CallSite) *sarif.CodeFlow {
	var way []*sarif.ThreadFlowLocation
	add := func(at scanners.Position, what string) {
		if at.File != "" {
			way = append(way, sarif.NewThreadFlowLocation().WithLocation(location(at).WithMessage(sarif.NewTextMessage(what))))
		}
	}
	for _, step := range slices.Backward(s.Client) {
		add(step.Position, step.What)
	}
	for _, step := range slices.Backward(s.Timeout.Path) {
		add(step.Position, step.What)
	}
	if len(way) == 0 {
		return nil
	}
	add(s.Position, detect.ShortCall(s.Call))
	return sarif.NewCodeFlow().AddThreadFlow(sarif.NewThreadFlow().WithLocations(way))
}

// location is a place in the repository. What has no line, such as a finding on a
// file as a whole, is shown on the first.
func location(at scanners.Position) *sarif.Location {
	region := sarif.NewRegion().WithStartLine(max(at.Line, 1))
	if at.Column > 0 {
		region.WithStartColumn(at.Column)
	}
	file := (&url.URL{Path: at.File}).EscapedPath()
	if first, _, _ := strings.Cut(file, "/"); strings.Contains(first, ":") {
		file = "./" + file // else the part before the colon would be a scheme
	}
	return sarif.NewLocation().WithPhysicalLocation(sarif.NewPhysicalLocation().
		WithArtifactLocation(sarif.NewArtifactLocation().WithURI(file).WithURIBaseID(rootBase)).WithRegion(region))
}

// invocation tells how the scan went: what could not be read.
func invocation(r *plan.Report) *sarif.Invocation {
	inv := sarif.NewInvocation().WithExecutionSuccessful(true)
	for _, d := range r.Diagnostics {
		n := sarif.NewNotification().WithLevel(map[scanners.Severity]string{
			scanners.SeverityError: sarif.LevelError, scanners.SeverityWarning: sarif.LevelWarning, scanners.SeverityInfo: sarif.LevelNote,
		}[d.Severity]).WithMessage(sarif.NewTextMessage(d.Message))
		if d.File != "" {
			n.AddLocation(location(d.Position))
		}
		inv.AddToolExecutionNotification(n)
	}
	return inv
}
