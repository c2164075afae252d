package compose

import (
	"fmt"
	"slices"

	"go.yaml.in/yaml/v4"
)

// Bounds of one compose file. Real ones have a few thousand nodes and a dozen
// levels; what is beyond these was made to exhaust a parser.
const (
	maxNodes = 50_000
	maxDepth = 48
)

// fault is an error at a line of a file.
type fault struct {
	line, column int
	text         string
}

func (f *fault) Error() string { return f.text }

func faultAt(n *yaml.Node, format string, args ...any) *fault {
	return &fault{line: n.Line, column: n.Column, text: fmt.Sprintf(format, args...)}
}

// flattener copies a YAML tree without aliases and merge keys. Everything after it
// works on a plain tree of known size, so that no alias bomb, merge cycle or chain
// of merges reaches another parser. Line numbers stay those of the source.
type flattener struct {
	count   int
	open    map[*yaml.Node]bool // anchors being expanded, to find cycles
	repeats []*fault            // keys that stand twice in one mapping
}

func (f *flattener) node(n *yaml.Node, depth int) (*yaml.Node, error) {
	if f.count++; f.count > maxNodes {
		return nil, faultAt(n, "expands to more than %d YAML nodes; not read", maxNodes)
	}
	if depth > maxDepth {
		return nil, faultAt(n, "nested deeper than %d levels; not read", maxDepth)
	}
	if n.Kind == yaml.AliasNode {
		return f.alias(n, func(target *yaml.Node) (*yaml.Node, error) { return f.node(target, depth+1) })
	}
	out := &yaml.Node{Kind: n.Kind, Style: n.Style, Tag: n.Tag, Value: n.Value, Line: n.Line, Column: n.Column}
	switch n.Kind {
	case yaml.ScalarNode:
		if n.Tag == "!!null" {
			out.Value, out.Style = "null", 0 // "{a: }" would be written as {a: ""}
		}
	case yaml.MappingNode:
		return out, f.mapping(out, n, depth)
	case yaml.SequenceNode, yaml.DocumentNode:
		for _, c := range n.Content {
			item, err := f.node(c, depth+1)
			if err != nil {
				return nil, err
			}
			out.Content = append(out.Content, item)
		}
	}
	return out, nil
}

// alias runs expand on what n refers to, or fails where that contains n itself.
func (f *flattener) alias(n *yaml.Node, expand func(*yaml.Node) (*yaml.Node, error)) (*yaml.Node, error) {
	if n.Alias == nil || f.open[n.Alias] {
		return nil, faultAt(n, "alias *%s contains itself; not read", n.Value)
	}
	f.open[n.Alias] = true
	defer delete(f.open, n.Alias)
	return expand(n.Alias)
}

func (f *flattener) mapping(out, n *yaml.Node, depth int) error {
	seen := map[string]int{} // key -> index of its value in out
	var merges []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Kind == yaml.AliasNode && key.Alias != nil {
			key = key.Alias
		}
		if key.Kind != yaml.ScalarNode {
			return faultAt(key, "a mapping has a key that is not a word; not read")
		}
		if key.Value == "<<" && key.Style == 0 {
			merges = append(merges, value)
			continue
		}
		v, err := f.node(value, depth+1)
		if err != nil {
			return err
		}
		if at, twice := seen[key.Value]; twice {
			f.repeats = append(f.repeats, faultAt(key, "key %q stands twice here, first in line %d; the last one is read",
				key.Value, out.Content[at-1].Line))
			out.Content[at-1], out.Content[at] = copyKey(key), v
			continue
		}
		f.count++
		seen[key.Value] = len(out.Content) + 1
		out.Content = append(out.Content, copyKey(key), v)
	}
	for _, m := range merges {
		if err := f.merge(out, m, seen, depth+1); err != nil {
			return err
		}
	}
	return nil
}

func copyKey(key *yaml.Node) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Style: key.Style, Tag: key.Tag, Value: key.Value, Line: key.Line, Column: key.Column}
}

