package render

import (
	"io"

	"github.com/intscan/intscan/plan"
	"github.com/intscan/intscan/plan/rules"
)

// codeQualityIssue is an entry of GitLab's Code Quality report (docs.gitlab.com,
// "Code Quality report format").
type codeQualityIssue struct {
	Description string              `json:"description"`
	CheckName   string              `json:"check_name"`
	Fingerprint string              `json:"fingerprint"`
	Severity    string              `json:"severity"`
	Location    codeQualityLocation `json:"location"`
}

type codeQualityLocation struct {
	Path  string           `json:"path"`
	Lines codeQualityLines `json:"lines"`
}

type codeQualityLines struct {
	Begin int `json:"begin"`
}

// CodeQuality writes the findings that count for GitLab's merge requests.
func CodeQuality(w io.Writer, r *plan.Report) error {
	issues := []codeQualityIssue{}
	for _, f := range counting(r) {
		issues = append(issues, codeQualityIssue{
			Description: flat(f.Message + ". " + f.Remediation), CheckName: f.Rule, Fingerprint: f.Fingerprint,
			Severity: map[rules.Severity]string{rules.Critical: "blocker", rules.High: "critical", rules.Medium: "major", rules.Low: "minor"}[f.Severity],
			Location: codeQualityLocation{Path: f.File, Lines: codeQualityLines{Begin: max(f.Line, 1)}},
		})
	}
	return EncodeJSON(w, issues)
}
