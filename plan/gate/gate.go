package gate

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/plan/rules"
	"github.com/intscan/intscan/scanners"
)

// None is the severity at which no finding fails.
const None rules.Severity = "none"

// ParseSeverity reads the value of --fail-on.
func ParseSeverity(s string) (rules.Severity, error) {
	if s == string(None) {
		return None, nil
	}
	for _, have := range rules.Severities {
		if s == string(have) {
			return have, nil
		}
	}
	return None, fmt.Errorf("%s is none of none, low, medium, high, critical", s)
}

// Outcome is what the gate decided.
type Outcome struct {
	FailOn rules.Severity `json:"fail_on"`
	// Single: some rules or kinds of integrations have a severity of their own.
	Single bool `json:"single_limits,omitempty"`
	// Failing counts the findings that fail the run, New those that count at all.
	Failing    int     `json:"failing"`
	New        int     `json:"new"`
	Known      int     `json:"known"`
	Suppressed int     `json:"suppressed"`
	Stale      []Entry `json:"stale"`
	// Base is what knows them, for people: "the baseline", or the name of a revision.
	Base string `json:"base,omitempty"`
	// Drifted counts the differences from the lock file that fail the run.
	Drifted int `json:"drifted,omitempty"`
}

// Failed: the run does not pass.
func (o Outcome) Failed() bool { return o.Failing > 0 || o.Drifted > 0 }

// Limits are the severities at which findings fail a run: one for all, and before it
// those for single rules and for the kinds of integrations.
type Limits struct {
	FailOn       rules.Severity
	Rules, Kinds map[string]rules.Severity
	// KindOf gives the kind of an integration, by id; nil where Kinds is empty.
	KindOf func(id string) string
}

// Any: some severity is set at which findings fail.
func (l Limits) Any() bool {
	return l.FailOn != None && l.FailOn != "" || len(l.Rules)+len(l.Kinds) > 0
}

func (l Limits) of(f *rules.Finding) rules.Severity {
	if s, ok := l.Rules[f.Rule]; ok {
		return s
	}
	if len(l.Kinds) > 0 && f.Integration != "" {
		if s, ok := l.Kinds[l.KindOf(f.Integration)]; ok {
			return s
		}
	}
	return cmp.Or(l.FailOn, None)
}

// Apply marks the findings of a scan that the baseline knows (which may be nil) and
// counts. One that the baseline knows in a better state says so, at the first place
// that has come.
func (l Limits) Apply(findings []rules.Finding, sites []detect.CallSite, b *Baseline) Outcome {
	o := Outcome{FailOn: cmp.Or(l.FailOn, None), Single: len(l.Rules)+len(l.Kinds) > 0, Stale: []Entry{}}
	if b != nil {
		m, names := b.Match(findings, sites), nameCalls(sites)
		for i := range findings {
			findings[i].Known = m.Known[i]
			if g, ok := m.grown[i]; ok {
				g.mark(&findings[i], names)
			}
		}
		o.Stale, o.Base = append(o.Stale, m.Stale...), b.name()
	}
	for i := range findings {
		switch f := &findings[i]; {
		case f.Suppressed != nil:
			o.Suppressed++
		case f.Known:
			o.Known++
		default:
			o.New++
			if limit := l.of(f); limit != None && f.Severity.Rank() <= limit.Rank() {
				o.Failing++
			}
		}
	}
	return o
}

// String says in one line what decided.
func (o Outcome) String() string {
	var aside []string
	if o.Known > 0 {
		aside = append(aside, fmt.Sprintf("%d in %s", o.Known, o.Base))
	}
	if n := len(o.Stale); n > 0 {
		from := o.Base
		if o.Known > 0 {
			from = "it"
		}
		aside = append(aside, fmt.Sprintf("%d gone from %s", n, from))
	}
	if o.Suppressed > 0 {
		aside = append(aside, fmt.Sprintf("%d suppressed", o.Suppressed))
	}
	others, beside := "", ""
	if len(aside) > 0 {
		others = "; " + strings.Join(aside, ", ")
		beside = "; beside them " + strings.Join(aside, ", ")
	}
	switch {
	case o.Drifted > 0 && o.Failing == 0:
		return fmt.Sprintf("failed: %s from the lock file; intscan lock writes it anew, in the same change%s", scanners.Count(o.Drifted, "difference"), beside)
	case o.New == 0 && o.Base != "":
		return "passed: nothing new" + others
	case o.New == 0:
		return "passed: no findings" + others
	case o.Single && o.Failing > 0:
		return fmt.Sprintf("failed: %s at or above the severity set for its rule or kind, of %d%s", scanners.Count(o.Failing, "finding"), o.New, beside)
	case o.Single:
		return fmt.Sprintf("passed: %s, none at or above the severity set for its rule or kind%s", scanners.Count(o.New, "finding"), beside)
	case o.FailOn == None:
		return fmt.Sprintf("passed: no severity fails this run, %s%s", scanners.Count(o.New, "finding"), beside)
	case o.Failing > 0:
		return fmt.Sprintf("failed: %s at or above %s, of %d%s", scanners.Count(o.Failing, "finding"), o.FailOn, o.New, beside)
	}
	return fmt.Sprintf("passed: %s, none at or above %s%s", scanners.Count(o.New, "finding"), o.FailOn, beside)
}
