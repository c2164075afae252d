package render

import (
	"fmt"
	"io"

	"github.com/intscan/intscan/plan"
	"github.com/intscan/intscan/plan/document"
	"github.com/intscan/intscan/plan/rules"
	"github.com/intscan/intscan/scanners"
)

// maxSummary bounds the findings of a summary; a comment has to stay readable, and
// forges cut long ones.
const maxSummary = 30

// Summary writes the scan as Markdown for a pull request comment or a job summary:
// what decided, what counts, and the map.
func Summary(w io.Writer, r *plan.Report) error {
	m := markdown{}
	m.line("### intscan: ", m.escape(r.Repository.Name))
	m.line()
	if r.Gate != nil {
		m.line("**", m.escape(r.Gate.String()), "**")
		m.line()
	}
	list := counting(r)
	bySeverity := map[rules.Severity]int{}
	for _, f := range list {
		bySeverity[f.Severity]++
	}
	var counts []string
	for _, s := range rules.Severities {
		counts = append(counts, fmt.Sprintf("%d %s", bySeverity[s], s))
	}
	m.line(m.escape(listing(append([]string{scanners.Count(len(r.Integrations), "integration"), scanners.Count(len(r.CallSites), "call"), scanners.CountAs(len(list), "finding", "findings")}, counts...)...)), ".")
	m.summaryFindings(list)
	if len(r.Drift) > 0 {
		m.line()
		m.line("**", scanners.Count(len(r.Drift), "difference"), " from the lock file**")
		m.line()
		m.changes(r.Drift)
	}
	if r.Plan != nil && len(r.Plan.Map.Nodes) > 0 {
		m.line()
		m.line("<details><summary>Map</summary>")
		m.line()
		m.fenced("mermaid", r.Plan.Map.Mermaid())
		m.line()
		m.line("</details>")
	}
	_, err := io.WriteString(w, m.b.String())
	return err
}

func (m *markdown) summaryFindings(list []rules.Finding) {
	if len(list) == 0 {
		return
	}
	t := document.Table{Head: []string{"Severity", "Place", "What", "Change"}}
	for _, f := range list[:min(len(list), maxSummary)] {
		t.Rows = append(t.Rows, []document.Text{
			document.T(string(f.Severity)), document.T(f.Position), document.T(f.Message, " ", document.C(f.Rule)), document.T(f.Remediation),
		})
	}
	m.line()
	m.table(t)
	if more := len(list) - maxSummary; more > 0 {
		m.line()
		m.line(fmt.Sprintf("%d more in the full report.", more))
	}
}
