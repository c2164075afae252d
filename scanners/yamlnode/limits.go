package yamlnode

import (
	"fmt"

	"go.yaml.in/yaml/v4"
)

func tooMany(n *yaml.Node) *Error {
	return &Error{Line: n.Line, Message: fmt.Sprintf("YAML of over %d nodes, aliases counted as what they stand for, is not read", maxNodes)}
}

func tooDeep(n *yaml.Node) *Error {
	return &Error{Line: n.Line, Message: fmt.Sprintf("YAML nested deeper than %d levels is not read", maxDepth)}
}

// extent is how large a node is when all aliases below it are followed.
type extent struct{ nodes, height int }

type checker struct {
	anchors map[*yaml.Node]extent // zero while the anchor's own content is counted
	total   int
}

// check measures n at the given depth, and refuses what is too large. An anchor
// is measured once, so this takes time linear in the file.
func (c *checker) check(n *yaml.Node, depth int) (extent, error) {
	if depth > maxDepth {
		return extent{}, tooDeep(n)
	}
	if n.Kind == yaml.AliasNode {
		e := c.anchors[n.Alias]
		switch {
		case e.nodes == 0:
			return e, &Error{Line: n.Line, Message: "YAML alias stands inside its own anchor"}
		case depth+e.height > maxDepth:
			return e, tooDeep(n)
		}
		return e, nil
	}
	if n.Anchor != "" {
		c.anchors[n] = extent{}
	}
	e := extent{nodes: 1}
	for _, child := range n.Content {
		below, err := c.check(child, depth+1)
		if err != nil {
			return extent{}, err
		}
		e.height = max(e.height, below.height+1)
		if e.nodes += below.nodes; e.nodes > maxNodes {
			return extent{}, tooMany(child)
		}
	}
	if n.Anchor != "" {
		c.anchors[n] = e
	}
	return e, nil
}
