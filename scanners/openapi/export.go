package openapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"regexp"

	"go.yaml.in/yaml/v4"
)

// Bounds of what is handed on to kin-openapi for one description, over all of its
// files. It goes down as deep as mappings lead to one another, a few kilobytes of
// stack each time, and a stack that is too deep ends the process: no recover helps.
const (
	maxExport   = 2 << 20
	maxMappings = 50_000
)

var errExport = errors.New("too large, once its aliases are written out")

// exporter writes documents as JSON: what kin-openapi then reads has no aliases, no
// merges, no repeated keys and no surprises of YAML any more.
type exporter struct {
	out      bytes.Buffer
	bytes    int // of the documents before
	mappings int
}

func (e *exporter) export(doc *document) ([]byte, error) {
	e.bytes += e.out.Len()
	e.out = bytes.Buffer{}
	if err := e.write(place{doc, doc.root}, 0); err != nil {
		return nil, err
	}
	return e.out.Bytes(), nil
}

func (e *exporter) write(p place, depth int) error {
	n := dealias(p.node)
	if e.bytes+e.out.Len() > maxExport || e.mappings > maxMappings || depth > maxDepth {
		return errExport
	}
	switch {
	case n == nil:
		e.out.WriteString("null")
	case n.Kind == yaml.MappingNode:
		e.mappings++
		e.out.WriteByte('{')
		for i, entry := range p.entries() {
			if i > 0 {
				e.out.WriteByte(',')
			}
			e.text(entry.name())
			e.out.WriteByte(':')
			if err := e.write(entry.value, depth+1); err != nil {
				return err
			}
		}
		e.out.WriteByte('}')
	case n.Kind == yaml.SequenceNode:
		e.out.WriteByte('[')
		for i, item := range p.items() {
			if i > 0 {
				e.out.WriteByte(',')
			}
			if err := e.write(item, depth+1); err != nil {
				return err
			}
		}
		e.out.WriteByte(']')
	default:
		e.scalar(n)
	}
	return nil
}

var jsonNumber = regexp.MustCompile(`^-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?$`)

func (e *exporter) scalar(n *yaml.Node) {
	switch tag := n.ShortTag(); {
	case tag == "!!null":
		e.out.WriteString("null")
	case tag == "!!bool" && (n.Value == "true" || n.Value == "false"):
		e.out.WriteString(n.Value)
	case (tag == "!!int" || tag == "!!float") && len(n.Value) < 40 && jsonNumber.MatchString(n.Value):
		e.out.WriteString(n.Value)
	default:
		e.text(n.Value)
	}
}

func (e *exporter) text(s string) {
	b, _ := json.Marshal(s) // of a string, which cannot fail
	e.out.Write(b)
}
