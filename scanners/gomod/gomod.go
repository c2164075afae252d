// Package gomod reads go.mod and go.work files: the modules of a tree and what
// they require, each with its line.
//
// Whether a required module is used, and for what, is not written there; the
// gosrc scanner and package detect find that out.
package gomod

import (
	"context"
	"path"
	"strings"

	"golang.org/x/mod/modfile"

	"github.com/intscan/intscan/scanners"
)

// Name is the scanner's name in diagnostics.
const Name = "gomod"

// maxSize is over ten times that of the largest go.mod file known to us.
const maxSize = 1 << 20

// Result is what the go.mod and go.work files of a tree say, sorted by file.
type Result struct {
	Modules    []Module    `json:"modules,omitempty"`
	Workspaces []Workspace `json:"workspaces,omitempty"`
}

// Module is one go.mod file.
type Module struct {
	Path      string    `json:"path"` // "" where the file does not say
	Dir       string    `json:"dir"`  // of the file, "." for the root
	File      string    `json:"file"`
	Go        string    `json:"go,omitempty"`
	Toolchain string    `json:"toolchain,omitempty"`
	Requires  []Require `json:"requires,omitempty"`
	Replaces  []Replace `json:"replaces,omitempty"`
	Excludes  []Require `json:"excludes,omitempty"`
	Tools     []Tool    `json:"tools,omitempty"`
}

// Require is a required (or excluded) module version.
type Require struct {
	Path     string            `json:"path"`
	Version  string            `json:"version"`
	Indirect bool              `json:"indirect,omitempty"`
	Position scanners.Position `json:"position"`
}

// Replace is a replacement of a module by another, or by a folder.
type Replace struct {
	Old        string            `json:"old"`
	OldVersion string            `json:"old_version,omitempty"` // "" for all
	New        string            `json:"new"`                   // a module path, or a folder as written
	NewVersion string            `json:"new_version,omitempty"` // "" for a folder
	Position   scanners.Position `json:"position"`
}

// Dir is the folder that stands for the module, relative to the module's own
// folder as written, and whether there is one.
func (r Replace) Dir() (string, bool) { return r.New, modfile.IsDirectoryPath(r.New) }

// Tool is a package that the module runs as a tool.
type Tool struct {
	Path     string            `json:"path"`
	Position scanners.Position `json:"position"`
}

// Workspace is one go.work file.
type Workspace struct {
	File      string    `json:"file"`
	Go        string    `json:"go,omitempty"`
	Toolchain string    `json:"toolchain,omitempty"`
	Uses      []Use     `json:"uses,omitempty"`
	Replaces  []Replace `json:"replaces,omitempty"`
}

// Use is a module folder of a workspace.
type Use struct {
	Dir      string            `json:"dir"`               // relative to the scanned root, "." for the root
	Outside  bool              `json:"outside,omitempty"` // Dir is as written: it leads out of the scanned root
	Position scanners.Position `json:"position"`
}

// Scan reads the go.mod and go.work files of the tree. A file with faults is
// read as far as it can be, with a diagnostic for each fault.
func Scan(ctx context.Context, tree *scanners.Tree) (Result, []scanners.Diagnostic) {
	var r Result
	var diags []scanners.Diagnostic
	for _, f := range tree.Files() {
		base := path.Base(f.Path)
		if base != "go.mod" && base != "go.work" {
			continue
		}
		switch {
		case ctx.Err() != nil:
			return r, append(diags, diagnostic(scanners.SeverityError, f.Path, 0, "the scan was cut short before this file"))
		case f.Size > maxSize:
			diags = append(diags, diagnostic(scanners.SeverityError, f.Path, 0, "file is over 1 MiB and was not read"))
			continue
		}
		b, err := tree.ReadFile(f.Path)
		if err != nil {
			diags = append(diags, diagnostic(scanners.SeverityError, f.Path, 0, "file cannot be read"))
			continue
		}
		var ds []scanners.Diagnostic
		if base == "go.mod" {
			var m Module
			m, ds = ParseModule(ctx, f.Path, b)
			r.Modules = append(r.Modules, m)
		} else {
			var w Workspace
			w, ds = ParseWorkspace(ctx, f.Path, b)
			r.Workspaces = append(r.Workspaces, w)
		}
		diags = append(diags, ds...)
	}
	return r, diags
}

func diagnostic(severity scanners.Severity, file string, line int, message string) scanners.Diagnostic {
	return scanners.Diagnostic{
		Severity: severity, Scanner: Name,
		Position: scanners.Position{File: file, Line: line}, Message: message,
	}
}

// ModuleOf is the module that the folder belongs to: that of the nearest go.mod
// file in it or above, and nil where there is none. dir is slash-separated and
// relative to the root.
func (r *Result) ModuleOf(dir string) *Module {
	dir = path.Clean(dir)
	var best *Module
	for i := range r.Modules {
		m := &r.Modules[i]
		if within(m.Dir, dir) && (best == nil || len(m.Dir) > len(best.Dir) || best.Dir == ".") {
			best = m
		}
	}
	return best
}

// within reports whether dir is parent or lies below it.
func within(parent, dir string) bool {
	return parent == "." && dir != ".." && !strings.HasPrefix(dir, "../") || parent == dir || strings.HasPrefix(dir, parent+"/")
}

// Workspace is the workspace in which the module is built: that of the nearest
// go.work file above it that uses it, and nil where there is none.
func (r *Result) Workspace(m *Module) *Workspace {
	var best *Workspace
	for i := range r.Workspaces {
		w := &r.Workspaces[i]
		if !within(path.Dir(w.File), m.Dir) || best != nil && len(w.File) < len(best.File) {
			continue
		}
		for _, u := range w.Uses {
			if !u.Outside && u.Dir == m.Dir {
				best = w
			}
		}
	}
	return best
}

// Require is the requirement of the module that provides the package, and nil
// where none does: the longest required path that the import path lies below.
func (m *Module) Require(importPath string) *Require {
	var best *Require
	for i := range m.Requires {
		q := &m.Requires[i]
		if within(q.Path, importPath) && (best == nil || len(q.Path) > len(best.Path)) {
			best = q
		}
	}
	return best
}
