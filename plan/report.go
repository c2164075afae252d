// Package plan assembles the report from what detection found: the
// inventory, the findings and the integration plan.
//
// The report is plain sorted data. Package render turns it into bytes and knows
// nothing else.
package plan

import (
	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/plan/compare"
	"github.com/intscan/intscan/plan/coverage"
	"github.com/intscan/intscan/plan/gate"
	"github.com/intscan/intscan/plan/risk"
	"github.com/intscan/intscan/plan/rules"
	"github.com/intscan/intscan/plan/sections"
	"github.com/intscan/intscan/scanners/gosrc"
)

// Schema names the report's format; it changes only when the format breaks.
const Schema = "intscan.report/v1"

// Report is what every renderer prints. Its JSON encoding is the public format:
// names and meaning of fields are stable within one Schema.
type Report struct {
	Schema string `json:"schema"`
	// Version is that of the program that made the report.
	Version string `json:"version,omitempty"`
	detect.Result
	// Risks weighs the integrations.
	Risks    []risk.Assessment `json:"risks"`
	Findings []rules.Finding   `json:"findings"`
	// Policies are the rules that the configuration sets up.
	Policies []rules.Rule `json:"policies,omitempty"`
	// Coverage is how much of the repository was looked at.
	Coverage *coverage.Coverage `json:"coverage,omitempty"`
	// Gate is what the gate decided; nil where it was not asked.
	Gate *gate.Outcome `json:"gate,omitempty"`
	// Drift is what differs from the lock file; nil where there is none.
	Drift []compare.Change `json:"drift,omitempty"`
	// Machine is what the scan found outside the repository, where it used a cache.
	Machine *gosrc.Machine `json:"-"`
	// Plan is the integration plan; nil where only the inventory was asked for.
	Plan *sections.Plan `json:"plan,omitempty"`
}

// Rules lists the rules that the report's findings may come from.
func (r *Report) Rules() []rules.Rule { return append(rules.All(), r.Policies...) }
