// Package plan assembles the report from what detection found: today the
// inventory; findings and the integration plan are built on it here.
//
// The report is plain sorted data. Package render turns it into bytes and knows
// nothing else.
package plan

import (
	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/scanners"
)

// Schema names the report's format; it changes only when the format breaks.
const Schema = "intscan.report/v1"

// Report is what every renderer prints. Its JSON encoding is the public format:
// names and meaning of fields are stable within one Schema.
type Report struct {
	Schema       string                `json:"schema"`
	Repository   Repository            `json:"repository"`
	Integrations []detect.Integration  `json:"integrations"`
	CallSites    []detect.CallSite     `json:"call_sites"`
	Servers      []detect.Server       `json:"servers"`
	Findings     []Finding             `json:"findings"`
	APIs         []detect.API          `json:"apis"`
	Services     []detect.Service      `json:"services"`
	Variables    []detect.Variable     `json:"variables"`
	Diagnostics  []scanners.Diagnostic `json:"diagnostics"`
}

// Repository is what was scanned.
type Repository struct {
	Name     string          `json:"name"` // the folder's own name, never its path
	Modules  []detect.Module `json:"modules"`
	Binaries []detect.Binary `json:"binaries"`
}

// Finding is a protection that is missing, at the place that would mend it.
type Finding struct {
	Rule     string `json:"rule"`
	Severity string `json:"severity"`
	scanners.Position
	Integration string `json:"integration,omitempty"`
	Message     string `json:"message"`
	Remediation string `json:"remediation,omitempty"`
	Fingerprint string `json:"fingerprint"`
}
