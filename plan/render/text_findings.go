package render

import (
	"fmt"
	"strings"

	"github.com/intscan/intscan/plan/rules"
	"github.com/intscan/intscan/scanners"
)

// findings shows what counts, the gravest first, with the change that mends it.
func (t *text) findings() {
	var list []rules.Finding
	known, suppressed := 0, 0
	bySeverity := map[rules.Severity]int{}
	for _, f := range t.r.Findings {
		switch {
		case f.Suppressed != nil:
			suppressed++
		case f.Known:
			known++
		default:
			list = append(list, f)
			bySeverity[f.Severity]++
		}
	}
	if len(t.r.Findings) == 0 || t.o.Quiet && len(list) == 0 {
		return
	}
	var note []string
	for _, s := range rules.Severities {
		note = append(note, fmt.Sprintf("%d %s", bySeverity[s], s))
	}
	if known > 0 {
		note = append(note, fmt.Sprintf("%d in %s", known, t.r.Gate.Base))
	}
	note = append(note, fmt.Sprintf("%d suppressed", suppressed))
	t.head("Findings", listing(note...))
	shown := t.limit(len(list), capFindings)
	for _, f := range list[:shown] {
		t.finding(f)
	}
	t.more(len(list) - shown)
}

// drift shows what differs from the lock file.
func (t *text) drift() {
	if len(t.r.Drift) == 0 {
		return
	}
	t.head("Drift", scanners.Count(len(t.r.Drift), "difference")+" from the lock file")
	t.changes(t.r.Drift)
}

// textWidth is how wide the sentences of a finding run.
const textWidth = 100

func (t *text) finding(f rules.Finding) {
	t.line(cell{"  ", plain}, cell{fmt.Sprintf("%-8s", f.Severity), gravity(f.Severity)}, cell{"  ", plain},
		cell{f.Position.Place(), bold}, cell{"  " + f.Rule, dim})
	for _, l := range wrap(f.Message, textWidth) {
		t.line(cell{"            " + l, plain})
	}
	for i, l := range wrap(f.Remediation, textWidth) {
		lead := "            → "
		if i > 0 {
			lead = "              "
		}
		t.line(cell{lead, dim}, cell{l, dim})
	}
	if !t.o.Verbose {
		return
	}
	for l := range strings.Lines(f.Example) {
		t.line(cell{"                " + strings.ReplaceAll(strings.TrimRight(l, "\n"), "\t", "    "), good})
	}
	for _, r := range f.Related {
		t.line(cell{"            · ", dim}, cell{r.Position.Place(), plain}, cell{"  " + r.What, dim})
	}
	t.line(cell{"            " + string(f.Severity) + " because: " + f.Why, dim})
}
