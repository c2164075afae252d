// Package compose reports what the compose files of a repository run: services
// with image or build, ports, healthcheck, dependencies, and where the variables
// of their environment point.
//
// The files are found by name and by content, merged the way docker compose does
// it (overrides, include, extends) with compose-go, and interpolated from the .env
// files of the project alone. Values of variables are not kept. Which system an
// image is, and whether a missing healthcheck matters, is for others to say; the
// variables of .env files are package envfile's.
package compose

import (
	"context"
	"maps"
	"path"
	"slices"
	"time"

	"github.com/intscan/intscan/scanners"
	"go.yaml.in/yaml/v4"
)

// mergeLimit is the time that one project may take.
const mergeLimit = 3 * time.Second

// scan is the state of one Scan.
type scan struct {
	tree     *scanners.Tree
	found    []*document          // compose files of the tree, by path
	named    map[string]*document // files that others include or extend
	sniffed  map[string]bool      // found by content, not by name
	included map[string]bool
	extended map[string]bool
	reported map[string]bool // files whose services are in a project
	diags    []scanners.Diagnostic
}

// maxFaults is how many diagnostics one file may give. Nobody reads more, and a
// file can be made to have 50,000.
const maxFaults = 50

func (s *scan) report(ds ...scanners.Diagnostic) { s.diags = append(s.diags, ds...) }

// diagnostics are all that were reported, in order, at most maxFaults of a file.
func (s *scan) diagnostics() []scanners.Diagnostic {
	var out []scanners.Diagnostic
	n := map[string]int{}
	for _, d := range scanners.SortDiagnostics(s.diags) {
		n[d.File]++
		switch {
		case n[d.File] <= maxFaults:
			out = append(out, d)
		case n[d.File] == maxFaults+1:
			out = append(out, diagnostic(d.Severity, d.Position, "more faults from here on are not listed"))
		}
	}
	return out
}

// Scan reads all compose files of the tree. Projects are ordered by their files,
// services by position.
func Scan(ctx context.Context, tree *scanners.Tree) ([]Project, []scanners.Diagnostic) {
	s := &scan{
		tree: tree, named: map[string]*document{}, sniffed: map[string]bool{},
		included: map[string]bool{}, extended: map[string]bool{}, reported: map[string]bool{},
	}
	s.candidates(ctx)
	var projects []Project
	run := func(set []*document) {
		if p, ok := s.project(ctx, set); ok {
			projects = append(projects, p)
		}
	}
	sets := s.roots()
	// Files that others include belong to those, and files of no usual name that
	// others extend are nobody's project; so files that include come first, files
	// of unusual names after, and what is left over (a circle of includes) last.
	for _, round := range []func(set []*document) bool{
		func(set []*document) bool { return includes(set) && !s.isIncluded(set) },
		func(set []*document) bool { return !s.isIncluded(set) && !s.sniffed[set[len(set)-1].file] },
		func(set []*document) bool { return !s.isIncluded(set) && !s.isTemplate(set) },
		func(set []*document) bool { return !s.isTemplate(set) },
	} {
		for _, set := range sets {
			if ctx.Err() == nil && !s.reported[set[len(set)-1].file] && round(set) {
				run(set)
			}
		}
	}
	slices.SortStableFunc(projects, func(a, b Project) int { return slices.Compare(a.Files, b.Files) })
	return projects, s.diagnostics()
}

func includes(set []*document) bool {
	return slices.ContainsFunc(set, func(d *document) bool { return get(d.root, "include") != nil })
}

func (s *scan) isIncluded(set []*document) bool { return s.included[set[len(set)-1].file] }

// isTemplate reports whether a file was found by content only and serves others
// to extend: nothing runs it by itself.
func (s *scan) isTemplate(set []*document) bool {
	file := set[len(set)-1].file
	return s.sniffed[file] && s.extended[file]
}

// project merges one set of files under a time limit. Where the time does not
// suffice, its services are reported as each file has them.
func (s *scan) project(ctx context.Context, set []*document) (Project, bool) {
	last := set[len(set)-1]
	p, err := s.try(ctx, set, true)
	if err != nil {
		s.report(diagnostic(scanners.SeverityWarning, last.position(last.root),
			"not merged with compose: "+err.Error()+"; its services are reported as the file has them"))
		if p, err = s.try(ctx, []*document{last}, false); err != nil {
			s.report(diagnostic(scanners.SeverityError, last.position(last.root), "not read: "+err.Error()))
			s.reported[last.file] = true
		}
	}
	return p, len(p.Services) > 0
}

func (s *scan) try(ctx context.Context, set []*document, compose bool) (Project, error) {
	type result struct {
		project Project
		scan    *scan
	}
	r, err := scanners.Guard(ctx, mergeLimit, func(ctx context.Context) (result, error) {
		// Abandoned work must not write to what goes on without it.
		own := s.fork()
		return result{own.merge(ctx, set, compose), own}, nil
	})
	if err == nil {
		s.join(r.scan)
	}
	return r.project, err
}

// merge makes a project of a set. Without compose, it reads the YAML alone.
func (s *scan) merge(ctx context.Context, set []*document, compose bool) Project {
	m := &merged{scan: s, vars: environment(s.tree, set[0].dir()), origin: map[*yaml.Node]*document{}}
	about := len(set) - 1 // a variant's base has a project of its own
	if len(set) == 2 && slices.Contains(overrideNames, path.Base(set[1].file)) {
		about = 0
	}
	for i, d := range set {
		before := len(m.docs)
		m.add(ctx, d, set[0].dir(), nil)
		if i >= about {
			m.main = append(m.main, m.docs[before:]...)
		}
	}
	m.main = slices.DeleteFunc(m.main, func(d *document) bool { return s.reported[d.file] })
	p := Project{}
	for _, d := range m.docs {
		p.Files = append(p.Files, d.file)
	}
	if len(m.main) == 0 {
		return p
	}
	m.extendAndRead(ctx, &p, compose)
	for _, d := range m.main {
		s.reported[d.file] = true
	}
	return p
}

func (s *scan) fork() *scan {
	own := *s
	own.diags = nil
	own.named, own.included, own.extended, own.reported = maps.Clone(s.named), maps.Clone(s.included), maps.Clone(s.extended), maps.Clone(s.reported)
	return &own
}

func (s *scan) join(own *scan) {
	s.report(own.diags...)
	s.named, s.included, s.extended, s.reported = own.named, own.included, own.extended, own.reported
}
