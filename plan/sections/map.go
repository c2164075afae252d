package sections

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/plan/document"
	"github.com/intscan/intscan/scanners"
)

// Map is section 2: who calls what, as a graph.
type Map struct {
	Nodes []Node `json:"nodes"`
	Edges []Edge `json:"edges"`
}

// Node is a caller, a binary or an integration.
type Node struct {
	ID    string `json:"id"` // safe in any format: letters and digits
	Label string `json:"label"`
	// Group is "callers", "binaries" or the kind of the integrations.
	Group string `json:"group"`
	// Members are the names behind a node that stands for several.
	Members []string `json:"members,omitempty"`
	// Integration is the id of the one integration it stands for.
	Integration string `json:"integration,omitempty"`
}

// Edge leads from who calls to who is called.
type Edge struct {
	From     string `json:"from"`
	To       string `json:"to"`
	Protocol string `json:"protocol,omitempty"`
	// Unprotected: some call on it has no bound on its time.
	Unprotected bool `json:"unprotected,omitempty"`
}

// Above these a map is no longer read but admired; then binaries that talk to the
// same systems, and integrations of one kind, become one node each.
const (
	maxBinaryNodes      = 8
	maxIntegrationNodes = 30
	maxEdges            = 60
)

func diagram(f *Facts) Map {
	g := grapher{f: f, m: Map{Nodes: []Node{}, Edges: []Edge{}}, nodeOf: map[string]string{}}
	g.integrations()
	g.binaries()
	g.callers()
	return g.m
}

type grapher struct {
	f      *Facts
	m      Map
	nodeOf map[string]string // integration id to node
}

func (g *grapher) node(n Node) string {
	n.ID = fmt.Sprintf("n%d", len(g.m.Nodes)+1)
	g.m.Nodes = append(g.m.Nodes, n)
	return n.ID
}

// integrations adds a node for each; those of one kind share one where there are
// too many.
func (g *grapher) integrations() {
	byKind := map[string][]*detect.Integration{}
	total := 0
	for _, in := range g.f.points() {
		if in.Direction == catalog.Inbound && in.Kind != "observability" {
			continue // its callers stand on the other side of the map
		}
		byKind[in.Kind] = append(byKind[in.Kind], in)
		total++
	}
	for _, kind := range catalog.Kinds {
		ins := byKind[kind]
		if len(ins) == 0 {
			continue
		}
		if total > maxIntegrationNodes && len(ins) > 2 {
			n := Node{Label: fmt.Sprintf("%d of kind %s", len(ins), kind), Group: kind}
			for _, in := range ins {
				n.Members = append(n.Members, g.f.name(in.ID))
			}
			id := g.node(n)
			for _, in := range ins {
				g.nodeOf[in.ID] = id
			}
			continue
		}
		for _, in := range ins {
			g.nodeOf[in.ID] = g.node(Node{Label: g.f.name(in.ID), Group: kind, Integration: in.ID})
		}
	}
}

// binaries adds the production binaries; those that reach the same nodes share one
// where there are too many.
func (g *grapher) binaries() {
	type group struct {
		names []string
		ids   []string
	}
	var groups []*group
	byReach := map[string]*group{}
	n := 0
	for _, b := range g.f.Repository.Binaries {
		if b.Scope == detect.ScopeRuntime {
			n++
		}
	}
	for _, b := range g.f.Repository.Binaries {
		if b.Scope != detect.ScopeRuntime {
			continue
		}
		key := b.Package
		if n > maxBinaryNodes {
			key = strings.Join(b.Integrations, "\x00")
		}
		if byReach[key] == nil {
			byReach[key] = &group{ids: b.Integrations}
			groups = append(groups, byReach[key])
		}
		byReach[key].names = append(byReach[key].names, b.Name)
	}
	for _, gr := range groups {
		node := Node{Label: gr.names[0], Group: "binaries"}
		if len(gr.names) > 1 {
			node.Label, node.Members = fmt.Sprintf("%d binaries", len(gr.names)), gr.names
		}
		g.edges(g.node(node), gr.ids)
	}
	if len(groups) == 0 && len(g.nodeOf) > 0 { // a library: its users' programs call
		var ids []string
		for _, in := range g.f.points() {
			ids = append(ids, in.ID)
		}
		g.edges(g.node(Node{Label: cmp.Or(g.f.Repository.Name, "this library"), Group: "binaries"}), ids)
	}
}

func (g *grapher) edges(from string, ids []string) {
	to := map[string]int{} // node to index of its edge
	for _, id := range ids {
		node := g.nodeOf[id]
		if node == "" {
			continue
		}
		i, ok := to[node]
		if !ok {
			i = len(g.m.Edges)
			to[node] = i
			g.m.Edges = append(g.m.Edges, Edge{From: from, To: node, Protocol: g.f.integrations[id].Protocol})
		}
		e := &g.m.Edges[i]
		if e.Protocol != g.f.integrations[id].Protocol {
			e.Protocol = ""
		}
		if a := g.f.risks[id]; a != nil && a.NoTimeout > 0 {
			e.Unprotected = true
		}
	}
}

