package sections

import (
	"cmp"
	"slices"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/scanners"
)

// Dependency says that one component or system needs another to be there.
type Dependency struct {
	From string `json:"from"`
	To   string `json:"to"`
	// Why is "starts with", "calls" or the compose condition; At proves it.
	Why string            `json:"why"`
	At  scanners.Position `json:"at"`
}

// dependencies joins what compose files say, what the code does while it starts, and
// which binaries reach which integrations. Names are those of the plan; a compose
// service goes by the binary or integration that it runs.
func (f *Facts) dependencies() []Dependency {
	out := []Dependency{}
	seen := map[[2]string]bool{}
	add := func(d Dependency) {
		if key := [2]string{d.From, d.To}; d.From != "" && d.To != "" && d.From != d.To && !seen[key] {
			seen[key] = true
			out = append(out, d)
		}
	}
	service := map[string]string{}
	for _, s := range f.Services {
		switch {
		case s.Binary != "":
			service[s.Name] = s.Binary
		case s.Integration != "":
			service[s.Name] = f.name(s.Integration)
		default:
			service[s.Name] = s.Name
		}
	}
	for _, e := range f.Deployment.Edges {
		add(Dependency{cmp.Or(service[e.From], e.From), cmp.Or(service[e.To], e.To), e.Condition, e.Position})
	}
	for _, s := range f.Deployment.Startup {
		if s.Integration != "" && s.Does != "serve" {
			add(Dependency{s.Binary, f.name(s.Integration), "starts with " + s.Call, s.Position})
		}
	}
	for _, b := range f.Repository.Binaries {
		if b.Scope != detect.ScopeRuntime {
			continue
		}
		for _, id := range b.Integrations {
			if in := f.integrations[id]; in != nil && external(in) {
				add(Dependency{b.Name, f.name(id), "calls", firstEvidence(in)})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Dependency) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
	return out
}

// ordered puts the names so that each comes after what it needs, by levels, and
// gives the circles that make this impossible. Names in a circle share a level.
func ordered(deps []Dependency) (levels [][]string, cycles [][]string) {
	needs := map[string][]string{}
	var names []string
	for _, d := range deps {
		needs[d.From] = append(needs[d.From], d.To)
		names = append(names, d.From, d.To)
	}
	slices.Sort(names)
	names = slices.Compact(names)
	circle := circles(names, needs)
	for _, c := range circle {
		if len(c) > 1 {
			cycles = append(cycles, c)
		}
	}
	in := map[string]int{} // name to its circle
	for i, c := range circle {
		for _, n := range c {
			in[n] = i
		}
	}
	level := map[int]int{}
	var depth func(i int) int
	depth = func(i int) int {
		if l, ok := level[i]; ok {
			return l
		}
		d := 0
		for _, n := range circle[i] {
			for _, to := range needs[n] {
				if in[to] != i {
					d = max(d, depth(in[to])+1)
				}
			}
		}
		level[i] = d
		return d
	}
	for _, n := range names {
		d := depth(in[n])
		for len(levels) <= d {
			levels = append(levels, nil)
		}
		levels[d] = append(levels[d], n)
	}
	return levels, cycles
}

// circles are the strongly connected components (Tarjan), each sorted.
func circles(names []string, needs map[string][]string) [][]string {
	var out [][]string
	index, low := map[string]int{}, map[string]int{}
	on := map[string]bool{}
	var stack []string
	var visit func(n string)
	visit = func(n string) {
		index[n], low[n] = len(index)+1, len(index)+1
		stack, on[n] = append(stack, n), true
		for _, to := range needs[n] {
			if index[to] == 0 {
				visit(to)
				low[n] = min(low[n], low[to])
			} else if on[to] {
				low[n] = min(low[n], index[to])
			}
		}
		if low[n] != index[n] {
			return
		}
		var c []string
		for {
			last := stack[len(stack)-1]
			stack, on[last] = stack[:len(stack)-1], false
			c = append(c, last)
			if last == n {
				break
			}
		}
		slices.Sort(c)
		out = append(out, c)
	}
	for _, n := range names {
		if index[n] == 0 {
			visit(n)
		}
	}
	return out
}

// longest is the longest chain of needs, from what depends on the most to what
// depends on nothing: the critical path.
func longest(deps []Dependency, levels [][]string) []string {
	level := map[string]int{}
	for d, names := range levels {
		for _, n := range names {
			level[n] = d
		}
	}
	if len(levels) < 2 {
		return nil
	}
	chain := []string{levels[len(levels)-1][0]}
	for {
		last, next := chain[len(chain)-1], ""
		for _, d := range deps {
			if d.From == last && level[d.To] == level[last]-1 && (next == "" || d.To < next) {
				next = d.To
			}
		}
		if next == "" {
			return chain
		}
		chain = append(chain, next)
	}
}
