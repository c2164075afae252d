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
	Quiet   bool // the integrations and what could not be read, nothing else
}

// Format is one way to write a report.
type Format struct {
	Name  string
	Write func(w io.Writer, r *plan.Report, o TextOptions) error
}

// Formats lists all formats, the default one first.
var Formats = []Format{
	{"text", Text},
	{"json", func(w io.Writer, r *plan.Report, _ TextOptions) error { return JSON(w, r) }},
}

// PlanFormats lists the formats of the integration plan, the default one first.
var PlanFormats = []Format{
	{"markdown", planFormat(PlanMarkdown)},
	{"json", planFormat(PlanJSON)},
	{"yaml", planFormat(PlanYAML)},
	{"mermaid", planFormat(PlanMermaid)},
}

func planFormat(write func(io.Writer, *plan.Report) error) func(io.Writer, *plan.Report, TextOptions) error {
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
