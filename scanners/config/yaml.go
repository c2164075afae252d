package config

import (
	"errors"
	"fmt"

	"go.yaml.in/yaml/v4"

	"github.com/intscan/intscan/scanners/yamlnode"
)

func readYAML(b []byte) ([]leaf, *fault) {
	docs, err := yamlnode.Parse(b)
	var ye *yamlnode.Error
	if errors.As(err, &ye) {
		return nil, &fault{ye.Line, ye.Message}
	} else if err != nil {
		return nil, &fault{0, err.Error()}
	}
	var out []leaf
	for _, d := range docs {
		keys := map[string]bool{}
		services := false
		for k, v := range yamlnode.Fields(d) {
			keys[k.Value] = true
			services = services || k.Value == "services" && composeLike(v)
		}
		if !foreign(keys) && !services {
			yamlLeaves(d, leaf{}, "", &out)
		}
	}
	return out, nil
}

// composeLike reports whether "services" holds those of a compose file.
func composeLike(services *yaml.Node) bool {
	for _, s := range yamlnode.Fields(services) {
		for k := range yamlnode.Fields(s) {
			if k.Value == "image" || k.Value == "build" {
				return true
			}
		}
	}
	return false
}

// yamlLeaves collects the scalars below n. at is where n stands, prefix the path
// of its children.
func yamlLeaves(n *yaml.Node, at leaf, prefix string, out *[]leaf) {
	switch n.Kind {
	case yaml.ScalarNode:
		at.value = n.Value
		tag := n.ShortTag()
		at.text = tag == "!!str" || tag == "!!int" || tag == "!!float"
		*out = append(*out, at)
	case yaml.SequenceNode:
		i := 0
		for item := range yamlnode.Items(n) {
			index := fmt.Sprintf("%s[%d]", at.index, i)
			item2 := leaf{parent: at.parent, name: at.name, index: index, line: item.Line, column: item.Column}
			yamlLeaves(item, item2, prefix+fmt.Sprintf("[%d]", i), out)
			i++
		}
	case yaml.MappingNode:
		// A list of {name: DB_URL, value: ...} is a map in other clothes.
		if name, value := yamlnode.String(n, "name"), yamlnode.Get(n, "value"); name != "" && value.Kind == yaml.ScalarNode && len(n.Content) == 4 {
			yamlLeaves(value, leaf{parent: prefix, name: name, line: value.Line, column: value.Column}, "", out)
			return
		}
		for k, v := range yamlnode.Fields(n) {
			yamlLeaves(v, leaf{parent: prefix, name: k.Value, line: k.Line, column: k.Column}, join(prefix, k.Value), out)
		}
	}
}
