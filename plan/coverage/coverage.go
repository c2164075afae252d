// Package coverage says how much of a repository was looked at, and what was not: a
// scan that could not look everywhere must not pass for one that found nothing.
package coverage

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/gosrc"
)

// Coverage is how much was looked at.
type Coverage struct {
	Modules  Extent `json:"modules"`
	Packages Extent `json:"packages"`
	// Files are those of Go code, tests left out.
	Files Extent `json:"files"`
	// Excluded counts the files of any kind that the configuration leaves out.
	Excluded int `json:"excluded"`
	// Skipped are what was not looked at, or only in part.
	Skipped []Skipped `json:"skipped"`
	// Untyped are the modules whose dependencies were not all to be had.
	Untyped []Untyped `json:"untyped"`
}

// Extent counts by how well something was read.
type Extent struct {
	Types   int `json:"types"`   // with the declarations of all dependencies
	Partial int `json:"partial"` // with those of some
	Syntax  int `json:"syntax"`  // without any
	None    int `json:"none"`    // not at all
}

// Skipped is a file or folder that was not looked at.
type Skipped struct {
	scanners.Position
	// Part: it was read in part.
	Part bool   `json:"part,omitempty"`
	Why  string `json:"why"`
}

// Untyped is a module that was read without all types.
type Untyped struct {
	Module string `json:"module"`
	Mode   string `json:"mode"`
	Why    string `json:"why"`
}

// Measure counts what a scan looked at. diags are those of reading alone, not of
// what was found.
func Measure(files []scanners.File, code gosrc.Code, modules []detect.Module, diags []scanners.Diagnostic, excluded int) *Coverage {
	c := &Coverage{Excluded: excluded, Skipped: []Skipped{}, Untyped: []Untyped{}}
	read := map[string]bool{}
	for _, p := range code.Packages {
		c.Packages.add(string(p.Mode))
		for _, f := range p.Files {
			read[f.Path] = true
			if !f.Test {
				c.Files.add(string(p.Mode))
			}
		}
	}
	for _, m := range modules {
		c.Modules.add(m.Mode)
		if m.Mode == string(gosrc.ModePartial) || m.Mode == string(gosrc.ModeSyntax) {
			c.Untyped = append(c.Untyped, Untyped{m.Path, m.Mode, m.Why})
		}
	}
	told := c.skip(diags)
	for _, f := range files {
		if !strings.HasSuffix(f.Path, ".go") || strings.HasSuffix(f.Path, "_test.go") || read[f.Path] {
			continue
		}
		c.Files.None++
		if !told[f.Path] {
			c.Skipped = append(c.Skipped, Skipped{scanners.Position{File: f.Path}, false, "holds no Go code that could be read"})
		}
	}
	slices.SortStableFunc(c.Skipped, func(a, b Skipped) int {
		return cmp.Or(a.Position.Compare(b.Position), cmp.Compare(a.Why, b.Why))
	})
	return c
}

func (e *Extent) add(mode string) {
	switch gosrc.Mode(mode) {
	case gosrc.ModeTypes:
		e.Types++
	case gosrc.ModePartial:
		e.Partial++
	case gosrc.ModeSyntax:
		e.Syntax++
	default:
		e.None++
	}
}

// skip takes over what diagnostics say was not read, and returns the files.
func (c *Coverage) skip(diags []scanners.Diagnostic) map[string]bool {
	told := map[string]bool{}
	for _, d := range diags {
		if d.Severity == scanners.SeverityInfo {
			continue
		}
		part := d.Severity == scanners.SeverityWarning && d.Scanner != "tree"
		c.Skipped = append(c.Skipped, Skipped{d.Position, part, d.Message})
		told[d.File] = true
		if path.Base(d.File) == "go.mod" && !part {
			c.Modules.None++
		}
	}
	return told
}

// Complete: everything was looked at, with types where they were wanted.
func (c *Coverage) Complete() bool { return len(c.Skipped) == 0 && len(c.Untyped) == 0 }

// Missing says in one line what was not looked at; "" where all was.
func (c *Coverage) Missing() string {
	var parts []string
	none, part := 0, 0
	for _, s := range c.Skipped {
		if s.Part {
			part++
		} else {
			none++
		}
	}
	for _, p := range []struct {
		n          int
		one, other string
	}{
		{none, "1 place not looked at", "%d places not looked at"},
		{part, "1 place read in part", "%d places read in part"},
		{len(c.Untyped), "1 module read without all types", "%d modules read without all types"},
	} {
		switch {
		case p.n == 1:
			parts = append(parts, p.one)
		case p.n > 1:
			parts = append(parts, fmt.Sprintf(p.other, p.n))
		}
	}
	return strings.Join(parts, ", ")
}
