package plan

import (
	"fmt"
	"slices"

	"github.com/intscan/intscan/plan/rules"
	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/suppress"
)

// silencer marks the findings that comments in the code silence.
type silencer struct {
	directives []suppress.Directive
	used       map[use]bool
	known      []string // the rules that there are
	calls      map[scanners.Position]bool
}

func newSilencer(directives []suppress.Directive, r *Report) *silencer {
	s := &silencer{directives: directives, used: map[use]bool{}, calls: map[scanners.Position]bool{}}
	for _, rule := range r.Rules() {
		s.known = append(s.known, rule.ID)
	}
	for i := range r.CallSites {
		s.calls[r.CallSites[i].Position] = true
	}
	return s
}

// isCall: a place is that of a call to an integration.
func (s *silencer) isCall(at scanners.Position) bool { return s.calls[at] }

// use is one rule of one directive.
type use struct {
	directive int
	rule      string
}

func (s *silencer) apply(findings []rules.Finding) {
	for i := range findings {
		f := &findings[i]
		var first *suppress.Directive
		inside := func(at scanners.Position) bool {
			d := s.covering(f.Rule, at)
			if d == nil {
				return false
			}
			if first == nil {
				first = d
			}
			return true
		}
		if f.Within(inside, s.isCall) {
			f.Suppressed = &rules.Suppression{Position: first.Position, Reason: first.Reason}
			continue
		}
		// A comment at one of several calls does its part, though the finding stays.
		for _, r := range f.Related {
			s.covering(f.Rule, r.Position)
		}
	}
}

// covering is the innermost directive for a rule at a place; it counts as used.
func (s *silencer) covering(rule string, at scanners.Position) *suppress.Directive {
	best := -1
	for i := range s.directives {
		d := &s.directives[i]
		if d.Covers(at) && slices.Contains(d.Rules, rule) && (best < 0 || d.Last-d.First < s.directives[best].Last-s.directives[best].First) {
			best = i
		}
	}
	if best < 0 {
		return nil
	}
	s.used[use{best, rule}] = true
	return &s.directives[best]
}

// diagnostics tells of rules that do not exist and of those that silence nothing.
func (s *silencer) diagnostics(ran func(rule string) bool) []scanners.Diagnostic {
	var out []scanners.Diagnostic
	for i, d := range s.directives {
		for _, rule := range d.Rules {
			tell := scanners.Diagnostic{Severity: scanners.SeverityWarning, Scanner: "suppress", Position: d.Position}
			switch {
			case !slices.Contains(s.known, rule):
				tell.Message = fmt.Sprintf("intscan:ignore names the rule %s, which does not exist; intscan rules lists them", rule)
				if near := scanners.Nearest(rule, s.known); near != "" {
					tell.Message = fmt.Sprintf("intscan:ignore names the rule %s, which does not exist; did you mean %s?", rule, near)
				}
			case !s.used[use{i, rule}] && ran(rule):
				tell.Severity = scanners.SeverityInfo
				tell.Message = fmt.Sprintf("intscan:ignore %s silences nothing here any more; drop it", rule)
			default:
				continue
			}
			out = append(out, tell)
		}
	}
	return out
}
