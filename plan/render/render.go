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

// Lookup returns the format of a name.
func Lookup(name string) (Format, bool) {
	for _, f := range Formats {
		if f.Name == name {
			return f, true
		}
	}
	return Format{}, false
}

// Names lists the names of all formats.
func Names() []string {
	var names []string
	for _, f := range Formats {
		names = append(names, f.Name)
	}
	return names
}
