package compose

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/intscan/intscan/scanners"
	"go.yaml.in/yaml/v4"
)

// Bounds of one project: files merged, nodes after extends, and links of a chain.
const (
	maxProjectFiles = 64
	maxProjectNodes = 100_000
	maxChain        = 16
)

// merged is one project while it is put together. compose-go would read included
// and extended files from the disk by itself, so both are resolved here, through
// the tree, and it is given files that need no others.
type merged struct {
	scan   *scan
	docs   []*document // in the order of merging; copies that may be changed
	main   []*document // those that the project is about
	vars   variables
	origin map[*yaml.Node]*document // where copied service nodes come from
	nodes  int
}

func (m *merged) warn(at scanners.Position, format string, args ...any) {
	m.scan.report(diagnostic(scanners.SeverityWarning, at, fmt.Sprintf(format, args...)))
}

// add takes a file in, after those that it includes.
func (m *merged) add(ctx context.Context, d *document, dir string, chain []string) *document {
	if m.nodes += count(d.root); m.nodes > maxProjectNodes || len(m.docs) >= maxProjectFiles {
		m.warn(scanners.Position{File: d.file}, "the project has more than %d files or %d nodes; not merged", maxProjectFiles, maxProjectNodes)
		return nil
	}
	d = d.copy()
	chain = append(chain[:len(chain):len(chain)], d.file)
	for _, inc := range items(get(d.root, "include")) {
		m.include(ctx, d, inc, chain)
	}
	remove(d.root, "include")
	for _, s := range pairs(d.services()) {
		m.relocate(s, dir)
		m.origin[s] = d
	}
	m.docs = append(m.docs, d)
	return d
}

// include takes in what one entry of include names: a path, or a mapping.
func (m *merged) include(ctx context.Context, d *document, inc *yaml.Node, chain []string) {
	paths, dir := items(inc), ""
	if inc.Kind == yaml.MappingNode {
		paths = items(get(inc, "path"))
		dir = m.vars.value(get(inc, "project_directory"))
	}
	for i, p := range paths {
		file, ok := m.inside(d, p, "include")
		if !ok {
			continue
		}
		if slices.Contains(chain, file) || len(chain) > maxChain {
			m.warn(d.position(p), "includes itself by way of %s; left out", file)
			continue
		}
		if i == 0 {
			if dir = path.Join(d.dir(), dir); get(inc, "project_directory") == nil {
				dir = path.Dir(file)
			}
			for _, e := range items(get(inc, "env_file")) {
				m.vars.addEnvFile(m.scan.tree, path.Join(d.dir(), m.vars.value(e)))
			}
			m.vars.addEnvFile(m.scan.tree, path.Join(dir, ".env"))
		}
		if slices.ContainsFunc(m.docs, func(o *document) bool { return o.file == file }) {
			continue
		}
		other, err := m.scan.document(ctx, file)
		if err != nil {
			m.warn(d.position(p), "included file %s cannot be read: %s", file, plain(err))
			continue
		}
		if other.root != nil {
			m.scan.included[file] = true
			m.add(ctx, other, dir, chain)
		}
	}
}

// inside is the path of a file that d names, relative to the root, or false with a
// diagnostic where it is not a file of the repository.
func (m *merged) inside(d *document, n *yaml.Node, what string) (string, bool) {
	name := m.vars.value(n)
	file := path.Join(d.dir(), name)
	switch {
	case name == "":
		m.warn(d.position(n), "%s names no file, or a variable that no .env file defines; left out", what)
	case remote(name):
		m.warn(d.position(n), "%s of a remote resource; nothing is fetched, so what it defines is missing here", what)
	case path.IsAbs(name) || strings.HasPrefix(name, "~") || file == ".." || strings.HasPrefix(file, "../"):
		m.warn(d.position(n), "%s of a file outside the repository; not read", what)
	default:
		return file, true
	}
	return "", false
}

func because(err error) string {
	if err == nil {
		return ""
	}
	return ": " + plain(err)
}

// plain drops what a file error says of the machine's own paths.
func plain(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	if errors.Is(err, fs.ErrNotExist) {
		return "no such file in the repository"
	}
	return err.Error()
}

func count(n *yaml.Node) int {
	c := 1
	for _, child := range n.Content {
		c += count(child)
	}
	return c
}
