package rules

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/plan/risk"
)

// maxRelated bounds how many places one finding lists.
const maxRelated = 100

func (v *view) finding(r *Rule, h hit) Finding {
	f := Finding{
		Rule: r.ID, Position: h.at, Integration: h.integration, Integrations: several(h.integrations), Anchor: h.anchor, Message: h.message,
		Remediation: cmp.Or(h.remedy, r.Remedy), Example: strings.TrimSpace(cmp.Or(h.example, r.Example)), Related: h.related,
	}
	if f.Related == nil {
		f.Related = []Related{}
	}
	f.Related = f.Related[:min(len(f.Related), maxRelated)]
	f.Severity, f.Why = v.severity(r, h)
	return f
}

// Touches lists the integrations that the cause concerns.
func (f *Finding) Touches() []string {
	switch {
	case len(f.Integrations) > 0:
		return f.Integrations
	case f.Integration != "":
		return []string{f.Integration}
	}
	return nil
}

// several sorts the integrations of a cause, of which one alone is not listed.
func several(ids []string) []string {
	out := slices.Sorted(slices.Values(ids))
	if out = slices.Compact(out); len(out) < 2 {
		return nil
	}
	return out
}

// severity lowers the rule's own by one step where the integration is less than
// critical or high, and by one where no request waits for the call.
func (v *view) severity(r *Rule, h hit) (Severity, string) {
	if h.severity != "" {
		return h.severity, "the rule's own severity"
	}
	rank := cmp.Or(h.base, r.Severity).Rank()
	var why []string
	id := cmp.Or(h.integration, h.gravest)
	if a := v.risks[id]; a != nil {
		why = append(why, fmt.Sprintf("%s is %s (%s)", v.name(id), a.Criticality, a.Why))
		if a.Criticality.Rank() < risk.High.Rank() {
			rank++
		}
	}
	switch h.phase {
	case detect.PhaseRequest:
		why = append(why, "called while a request waits")
	case detect.PhaseConsume:
		why = append(why, "called while a message is handled")
	case detect.PhaseJob:
		why = append(why, "called by a job or in the background")
		rank++
	case detect.PhaseStart:
		why = append(why, "called at start-up")
		rank++
	case detect.PhaseLibrary:
		why = append(why, "no entry point is known to lead to it")
		rank++
	}
	if len(why) == 0 {
		why = []string{"the rule's own severity"}
	}
	return Severities[min(rank, len(Severities)-1)], strings.Join(why, "; ")
}

// number gives each finding its fingerprint: the rule, the integration and the
// anchor, never a line; several of the same are counted in their order.
func number(all []Finding) {
	seen := map[string]int{}
	order := make([]*Finding, len(all))
	for i := range all {
		order[i] = &all[i]
	}
	slices.SortStableFunc(order, func(a, b *Finding) int { return a.Position.Compare(b.Position) })
	for _, f := range order {
		key := strings.Join([]string{f.Rule, f.Integration, f.Anchor}, "\x00")
		seen[key]++
		sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d", key, seen[key]))
		f.Fingerprint = fmt.Sprintf("%x", sum[:10])
	}
}
