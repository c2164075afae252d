// Package render turns a report into bytes: text for people, JSON for programs.
//
// It knows the report and nothing else: no files, no flags, no catalog look-ups.
// A new format is one file with one function, and one line in Formats.
package render

import (
	"io"

	"github.com/intscan/intscan/plan"
)

// TextOptions says how much a format shows and how. Formats for programs have no
// use for it.
type TextOptions struct {
	Color   bool // ANSI colours
	Verbose bool // everything, nothing capped
	Quiet   bool // the integrations, or what the gate counts, and what could not be read
}

// Format is one way to write a report.
type Format struct {
	Name  string
	Write func(w io.Writer, r *plan.Report, o TextOptions) error
}

// Formats lists all formats, the default one first.
var Formats = []Format{
	{"text", Text},
	{"json", forPrograms(JSON)},
	{"sarif", forPrograms(SARIF)},
	{"markdown", forPrograms(Summary)},
	{"html", forPrograms(HTML)},
	{"github", forPrograms(GitHub)},
	{"codequality", forPrograms(CodeQuality)},
	{"junit", forPrograms(JUnit)},
}

// PlanFormats lists the formats of the integration plan, the default one first.
var PlanFormats = []Format{
	{"markdown", forPrograms(PlanMarkdown)},
	{"html", forPrograms(HTML)},
	{"json", forPrograms(PlanJSON)},
	{"yaml", forPrograms(PlanYAML)},
	{"mermaid", forPrograms(PlanMermaid)},
}

// forPrograms makes a format of a writer that takes no options.
func forPrograms(write func(io.Writer, *plan.Report) error) func(io.Writer, *plan.Report, TextOptions) error {
	return func(w io.Writer, r *plan.Report, _ TextOptions) error { return write(w, r) }
}

// Names lists the names of formats.
func Names(formats []Format) []string {
	var names []string
	for _, f := range formats {
		names = append(names, f.Name)
	}
	return names
}
