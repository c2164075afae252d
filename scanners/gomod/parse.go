package gomod

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"
	"time"

	"golang.org/x/mod/modfile"

	"github.com/intscan/intscan/scanners"
)

// parseTime is what the parser may take for one file; it takes milliseconds.
const parseTime = 5 * time.Second

// ParseModule reads the text of a go.mod file. Lines at fault give a diagnostic,
// and the others are read all the same.
func ParseModule(ctx context.Context, file string, b []byte) (Module, []scanners.Diagnostic) {
	m := Module{File: file, Dir: path.Dir(file)}
	f, diags := readLax(ctx, file, b, func(b []byte) (*modfile.File, error) { return modfile.Parse(file, b, keepVersion) })
	if f == nil {
		m.Path = modfile.ModulePath(b) // reads one line and is content with it
		return m, diags
	}
	if f.Module != nil {
		m.Path = f.Module.Mod.Path
	} else {
		diags = append(diags, diagnostic(scanners.SeverityWarning, file, 0, "go.mod has no module line"))
	}
	if f.Go != nil {
		m.Go = f.Go.Version
	}
	if f.Toolchain != nil {
		m.Toolchain = f.Toolchain.Name
	}
	for _, q := range f.Require {
		m.Requires = append(m.Requires, Require{Path: q.Mod.Path, Version: q.Mod.Version, Indirect: q.Indirect, Position: position(file, q.Syntax)})
	}
	for _, x := range f.Exclude {
		m.Excludes = append(m.Excludes, Require{Path: x.Mod.Path, Version: x.Mod.Version, Position: position(file, x.Syntax)})
	}
	for _, t := range f.Tool {
		m.Tools = append(m.Tools, Tool{Path: t.Path, Position: position(file, t.Syntax)})
	}
	m.Replaces = replaces(file, f.Replace)
	return m, diags
}

// ParseWorkspace reads the text of a go.work file as ParseModule does go.mod files.
func ParseWorkspace(ctx context.Context, file string, b []byte) (Workspace, []scanners.Diagnostic) {
	w := Workspace{File: file}
	f, diags := readLax(ctx, file, b, func(b []byte) (*modfile.WorkFile, error) { return modfile.ParseWork(file, b, keepVersion) })
	if f == nil {
		return w, diags
	}
	if f.Go != nil {
		w.Go = f.Go.Version
	}
	if f.Toolchain != nil {
		w.Toolchain = f.Toolchain.Name
	}
	for _, u := range f.Use {
		use := Use{Position: position(file, u.Syntax)}
		use.Dir = path.Join(path.Dir(file), u.Path)
		if path.IsAbs(u.Path) || strings.Contains(u.Path, `\`) || strings.Contains(u.Path, ":") || use.Dir == ".." || strings.HasPrefix(use.Dir, "../") {
			use.Dir, use.Outside = u.Path, true
		}
		w.Uses = append(w.Uses, use)
	}
	w.Replaces = replaces(file, f.Replace)
	return w, diags
}

// keepVersion takes versions as they stand, v1 for v1.0.0 too.
func keepVersion(_, version string) (string, error) { return version, nil }

// maxFaults is how many lines at fault are told of and left out before the file
// is given up.
const maxFaults = 50

// readLax parses b, and where that fails, again without the lines at fault.
// modfile.ParseLax knows only unknown statements and drops replace and tool.
func readLax[F any](ctx context.Context, file string, b []byte, parse func([]byte) (*F, error)) (*F, []scanners.Diagnostic) {
	type outcome struct {
		f     *F
		diags []scanners.Diagnostic
	}
	o, err := scanners.Guard(ctx, parseTime, func(ctx context.Context) (o outcome, _ error) {
		lines := strings.Split(string(b), "\n")
		for ctx.Err() == nil {
			f, err := parse([]byte(strings.Join(lines, "\n")))
			if err == nil {
				o.f = f
				return o, nil
			}
			var faults modfile.ErrorList
			if !errors.As(err, &faults) || len(faults) == 0 || len(o.diags)+len(faults) > maxFaults {
				o.diags = append(o.diags, diagnostic(scanners.SeverityError, file, 0, "file is not read beyond its module line: it has too many faults"))
				return o, nil
			}
			progress := false
			for _, fault := range faults {
				n := fault.Pos.Line
				o.diags = append(o.diags, diagnostic(scanners.SeverityWarning, file, n, "line is left out: "+reason(fault)))
				if n >= 1 && n <= len(lines) && lines[n-1] != "" {
					lines[n-1] = "" // keeps the numbers of the lines after it
					progress = true
				}
			}
			if !progress {
				o.diags = append(o.diags, diagnostic(scanners.SeverityError, file, 0, "file is not read beyond its module line"))
				return o, nil
			}
		}
		return o, ctx.Err()
	})
	if err != nil {
		o.diags = append(o.diags, diagnostic(scanners.SeverityError, file, 0, fmt.Sprintf("file is not read beyond its module line: %v", err)))
	}
	return o.f, o.diags
}

func reason(e modfile.Error) string {
	err := e.Err
	if e.ModPath != "" {
		return scanners.Redact(fmt.Sprintf("%s %s: %v", e.Verb, e.ModPath, err))
	}
	return scanners.Redact(err.Error())
}

func position(file string, line *modfile.Line) scanners.Position {
	p := scanners.Position{File: file}
	if line != nil {
		p.Line, p.Column = line.Start.Line, line.Start.LineRune
	}
	return p
}

func replaces(file string, rs []*modfile.Replace) []Replace {
	var out []Replace
	for _, r := range rs {
		out = append(out, Replace{
			Old: r.Old.Path, OldVersion: r.Old.Version, New: r.New.Path, NewVersion: r.New.Version,
			Position: position(file, r.Syntax),
		})
	}
	return out
}
