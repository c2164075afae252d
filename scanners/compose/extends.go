package compose

import (
	"context"
	"fmt"
	"slices"

	"go.yaml.in/yaml/v4"
)

// extend makes the extends of all services refer to services of the same file.
func (m *merged) extend(ctx context.Context) {
	for _, d := range m.docs {
		var names []string
		for k := range pairs(d.services()) {
			names = append(names, k.Value)
		}
		for _, name := range names {
			m.extendService(ctx, d, d, name, d.service(name), nil)
		}
	}
	told := false
	for _, d := range m.docs {
		for k, s := range pairs(d.services()) {
			if m.nodes += m.cost(d, s, 0); m.nodes <= maxProjectNodes || get(s, "extends") == nil {
				continue
			}
			if !told {
				m.warn(m.origin[s].position(k), "extends copies more than %d nodes in this project; not followed from here on", maxProjectNodes)
				told = true
			}
			remove(s, "extends")
		}
	}
}

// cost is the number of nodes that extends copies for a service.
func (m *merged) cost(d *document, s *yaml.Node, depth int) int {
	base := d.service(m.extended(s))
	if base == nil || depth > maxChain {
		return 0
	}
	return count(base) + m.cost(d, base, depth+1)
}

// extended is the name of the service that s extends, "" for none.
func (m *merged) extended(s *yaml.Node) string {
	ext := get(s, "extends")
	if ext != nil && ext.Kind == yaml.MappingNode {
		ext = get(ext, "service")
	}
	return m.vars.value(ext)
}

// extendService resolves the extends of service s, which stands in host after
// copying and was written in the file in, where names mean what they meant there.
func (m *merged) extendService(ctx context.Context, host, in *document, name string, s *yaml.Node, chain []string) {
	key, ext := entry(s, "extends")
	if ext == nil {
		return
	}
	link := in.file + "\n" + name
	give := func(format string, args ...any) {
		m.warn(in.position(key), "service %s: %s", name, fmt.Sprintf(format, args...))
		remove(s, "extends")
	}
	chain = append(chain[:len(chain):len(chain)], link)
	target, from := m.extended(s), in
	if file := get(ext, "file"); file != nil {
		name, ok := m.inside(in, file, "extends")
		if !ok {
			remove(s, "extends")
			return
		}
		other, err := m.scan.document(ctx, name)
		if err != nil || other.root == nil {
			give("extended file %s cannot be read%s", name, because(err))
			return
		}
		m.scan.extended[name] = true
		from = other
	}
	base := from.service(target)
	if base == nil && from == in {
		for _, d := range m.docs {
			if b := d.service(target); b != nil {
				base, from = b, d
			}
		}
	}
	switch {
	case base == nil || base.Kind != yaml.MappingNode:
		give("extends %q, which %s does not define; not followed", target, from.file)
	case slices.Contains(chain, from.file+"\n"+target) || len(chain) > maxChain:
		give("extends itself, or over more than %d others; not followed", maxChain)
	case from == host:
		m.extendService(ctx, host, host, target, base, chain)
	default:
		m.borrow(ctx, host, from, target, s, base, chain)
	}
}

// borrowed begins the names under which services of other files are copied in.
const borrowed = "intscan.borrowed."

func (m *merged) borrow(ctx context.Context, host, from *document, target string, s, base *yaml.Node, chain []string) {
	if m.nodes += count(base); m.nodes > maxProjectNodes {
		remove(s, "extends")
		m.warn(m.origin[s].position(s), "extends copies more than %d nodes in this project; not followed", maxProjectNodes)
		return
	}
	local := clone(base)
	if !slices.Contains(m.docs, from) {
		m.relocate(local, from.dir())
	}
	m.origin[local] = from
	name := fmt.Sprintf("%s%d", borrowed, len(m.origin))
	host.addService(name, local)
	ref := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: s.Line, Column: s.Column}
	set(ref, "service", scalar(name, s))
	set(s, "extends", ref)
	m.extendService(ctx, host, from, target, local, chain)
}
