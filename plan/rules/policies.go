package rules

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/scanners"
)

// Policies is the category of the rules that a team sets up itself. It is none of
// Categories: documentation shows no such rule.
const Policies Category = "policies"

// PolicyPrefix begins the IDs of policies' rules.
const PolicyPrefix = "policy-"

// Policy demands protections of the calls that it is for.
type Policy struct {
	// Name makes the rule's ID, and Why, Remedy and Severity are the rule's.
	Name, Why, Remedy string
	Severity          Severity
	Origin            string // where it is set, for people

	// For tells which calls it is for.
	For func(in *detect.Integration, s *detect.CallSite) bool
	// The demands: a bound (with MaxTimeout > 0 one that is no longer), repetition,
	// monitoring, a circuit breaker.
	Timeout, Retry, Monitoring, Breaker bool
	MaxTimeout                          time.Duration
}

// PolicyRules are the rules that policies make.
func PolicyRules(all []Policy) []Rule {
	var out []Rule
	for i := range all {
		p := &all[i]
		out = append(out, Rule{
			ID: PolicyPrefix + p.Name, Title: "Call without what the policy " + p.Name + " demands: " + p.demand(), Category: Policies, Severity: p.Severity,
			Rationale: cmp.Or(p.Why, "The team demands it in "+p.Origin+"."),
			Remedy:    cmp.Or(p.Remedy, "Give the calls "+p.demand()+"."),
			Silent:    "The code does not tell whether the policy is kept.",
			check:     p.check,
		})
	}
	return out
}

// demand says what the policy asks for: "a timeout of at most 10s, monitoring".
func (p *Policy) demand() string {
	var parts []string
	if p.Timeout {
		text := "a timeout"
		if p.MaxTimeout > 0 {
			text += " of at most " + short(p.MaxTimeout)
		}
		parts = append(parts, text)
	}
	for _, d := range []struct {
		on   bool
		text string
	}{{p.Retry, "a retry"}, {p.Monitoring, "monitoring"}, {p.Breaker, "a circuit breaker"}} {
		if d.on {
			parts = append(parts, d.text)
		}
	}
	return strings.Join(parts, ", ")
}

// short writes 10m0s as 10m.
func short(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

func (p *Policy) check(v *view, report func(hit)) {
	for _, d := range []struct {
		on      bool
		lacking string
		of      func(*detect.CallSite) detect.Verdict
	}{
		{p.Timeout, "no timeout", func(s *detect.CallSite) detect.Verdict { return s.Timeout }},
		{p.Retry, "no retry", func(s *detect.CallSite) detect.Verdict { return s.Retry }},
		{p.Monitoring, "no monitoring", func(s *detect.CallSite) detect.Verdict { return s.Monitoring }},
		{p.Breaker, "no circuit breaker", func(s *detect.CallSite) detect.Verdict { return s.Breaker }},
	} {
		if !d.on {
			continue
		}
		for _, c := range v.clients(func(s *detect.CallSite) bool { return d.of(s).Verdict == detect.Absent && p.concerns(v, s) }) {
			have := "have"
			if len(c.sites) == 1 {
				have = "has"
			}
			report(p.hit(c, d.lacking, fmt.Sprintf("%s %s %s; the policy %s (%s) demands %s.", v.subject(c), have, d.lacking, p.Name, p.Origin, p.demand())))
		}
	}
	if p.MaxTimeout > 0 {
		p.tooLong(v, report)
	}
}

func (p *Policy) concerns(v *view, s *detect.CallSite) bool {
	in := v.integrations[s.Integration]
	return in != nil && p.For(in, s) && !v.passesOn(s)
}

// tooLong reports the bounds over the maximum, each at the place that sets it.
func (p *Policy) tooLong(v *view, report func(hit)) {
	byBound := newGroups()
	for i := range v.CallSites {
		s := &v.CallSites[i]
		if !runs(s) || !p.over(s.Timeout) || !p.concerns(v, s) {
			continue
		}
		at, where := s.Timeout.Position, s.Timeout.Position.String()
		if at.File == "" || s.Timeout.Verdict == detect.Default {
			at, where = s.Position, s.Function // the library sets it
		}
		byBound.add(s.Integration+"\x00"+s.Timeout.Value+"\x00"+where, &cause{at: at, anchor: s.Function, sites: []*detect.CallSite{s}})
	}
	causes := byBound.list()
	for _, c := range causes {
		v.sort(c)
	}
	slices.SortStableFunc(causes, func(a, b *cause) int { return a.at.Compare(b.at) })
	for _, c := range causes {
		bound := c.sites[0].Timeout
		report(p.hit(c, "timeout too long", fmt.Sprintf("%s may take %s (%s); the policy %s (%s) allows %s.",
			v.subject(c), bound.Value, placed(bound), p.Name, p.Origin, short(p.MaxTimeout))))
	}
}

func (p *Policy) over(v detect.Verdict) bool {
	if v.Verdict != detect.Present && v.Verdict != detect.Default {
		return false
	}
	bound, err := time.ParseDuration(v.Value)
	return err == nil && bound > p.MaxTimeout
}

func placed(v detect.Verdict) string {
	if v.File == "" || v.Verdict == detect.Default {
		return v.Reason
	}
	return scanners.Position{File: v.File, Line: v.Line}.String()
}

func (p *Policy) hit(c *cause, lacking, message string) hit {
	return hit{
		at: c.at, integration: c.main(), anchor: lacking + ": " + c.anchor, message: message,
		related: c.related(), severity: p.Severity, phase: c.phase(),
	}
}
