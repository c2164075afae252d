// Package rules finds what is missing, one finding for each cause, with the change
// that mends it.
//
// A rule is one declaration: who it is for people, when it fires and when it stays
// silent. `intscan rules`, `intscan explain`, SARIF metadata and the rules' pages
// are made from it, and nothing is said of a rule anywhere else. A rule fires only
// on what the code shows to be absent; where detection answers unknown it stays
// silent.
//
// How much hangs on an integration is package risk's subject, how findings are
// printed package render's.
package rules

import (
	"cmp"
	"slices"
	"sync"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/plan/risk"
	"github.com/intscan/intscan/scanners"
)

// Severity says how grave a finding is.
type Severity string

// The severities, the gravest first.
const (
	Critical Severity = "critical"
	High     Severity = "high"
	Medium   Severity = "medium"
	Low      Severity = "low"
)

// Severities lists all, the gravest first.
var Severities = []Severity{Critical, High, Medium, Low}

// Rank is 0 for the gravest; an unknown severity ranks last.
func (s Severity) Rank() int {
	if i := slices.Index(Severities, s); i >= 0 {
		return i
	}
	return len(Severities)
}

// Category groups rules for people.
type Category string

// The categories, in the order in which documentation shows them.
const (
	Timeouts      Category = "timeouts"
	Retries       Category = "retries"
	Degradation   Category = "degradation"
	Pools         Category = "pools"
	Monitoring    Category = "monitoring"
	Configuration Category = "configuration"
	Contracts     Category = "contracts"
	Webhooks      Category = "webhooks"
	Versions      Category = "versions"
)

// Categories lists all.
var Categories = []Category{Timeouts, Retries, Degradation, Pools, Monitoring, Configuration, Contracts, Webhooks, Versions}

// Rule is one thing that may be missing or wrong.
type Rule struct {
	// ID is the stable name, CATEGORY-SUBJECT in kebab case: "timeout-http-client".
	ID string `json:"id"`
	// Title says in one line what is wrong, as a person would.
	Title    string   `json:"title"`
	Category Category `json:"category"`
	// Severity is the gravest that the rule gives: what it is on the path of a
	// request to a critical integration.
	Severity Severity `json:"severity"`
	// Rationale says what happens in production when nothing is done.
	Rationale string `json:"rationale"`
	// Remedy says what to do. A finding may say it more precisely.
	Remedy string `json:"remedy"`
	// Example is Go (or YAML, by the rule) that shows the remedy, where the
	// catalog has none for the very library in question.
	Example string `json:"example"`
	// Silent says when the rule does not fire though one might expect it to.
	Silent string `json:"silent"`
	// Since is the first version with the rule.
	Since string `json:"since"`

	check func(v *view, report func(hit))
}

// hit is what a rule's check finds: one cause.
type hit struct {
	at          scanners.Position // where the change is made
	integration string            // id of the first; "" where none is concerned
	// integrations are all that the cause touches, where it touches several, and
	// gravest the one that the severity follows from, where none is the first.
	integrations []string
	gravest      string
	// anchor is what the finding belongs to whatever line it stands on: a function's
	// symbol, a service, a variable. The fingerprint hangs on it.
	anchor  string
	message string
	// remedy and example replace the rule's own where they are set.
	remedy, example string
	// related are the calls and places that the cause touches.
	related []Related
	// severity, when set, is used as it is; else the rule's, lowered by what hangs
	// on the integration and when the calls are made.
	severity Severity
	base     Severity // the rule's in this very case, where it is less grave
	phase    detect.Phase
}

// Finding is one cause of trouble, at the place that would mend it.
type Finding struct {
	Rule     string   `json:"rule"`
	Severity Severity `json:"severity"`
	// Why says what the severity follows from.
	Why string `json:"why"`
	scanners.Position
	Integration string `json:"integration,omitempty"`
	// Integrations are all that the cause touches, where it touches several.
	Integrations []string `json:"integrations,omitempty"`
	// Anchor is what the finding belongs to whatever its line: a function, a service.
	Anchor      string `json:"anchor"`
	Message     string `json:"message"`
	Remediation string `json:"remediation"`
	Example     string `json:"example,omitempty"`
	// Related are the calls and places that the cause touches, worst first.
	Related []Related `json:"related"`
	// Fingerprint is stable while the code around the finding moves.
	Fingerprint string `json:"fingerprint"`
	// Suppressed is set where a comment or the configuration silences the finding.
	Suppressed *Suppression `json:"suppressed,omitempty"`
	// Known: the baseline has it.
	Known bool `json:"known,omitempty"`
}

// Suppression silences a finding, with the reason that its author gave.
type Suppression struct {
	scanners.Position
	Reason string `json:"reason"`
	// External: it stands in the configuration, not in the source.
	External bool `json:"external,omitempty"`
}

// Related is a place that a finding touches.
type Related struct {
	scanners.Position
	What string `json:"what"`
}

// view is what checks look at.
type view struct {
	*detect.Result
	cat          *catalog.Catalog
	integrations map[string]*detect.Integration
	risks        map[string]*risk.Assessment
	runs         func(rule string) bool

	unboundedMemo map[subject][]*cause
	toolsMemo     map[string]bool
}

func newView(r *detect.Result, risks []risk.Assessment, o Options) *view {
	v := &view{Result: r, cat: o.Catalog, runs: o.Runs, integrations: map[string]*detect.Integration{}, risks: map[string]*risk.Assessment{}}
	for i := range r.Integrations {
		v.integrations[r.Integrations[i].ID] = &r.Integrations[i]
	}
	for i := range risks {
		v.risks[risks[i].Integration] = &risks[i]
	}
	return v
}

// name is what an integration is called in a sentence.
func (v *view) name(id string) string { return detect.LabelOf(v.integrations[id], id) }

// declared are the rules in the order of the documentation, and by their IDs.
var declared = sync.OnceValues(func() ([]Rule, map[string]Rule) {
	out := slices.Concat(contractRules, webhookRules, composeRules, healthRules, poolRules, monitoringRules, configurationRules, secretRules, versionRules, timeoutRules, serverRules, boundlessRules, retryRules, degradationRules)
	slices.SortStableFunc(out, func(a, b Rule) int {
		return cmp.Compare(slices.Index(Categories, a.Category), slices.Index(Categories, b.Category))
	})
	byID := map[string]Rule{}
	for _, r := range out {
		byID[r.ID] = r
	}
	return out, byID
})

// All lists the rules in the order of the documentation.
func All() []Rule {
	out, _ := declared()
	return slices.Clone(out)
}

// Lookup finds a rule by its ID.
func Lookup(id string) (Rule, bool) {
	_, byID := declared()
	r, ok := byID[id]
	return r, ok
}

// Check runs all rules and gives the findings, the gravest first. The same result
// gives the same findings.
func Check(r *detect.Result, risks []risk.Assessment) []Finding {
	return Options{}.Check(r, risks)
}