// merge adds what "<<: value" brings, unless out has the key already.
func (f *flattener) merge(out, value *yaml.Node, seen map[string]int, depth int) error {
	if f.count++; f.count > maxNodes || depth > maxDepth {
		return faultAt(value, "merge keys expand to more than %d YAML nodes or %d levels; not read", maxNodes, maxDepth)
	}
	switch value.Kind {
	case yaml.AliasNode:
		_, err := f.alias(value, func(target *yaml.Node) (*yaml.Node, error) {
			return nil, f.merge(out, target, seen, depth+1)
		})
		return err
	case yaml.SequenceNode:
		for _, v := range value.Content {
			if err := f.merge(out, v, seen, depth+1); err != nil {
				return err
			}
		}
	case yaml.MappingNode:
		flat, err := f.node(value, depth)
		if err != nil {
			return err
		}
		for i := 0; i+1 < len(flat.Content); i += 2 {
			if key := flat.Content[i]; seen[key.Value] == 0 {
				seen[key.Value] = len(out.Content) + 1
				out.Content = append(out.Content, key, flat.Content[i+1])
			}
		}
	default:
		return faultAt(value, "merge key << has no mapping; not read")
	}
	return nil
}

// flatten returns the plain copy of a document's root and the keys it repeats.
func flatten(n *yaml.Node) (*yaml.Node, []*fault, error) {
	f := flattener{open: map[*yaml.Node]bool{}}
	if n.Kind == yaml.DocumentNode && len(n.Content) == 1 {
		n = n.Content[0]
	}
	out, err := f.node(n, 0)
	return out, f.repeats, err
}

// clone copies a plain tree, which may be changed then.
func clone(n *yaml.Node) *yaml.Node {
	if n == nil {
		return nil
	}
	c := *n
	c.Content = make([]*yaml.Node, len(n.Content))
	for i, child := range n.Content {
		c.Content[i] = clone(child)
	}
	return &c
}

// entry finds a key of a plain mapping; both are nil where there is none.
func entry(m *yaml.Node, key string) (k, v *yaml.Node) {
	if m == nil || m.Kind != yaml.MappingNode {
		return nil, nil
	}
	for i := 0; i+1 < len(m.Content); i += 2 {
		if m.Content[i].Value == key {
			return m.Content[i], m.Content[i+1]
		}
	}
	return nil, nil
}

func get(m *yaml.Node, key string) *yaml.Node {
	_, v := entry(m, key)
	return v
}

func remove(m *yaml.Node, key string) {
	if m == nil || m.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(m.Content); i += 2 {
		if m.Content[i].Value == key {
			m.Content = slices.Delete(m.Content, i, i+2)
			return
		}
	}
}

func set(m *yaml.Node, key string, value *yaml.Node) {
	if k, v := entry(m, key); k != nil {
		*v = *value
		return
	}
	m.Content = append(m.Content, scalar(key, value), value)
}

// scalar makes a string node that stands where at stands.
func scalar(text string, at *yaml.Node) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text, Line: at.Line, Column: at.Column}
}

// pairs ranges over keys and values of a mapping.
func pairs(m *yaml.Node) func(yield func(k, v *yaml.Node) bool) {
	return func(yield func(k, v *yaml.Node) bool) {
		if m == nil || m.Kind != yaml.MappingNode {
			return
		}
		for i := 0; i+1 < len(m.Content); i += 2 {
			if !yield(m.Content[i], m.Content[i+1]) {
				return
			}
		}
	}
}

// items are the entries of a list, or a lone scalar as a list of one.
func items(n *yaml.Node) []*yaml.Node {
	switch {
	case n == nil:
		return nil
	case n.Kind == yaml.SequenceNode:
		return n.Content
	case n.Kind == yaml.ScalarNode && n.Tag != "!!null":
		return []*yaml.Node{n}
	}
	return nil
}
