package rules

import (
	"cmp"
	"slices"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/plan/risk"
)

// Options say which rules run and how grave their findings are. The zero value runs
// all of them as they are.
type Options struct {
	// Catalog is what the result was detected with; nil is the shipped one.
	Catalog *catalog.Catalog
	// Only, where it is not empty, are the rules that run; Off those that do not.
	Only, Off []string
	// Severities replace those of a rule's findings, by rule.
	Severities map[string]Graded
	// Policies are rules of the team's own.
	Policies []Policy
}

// Graded is a severity that people set; Why says where.
type Graded struct {
	Severity Severity
	Why      string
}

// Runs reports whether a rule runs.
func (o Options) Runs(id string) bool {
	return (len(o.Only) == 0 || slices.Contains(o.Only, id)) && !slices.Contains(o.Off, id)
}

// Check runs the rules and gives the findings, the gravest first.
func (o Options) Check(r *detect.Result, risks []risk.Assessment) []Finding {
	if o.Catalog == nil {
		o.Catalog = catalog.Shipped()
	}
	v := newView(r, risks, o)
	out := []Finding{}
	for _, rule := range slices.Concat(All(), PolicyRules(o.Policies)) {
		if !o.Runs(rule.ID) {
			continue
		}
		rule.check(v, func(h hit) {
			f := v.finding(&rule, h)
			if g, ok := o.Severities[rule.ID]; ok {
				f.Severity, f.Why = g.Severity, g.Why
			}
			out = append(out, f)
		})
	}
	slices.SortStableFunc(out, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Severity.Rank(), b.Severity.Rank()), a.Position.Compare(b.Position), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Anchor, b.Anchor))
	})
	number(out)
	return out
}
