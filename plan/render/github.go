package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/intscan/intscan/plan"
	"github.com/intscan/intscan/plan/rules"
)

// GitHub writes the findings that count as workflow commands, which GitHub Actions
// shows beside the lines of a pull request.
func GitHub(w io.Writer, r *plan.Report) error {
	for _, f := range counting(r) {
		command := map[string]string{"error": "error", "warning": "warning", "note": "notice"}[level(f.Severity)]
		column := ""
		if f.Column > 0 {
			column = fmt.Sprintf(",col=%d", f.Column)
		}
		_, err := fmt.Fprintf(w, "::%s file=%s,line=%d%s,title=%s::%s\n", command, githubProperty(f.File), max(f.Line, 1), column,
			githubProperty(f.Rule+" ("+string(f.Severity)+")"), githubText(f.Message+"\n"+f.Remediation))
		if err != nil {
			return err
		}
	}
	return nil
}

// counting are the findings that neither the baseline knows nor a comment silences.
func counting(r *plan.Report) []rules.Finding {
	var out []rules.Finding
	for _, f := range r.Findings {
		if !f.Known && f.Suppressed == nil {
			out = append(out, f)
		}
	}
	return out
}

// What the runner takes for syntax is written as it decodes it again (actions/toolkit,
// packages/core/src/command.ts).
var (
	githubData = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	githubProp = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

func githubText(s string) string     { return githubData.Replace(strings.ToValidUTF8(s, "\uFFFD")) }
func githubProperty(s string) string { return githubProp.Replace(strings.ToValidUTF8(s, "\uFFFD")) }
