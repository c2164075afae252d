// Package scanners is the ground floor: the words that every part of intscan
// shares (a position, a source, a diagnostic) and the one walk of the repository
// through which every scanner reads.
//
// The packages below it each read one kind of file and report what stands there.
// They name no system and judge nothing; that is the work of package detect.
package scanners

import (
	"cmp"
	"fmt"
	"slices"
)

// Source says what kind of file a fact was read from. The values are those of
// the report's "source" field.
type Source string

// The sources of facts.
const (
	SourceGo         Source = "go"
	SourceGoMod      Source = "gomod"
	SourceOpenAPI    Source = "openapi"
	SourceCompose    Source = "compose"
	SourceEnv        Source = "env"
	SourceConfig     Source = "config"
	SourceDockerfile Source = "dockerfile"
	SourceKubernetes Source = "kubernetes"
	SourceTerraform  Source = "terraform"
	SourceProto      Source = "proto"
)

// Position is a place in a file of the repository that a person can open.
// File is slash-separated and relative to the scanned root. Line and Column
// start at 1; 0 means that the place is not known (the file alone is meant).
type Position struct {
	File   string `json:"file"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
}

// String renders the position the way editors and terminals link it.
func (p Position) String() string {
	switch {
	case p.Line == 0:
		return p.File
	case p.Column == 0:
		return fmt.Sprintf("%s:%d", p.File, p.Line)
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// Place is the position without its column, as people name it.
func (p Position) Place() string {
	p.Column = 0
	return p.String()
}

// Compare orders positions by file, line and column.
func (p Position) Compare(q Position) int {
	return cmp.Or(cmp.Compare(p.File, q.File), cmp.Compare(p.Line, q.Line), cmp.Compare(p.Column, q.Column))
}

// Severity grades a diagnostic.
type Severity string

// The severities of diagnostics: an error means that something was not read at
// all, a warning that it was read in part, info that nothing was lost.
const (
	SeverityError   Severity = "error"
	SeverityWarning Severity = "warning"
	SeverityInfo    Severity = "info"
)

// Diagnostic tells a person what could not be read, where, and what to do. It is
// part of the report: bad input never shortens a result in silence.
type Diagnostic struct {
	Severity Severity `json:"severity"`
	Scanner  string   `json:"scanner,omitempty"`
	Position
	Message string `json:"message"`
}

// SortDiagnostics orders diagnostics by position, then by text, and drops exact
// repetitions.
func SortDiagnostics(ds []Diagnostic) []Diagnostic {
	slices.SortFunc(ds, func(a, b Diagnostic) int {
		return cmp.Or(a.Position.Compare(b.Position), cmp.Compare(a.Scanner, b.Scanner), cmp.Compare(a.Message, b.Message))
	})
	return slices.Compact(ds)
}
