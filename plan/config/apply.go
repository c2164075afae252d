package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/plan/gate"
	"github.com/intscan/intscan/plan/risk"
	"github.com/intscan/intscan/plan/rules"
	"github.com/intscan/intscan/scanners"
)

// set says where a line of the file sets something.
func (c *Config) set(line int) string { return fmt.Sprintf("set in %s:%d", c.Name, line) }

// Options say which rules run and how grave their findings are.
func (c *Config) Options() rules.Options {
	if c == nil {
		return rules.Options{}
	}
	o := rules.Options{Catalog: c.System(), Severities: map[string]rules.Graded{}}
	for _, id := range slices.Sorted(maps.Keys(c.Rules)) {
		switch w := c.Rules[id]; w.Text {
		case "off":
			o.Off = append(o.Off, id)
		case "on":
		default:
			o.Severities[id] = rules.Graded{Severity: rules.Severity(w.Text), Why: c.set(w.Line)}
		}
	}
	for i := range c.Policies {
		o.Policies = append(o.Policies, c.policy(&c.Policies[i]))
	}
	return o
}

func (c *Config) policy(p *Policy) rules.Policy {
	out := rules.Policy{
		Name: p.Name.Text, Why: p.Reason, Remedy: p.Remedy, Severity: rules.Medium,
		Origin:  fmt.Sprintf("%s:%d", c.Name, p.Line),
		For:     p.Match.covers,
		Timeout: p.Require.Timeout.Set, MaxTimeout: p.Require.Timeout.Max,
		Retry: p.Require.Retry, Monitoring: p.Require.Monitoring, Breaker: p.Require.Breaker,
	}
	if p.Severity.Text != "" {
		out.Severity = rules.Severity(p.Severity.Text)
	}
	return out
}

func (m *Match) covers(in *detect.Integration, s *detect.CallSite) bool {
	return (len(m.Kind) == 0 || hasWord(m.Kind, in.Kind)) &&
		(len(m.Integration) == 0 || anyMatches(m.Integration, in.ID)) &&
		(m.External == nil || *m.External == !in.Internal) &&
		(len(m.Phase) == 0 || hasWord(m.Phase, string(s.Phase)))
}

func hasWord(words []Word, text string) bool {
	return slices.ContainsFunc(words, func(w Word) bool { return w.Text == text })
}

// Given are the criticalities that the file sets. Ids that nothing in the report has
// are told of: they do nothing.
func (c *Config) Given(r *detect.Result) (map[string]risk.Given, []scanners.Diagnostic) {
	if c == nil {
		return nil, nil
	}
	var ids []string
	for _, in := range r.Integrations {
		ids = append(ids, in.ID)
	}
	out := map[string]risk.Given{}
	var diags []scanners.Diagnostic
	for _, id := range slices.Sorted(maps.Keys(c.Criticality)) {
		w := c.Criticality[id]
		out[id] = risk.Given{Criticality: risk.Level(w.Text), Why: c.set(w.Line)}
		if !slices.Contains(ids, id) {
			text := fmt.Sprintf("criticality: no integration has the id %s", quoted(id))
			if near := scanners.Nearest(id, ids); near != "" {
				text += "; did you mean " + near + "?"
			}
			diags = append(diags, c.tell(w.Line, scanners.SeverityWarning, text))
		}
	}
	return out, append(diags, c.ownPackages(r)...)
}

// ownPackages tells of packages in the file's catalog that are part of the repository:
// their code is read like all of it, so an entry does nothing.
func (c *Config) ownPackages(r *detect.Result) []scanners.Diagnostic {
	var diags []scanners.Diagnostic
	for _, s := range c.Catalog.Systems {
		for _, l := range s.Libraries {
			for _, pkg := range l.Packages {
				own := slices.ContainsFunc(r.Repository.Modules, func(m detect.Module) bool {
					return m.Path != "" && strings.HasPrefix(pkg+"/", m.Path+"/")
				})
				if own {
					diags = append(diags, c.tell(0, scanners.SeverityWarning, fmt.Sprintf("catalog: %s is a package of this repository, whose own calls are judged; an entry is for libraries of other modules", pkg)))
				}
			}
		}
	}
	return diags
}

// Diagnostics of the configuration have this scanner.
const scanner = "configuration"

func (c *Config) tell(line int, s scanners.Severity, text string) scanners.Diagnostic {
	return scanners.Diagnostic{Severity: s, Scanner: scanner, Position: scanners.Position{File: c.Name, Line: line}, Message: text}
}

// Limits are the severities at which findings fail a run. failOn, where it is not "",
// was given for this run and goes before fail-on; where it says none, nothing fails.
func (c *Config) Limits(failOn rules.Severity) gate.Limits {
	l := gate.Limits{FailOn: failOn}
	if c == nil || failOn == gate.None {
		return l
	}
	if failOn == "" {
		l.FailOn = rules.Severity(c.FailOn.Text)
	}
	l.Rules, l.Kinds = severitiesOf(c.FailOnRules), severitiesOf(c.FailOnKinds)
	return l
}

func severitiesOf(words map[string]Word) map[string]rules.Severity {
	out := map[string]rules.Severity{}
	for id, w := range words {
		out[id] = rules.Severity(w.Text)
	}
	return out
}

// Tags are the build tags by which Go files are chosen: true for those that are set,
// false for those that never are.
func (c *Config) Tags() map[string]bool {
	if c == nil {
		return nil
	}
	out := map[string]bool{}
	for _, t := range c.BuildTags {
		name, never := strings.CutPrefix(t.Text, "!")
		out[name] = !never
	}
	return out
}

// Silence marks the findings that the file accepts. What is expired on the day of the
// scan or, among rules that ran, silences nothing is told of.
func (c *Config) Silence(findings []rules.Finding, ran func(rule string) bool, isCall func(scanners.Position) bool, today time.Time) []scanners.Diagnostic {
	if c == nil {
		return nil
	}
	var diags []scanners.Diagnostic
	for i := range c.Suppressions {
		s := &c.Suppressions[i]
		used := false
		expired := !s.Until.Day.IsZero() && today.After(s.Until.Day.AddDate(0, 0, 1))
		for j := range findings {
			f := &findings[j]
			if !c.accepts(s, f, isCall) {
				continue
			}
			used = true
			if !expired && f.Suppressed == nil {
				f.Suppressed = &rules.Suppression{Position: scanners.Position{File: c.Name, Line: s.Line}, Reason: scanners.Redact(s.Reason), External: true}
			}
		}
		everyRan := !slices.ContainsFunc(s.Rule, func(w Word) bool { return !ran(w.Text) })
		switch {
		case expired && used:
			diags = append(diags, c.tell(s.Line, scanners.SeverityWarning, fmt.Sprintf("this suppression expired after %s; its findings count again", s.Until.Day.Format(time.DateOnly))))
		case !used && everyRan:
			diags = append(diags, c.tell(s.Line, scanners.SeverityInfo, "this suppression silences nothing any more; drop it"))
		}
	}
	return diags
}

// accepts: the finding is on one of the integrations, and it or all its calls stand
// under one of the paths.
func (c *Config) accepts(s *Suppression, f *rules.Finding, isCall func(scanners.Position) bool) bool {
	if !hasWord(s.Rule, f.Rule) || len(s.Integration) > 0 && !anyMatches(s.Integration, f.Integration) {
		return false
	}
	return len(s.Path) == 0 || f.Within(func(at scanners.Position) bool { return anyMatches(s.Path, c.path(at.File)) }, isCall)
}
