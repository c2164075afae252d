// Package yamlnode reads YAML into nodes with line numbers, and refuses what is
// written to cost more than it says: alias bombs, alias circles, and nesting
// without end.
//
// It knows no schema. What the nodes mean is up to the scanner that asked.
package yamlnode

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"

	"go.yaml.in/yaml/v4"
	"go.yaml.in/yaml/v4/plugin/loaderlimits"

	"github.com/intscan/intscan/scanners"
)

// The limits of one file. Real ones stay far below: the largest API descriptions
// have some 300,000 nodes.
const (
	maxBytes = 8 << 20
	maxNodes = 500_000 // with every alias counted as what it stands for
	maxDepth = 100
)

// maxTime is longer in tests, which the race detector slows down.
var maxTime = 10 * time.Second

// Error says why a file was not read. Line is 0 where it is not known.
type Error struct {
	Line    int
	Message string
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return e.Message
	}
	return fmt.Sprintf("line %d: %s", e.Line, e.Message)
}

// Parse reads all documents of b. Each node is the content of a document, not
// the document node; empty documents are left out. Errors are of type *Error;
// the documents before the faulty one are returned with it. No node leads to
// itself, and following all aliases visits at most 500,000 nodes, 100 deep.
func Parse(b []byte) ([]*yaml.Node, error) {
	if len(b) > maxBytes {
		return nil, &Error{Message: fmt.Sprintf("YAML of over %d MiB is not read", maxBytes>>20)}
	}
	// A node costs some 200 bytes of memory and can be two bytes long, so what is
	// too much is better known before than after.
	marks := 0
	for _, c := range []byte("\n,[{") {
		marks += bytes.Count(b, []byte{c})
	}
	if marks > 3*maxNodes {
		return nil, &Error{Message: fmt.Sprintf("YAML of over %d nodes is not read", maxNodes)}
	}
	type result struct {
		docs []*yaml.Node
		err  error
	}
	r, err := scanners.Guard(context.Background(), maxTime, func(ctx context.Context) (result, error) {
		docs, err := parse(ctx, b)
		return result{docs, err}, nil
	})
	if err != nil {
		return nil, &Error{Message: scanners.Redact(err.Error())}
	}
	return r.docs, r.err
}

func parse(ctx context.Context, b []byte) ([]*yaml.Node, error) {
	loader, err := yaml.NewLoader(bytes.NewReader(b), yaml.WithUniqueKeys(false),
		yaml.WithPlugin(loaderlimits.New(loaderlimits.DepthValue(maxDepth))))
	if err != nil {
		return nil, &Error{Message: err.Error()}
	}
	var docs []*yaml.Node
	c := checker{anchors: map[*yaml.Node]extent{}}
	for ctx.Err() == nil {
		var n yaml.Node
		if err := loader.Load(&n); errors.Is(err, io.EOF) {
			return docs, nil
		} else if err != nil {
			return docs, asError(err)
		}
		if n.Kind != yaml.DocumentNode || len(n.Content) == 0 {
			continue
		}
		content := n.Content[0]
		e, err := c.check(content, 1)
		if err != nil {
			return docs, err
		}
		if c.total += e.nodes; c.total > maxNodes {
			return docs, tooMany(content)
		}
		if content.Tag != "!!null" {
			docs = append(docs, content)
		}
	}
	return docs, ctx.Err()
}

func asError(err error) *Error {
	var le *yaml.LoadError
	if errors.As(err, &le) {
		line := le.Mark.Line
		// "unexpected end of stream" is of use only where the thing began.
		if c := le.ContextMark.Line; c > 0 && c < line {
			return &Error{Line: c, Message: scanners.Redact(fmt.Sprintf("not YAML: %s (at line %d)", le.Message, line))}
		}
		return &Error{Line: line, Message: scanners.Redact("not YAML: " + le.Message)}
	}
	return &Error{Message: scanners.Redact("not YAML: " + err.Error())}
}

// Resolve follows an alias to what it stands for. It returns a node of kind 0
// for nil, so that a missing node can be asked for its kind too.
func Resolve(n *yaml.Node) *yaml.Node {
	for n != nil && n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n == nil {
		return &yaml.Node{}
	}
	return n
}

// Fields yields the keys and values of a mapping, aliases resolved in keys and
// values, "<<" merged after the mapping's own keys and without those it repeats.
// Of anything else it yields nothing.
func Fields(n *yaml.Node) iter.Seq2[*yaml.Node, *yaml.Node] {
	return func(yield func(k, v *yaml.Node) bool) {
		fields(Resolve(n), map[string]bool{}, yield)
	}
}

func fields(n *yaml.Node, seen map[string]bool, yield func(k, v *yaml.Node) bool) bool {
	if n.Kind != yaml.MappingNode {
		return true
	}
	var merged []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := Resolve(n.Content[i]), Resolve(n.Content[i+1])
		switch {
		case k.Kind != yaml.ScalarNode:
		case k.Value == "<<" && k.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) == 0 && v.Kind == yaml.SequenceNode:
			for _, m := range v.Content {
				merged = append(merged, Resolve(m))
			}
		case k.Value == "<<" && v.Kind == yaml.MappingNode:
			merged = append(merged, v)
		case !seen[k.Value]:
			seen[k.Value] = true
			if !yield(k, v) {
				return false
			}
		}
	}
	for _, m := range merged {
		if !fields(m, seen, yield) {
			return false
		}
	}
	return true
}

// Get walks down mappings by keys. It returns a node of kind 0 where there is none.
func Get(n *yaml.Node, keys ...string) *yaml.Node {
	n = Resolve(n)
	for _, key := range keys {
		next := &yaml.Node{}
		for k, v := range Fields(n) {
			if k.Value == key {
				next = v
				break
			}
		}
		n = next
	}
	return n
}

// String is the text of a scalar at a path of keys, and "" where there is none.
func String(n *yaml.Node, keys ...string) string {
	if n = Get(n, keys...); n.Kind == yaml.ScalarNode && n.Tag != "!!null" {
		return n.Value
	}
	return ""
}

// Items yields the items of a sequence, aliases resolved. Of anything else it
// yields nothing.
func Items(n *yaml.Node) iter.Seq[*yaml.Node] {
	return func(yield func(*yaml.Node) bool) {
		n := Resolve(n)
		if n.Kind != yaml.SequenceNode {
			return
		}
		for _, item := range n.Content {
			if !yield(Resolve(item)) {
				return
			}
		}
	}
}
