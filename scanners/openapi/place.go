package openapi

import (
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/intscan/intscan/scanners"
)

// place is a node and the document it stands in: a reference found there is
// relative to that document.
type place struct {
	doc  *document
	node *yaml.Node // nil where there is nothing
}

func (p place) at(n *yaml.Node) scanners.Position {
	pos := scanners.Position{File: p.doc.file}
	if n != nil {
		pos.Line, pos.Column = n.Line, n.Column
	}
	return pos
}

// entry is one key of a mapping and its value.
type entry struct {
	key   *yaml.Node
	value place
}

func (e entry) name() string { return e.key.Value }

// isExtension reports whether the key is one of those that OpenAPI leaves to
// everybody (x-...).
func (e entry) isExtension() bool { return strings.HasPrefix(e.key.Value, "x-") }

// dealias follows YAML aliases. The parser knows no alias of an alias, so a few
// steps are all there can be.
func dealias(n *yaml.Node) *yaml.Node {
	for range 8 {
		if n == nil || n.Kind != yaml.AliasNode {
			return n
		}
		n = n.Alias
	}
	return nil
}

func (p place) isMapping() bool {
	n := dealias(p.node)
	return n != nil && n.Kind == yaml.MappingNode
}

// entries are the keys of a mapping in the order written, those that YAML merges
// in (<<) last. Of a key written twice the last counts, as JSON parsers have it.
func (p place) entries() []entry {
	n := dealias(p.node)
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	es := make([]entry, 0, len(n.Content)/2)
	index := make(map[string]int, len(n.Content)/2)
	p.collect(n, &es, index, true, map[*yaml.Node]bool{})
	return es
}

func (p place) collect(n *yaml.Node, es *[]entry, index map[string]int, own bool, seen map[*yaml.Node]bool) {
	if n == nil || n.Kind != yaml.MappingNode || seen[n] {
		return
	}
	seen[n] = true
	var merged []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := dealias(n.Content[i]), n.Content[i+1]
		if key == nil || key.Kind != yaml.ScalarNode {
			continue
		}
		if isMerge(key) {
			merged = append(merged, value)
			continue
		}
		at, twice := index[key.Value]
		switch {
		case !twice:
			index[key.Value] = len(*es)
			*es = append(*es, entry{key, place{p.doc, value}})
		case own:
			(*es)[at] = entry{key, place{p.doc, value}}
		}
	}
	for _, m := range merged {
		m = dealias(m)
		if m != nil && m.Kind == yaml.SequenceNode {
			for _, item := range m.Content {
				p.collect(dealias(item), es, index, false, seen)
			}
			continue
		}
		p.collect(m, es, index, false, seen)
	}
}

func isMerge(key *yaml.Node) bool {
	return key.Value == "<<" && key.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) == 0
}

// key finds the key node of a mapping, for its position.
func (p place) key(name string) *yaml.Node {
	k, _ := p.find(name)
	return k
}

// get is the value under a key; its node is nil where there is none.
func (p place) get(name string) place {
	_, v := p.find(name)
	return v
}

// find looks a key up without listing all of them where it is written plainly.
func (p place) find(name string) (*yaml.Node, place) {
	n := dealias(p.node)
	if n == nil || n.Kind != yaml.MappingNode {
		return nil, place{doc: p.doc}
	}
	merges := false
	for i := len(n.Content) - 2; i >= 0; i -= 2 {
		key := dealias(n.Content[i])
		if key == nil || key.Kind != yaml.ScalarNode {
			continue
		}
		if key.Value == name {
			return key, place{p.doc, n.Content[i+1]}
		}
		merges = merges || isMerge(key)
	}
	if merges {
		for _, e := range p.entries() {
			if e.name() == name {
				return e.key, e.value
			}
		}
	}
	return nil, place{doc: p.doc}
}

// text is a scalar as written, without its quotes; "" for null and for anything
// that is not a scalar.
func (p place) text() string {
	n := dealias(p.node)
	if n == nil || n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		return ""
	}
	return n.Value
}

func (p place) isTrue() bool { return strings.EqualFold(p.text(), "true") }

// items are the members of a sequence.
func (p place) items() []place {
	n := dealias(p.node)
	if n == nil || n.Kind != yaml.SequenceNode {
		return nil
	}
	items := make([]place, 0, len(n.Content))
	for _, c := range n.Content {
		items = append(items, place{p.doc, c})
	}
	return items
}

func (p place) isSequence() bool {
	n := dealias(p.node)
	return n != nil && n.Kind == yaml.SequenceNode
}

// texts are the scalars of a sequence.
func (p place) texts() []string {
	var out []string
	for _, item := range p.items() {
		if s := item.text(); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// size is the number of nodes directly in a place, which is what looking at it costs.
func size(p place) int {
	if n := dealias(p.node); n != nil {
		return len(n.Content)
	}
	return 0
}