// callers adds what makes work begin: requests, messages, schedules.
func (g *grapher) callers() {
	labels := []struct {
		kind  detect.EntryKind
		label string
	}{
		{detect.EntryHTTP, "HTTP clients"}, {detect.EntryGRPC, "gRPC clients"},
		{detect.EntryConsumer, "Messages and tasks"}, {detect.EntryJob, "Schedules"},
	}
	for _, l := range labels {
		reaches := map[string]int{}
		for _, e := range g.f.EntryPoints {
			if e.Kind == l.kind {
				for _, b := range e.Binaries {
					reaches[b]++
				}
			}
		}
		if len(reaches) == 0 {
			continue
		}
		from := g.node(Node{Label: l.label, Group: "callers"})
		for _, n := range g.m.Nodes {
			if n.Group != "binaries" {
				continue
			}
			count := 0
			for _, name := range append(slices.Clone(n.Members), n.Label) {
				count += reaches[name]
			}
			if count > 0 {
				g.m.Edges = append(g.m.Edges, Edge{From: from, To: n.ID, Protocol: scanners.CountAs(count, "entry point", "entry points")})
			}
		}
	}
}

// Mermaid is the map as a Mermaid flowchart. Labels are quoted and escaped, so it
// parses whatever the names.
func (m Map) Mermaid() string {
	var b strings.Builder
	b.WriteString("flowchart LR\n")
	var groups []string
	for _, n := range m.Nodes {
		if !slices.Contains(groups, n.Group) {
			groups = append(groups, n.Group)
		}
	}
	slices.SortStableFunc(groups, func(a, b string) int { return groupRank(a) - groupRank(b) })
	for i, group := range groups {
		fmt.Fprintf(&b, "  subgraph g%d[\"%s\"]\n", i+1, mermaidText(group))
		for _, n := range m.Nodes {
			if n.Group == group {
				fmt.Fprintf(&b, "    %s\n", n.mermaid())
			}
		}
		b.WriteString("  end\n")
	}
	label := len(m.Edges) <= maxEdges
	var bad []string
	for i, e := range m.Edges {
		arrow := "-->"
		if e.Unprotected {
			arrow = "-.->"
			bad = append(bad, fmt.Sprint(i))
		}
		if e.Protocol != "" && label {
			arrow += fmt.Sprintf("|\"%s\"|", mermaidText(e.Protocol))
		}
		fmt.Fprintf(&b, "  %s %s %s\n", e.From, arrow, e.To)
	}
	if len(bad) > 0 {
		fmt.Fprintf(&b, "  linkStyle %s stroke:#c0392b,stroke-width:2px\n", strings.Join(bad, ","))
	}
	return b.String()
}

func groupRank(group string) int {
	switch group {
	case "callers":
		return -2
	case "binaries":
		return -1
	}
	return slices.Index(catalog.Kinds, group)
}

func (n Node) mermaid() string {
	label := mermaidText(n.Label)
	if len(n.Members) > 0 {
		names := n.Members
		more := ""
		if len(names) > 6 {
			names, more = names[:6], fmt.Sprintf(", +%d", len(n.Members)-6)
		}
		label += "<br/>" + mermaidText(strings.Join(names, ", ")+more)
	}
	switch n.Group {
	case "callers":
		return fmt.Sprintf(`%s(["%s"])`, n.ID, label)
	case "database", "cache", "search", "storage":
		return fmt.Sprintf(`%s[("%s")]`, n.ID, label)
	case "messaging":
		return fmt.Sprintf(`%s[["%s"]]`, n.ID, label)
	}
	return fmt.Sprintf(`%s["%s"]`, n.ID, label)
}

// mermaidText makes any text a part of a quoted Mermaid label: what is not a letter,
// a digit or plain punctuation is written as an entity.
func mermaidText(s string) string {
	var b strings.Builder
	for _, r := range strings.ToValidUTF8(s, "\uFFFD") {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', strings.ContainsRune(" .,:-_/+()", r):
			b.WriteRune(r)
		case r < ' ' || r == 0x7f:
			b.WriteByte(' ')
		default:
			fmt.Fprintf(&b, "#%d;", r)
		}
	}
	return b.String()
}

func (m Map) section() document.Section {
	s := document.Section{ID: "map", Title: "Map"}
	if len(m.Nodes) == 0 {
		s.Blocks = nothing("There is nothing to draw: no integration was found.")
		return s
	}
	integration := map[string]bool{}
	for _, n := range m.Nodes {
		integration[n.ID] = n.Group != "callers" && n.Group != "binaries"
	}
	outbound, unprotected := 0, 0
	for _, e := range m.Edges {
		if integration[e.To] {
			outbound++
		}
		if e.Unprotected {
			unprotected++
		}
	}
	legend := "Every call on every edge has a bound on its time."
	if unprotected > 0 {
		legend = fmt.Sprintf("Dotted red edges have calls without a timeout: %d of %d.", unprotected, outbound)
	}
	s.Blocks = []document.Block{document.P(legend), document.Diagram{Mermaid: m.Mermaid(), Alternative: m.words()}}
	return s
}

// words says what the map shows, for those who do not see it.
func (m Map) words() string {
	label := map[string]string{}
	for _, n := range m.Nodes {
		label[n.ID] = n.Label
	}
	var parts []string
	for _, n := range m.Nodes {
		var to []string
		for _, e := range m.Edges {
			if e.From == n.ID {
				to = append(to, label[e.To])
			}
		}
		if len(to) > 0 {
			parts = append(parts, n.Label+" calls "+strings.Join(to, ", "))
		}
	}
	return strings.Join(parts, "; ")
}
