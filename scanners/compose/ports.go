package compose

import (
	"strings"

	"go.yaml.in/yaml/v4"
)

// ports reads ports and expose of a service in all their forms. Ranges stay ranges.
func (m *merged) ports(service string) []Port {
	var out []Port
	seen := map[Port]bool{}
	add := func(l layer, n *yaml.Node, p Port) {
		key := p
		p.Position = l.at(n)
		if p.Target == "" {
			key = p // its number is not known, so it may be any other than the rest
		}
		if !seen[key] {
			seen[key] = true
			out = append(out, p)
		}
	}
	for _, l := range m.layers(service, "ports") {
		for _, n := range items(l.value) {
			if n.Kind == yaml.MappingNode {
				p := Port{
					HostIP: m.vars.value(get(n, "host_ip")), Published: m.vars.value(get(n, "published")),
					Target: m.vars.value(get(n, "target")), Protocol: strings.ToLower(m.vars.value(get(n, "protocol"))),
				}
				if p.valid() {
					add(l, n, p)
					continue
				}
			} else if p, ok := parsePort(m.vars.value(n)); ok {
				add(l, n, p)
				continue
			}
			m.warn(l.at(n), "service %s: not a port; left out", service)
		}
	}
	for _, l := range m.layers(service, "expose") {
		for _, n := range items(l.value) {
			p, ok := parsePort(m.vars.value(n))
			if !ok || p.Published != "" {
				m.warn(l.at(n), "service %s: not a port to expose; left out", service)
				continue
			}
			p.Internal = true
			add(l, n, p)
		}
	}
	return out
}

// parsePort reads [[IP:]PUBLISHED:]TARGET[/PROTOCOL], in which a number may be a
// range or, where a variable has no value, empty.
func parsePort(s string) (Port, bool) {
	var p Port
	s, p.Protocol, _ = strings.Cut(s, "/")
	p.Protocol = strings.ToLower(p.Protocol)
	if i := strings.LastIndexByte(s, ':'); i >= 0 {
		p.Published, s = s[:i], s[i+1:]
		if i := strings.LastIndexByte(p.Published, ':'); i >= 0 {
			p.HostIP, p.Published = strings.Trim(p.Published[:i], "[]"), p.Published[i+1:]
		}
	}
	p.Target = s
	return p, p.valid()
}

// valid reports whether the parts consist of what such parts do.
func (p Port) valid() bool {
	const digits = "0123456789-"
	return strings.Trim(p.Target, digits) == "" && len(p.Target) <= 11 &&
		strings.Trim(p.Published, digits) == "" && len(p.Published) <= 11 &&
		strings.Trim(p.HostIP, "0123456789.abcdefABCDEF:") == "" && len(p.HostIP) <= 45 &&
		strings.Trim(p.Protocol, "abcdefghijklmnopqrstuvwxyz") == "" && len(p.Protocol) <= 8
}
