package openapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v4"
)

// parseJSON makes the same nodes of JSON that the YAML parser makes of YAML. JSON
// is nearly YAML, but not quite (surrogate pairs, tabs, a key over 1024 bytes), and
// this way takes a fraction of the time.
func parseJSON(b []byte) (*yaml.Node, *fault) {
	p := jsonParser{text: b, dec: json.NewDecoder(bytes.NewReader(b)), line: 1}
	p.dec.UseNumber()
	root, err := p.value(0)
	if err == nil {
		if _, more := p.dec.Token(); more != io.EOF {
			err = errors.New("something follows the end of the JSON value")
		}
	}
	if err != nil {
		return nil, p.fault(err)
	}
	return root, nil
}

type jsonParser struct {
	text  []byte
	dec   *json.Decoder
	nodes int

	// The place up to which lines have been counted.
	offset, line, lineStart int
}

func (p *jsonParser) fault(err error) *fault {
	at := int(p.dec.InputOffset())
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		at = max(at, int(syntax.Offset)-1)
	}
	p.advance(at)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = errors.New("the JSON ends too early")
	}
	return &fault{line: p.line, text: err.Error()}
}

// advance counts lines up to a place further on.
func (p *jsonParser) advance(to int) {
	to = min(to, len(p.text))
	for p.offset < to {
		i := bytes.IndexByte(p.text[p.offset:to], '\n')
		if i < 0 {
			break
		}
		p.offset += i + 1
		p.line++
		p.lineStart = p.offset
	}
	p.offset = max(p.offset, to)
}

// next reads a token and gives the node that stands for it.
func (p *jsonParser) next() (json.Token, *yaml.Node, error) {
	start := int(p.dec.InputOffset())
	for start < len(p.text) && strings.IndexByte(" \t\r\n,:", p.text[start]) >= 0 {
		start++
	}
	tok, err := p.dec.Token()
	if err != nil {
		return nil, nil, err
	}
	if p.nodes++; p.nodes > maxNodes {
		return nil, nil, fmt.Errorf("too complex to be read: over %d values", maxNodes)
	}
	p.advance(start)
	return tok, &yaml.Node{Kind: yaml.ScalarNode, Line: p.line, Column: start - p.lineStart + 1}, nil
}

func (p *jsonParser) value(depth int) (*yaml.Node, error) {
	tok, n, err := p.next()
	if err != nil {
		return nil, err
	}
	switch t := tok.(type) {
	case json.Delim:
		if depth >= maxDepth {
			return nil, fmt.Errorf("nested deeper than %d", maxDepth)
		}
		return n, p.collection(n, t, depth)
	case string:
		n.Tag, n.Value, n.Style = "!!str", t, yaml.DoubleQuotedStyle
	case json.Number:
		n.Tag, n.Value = "!!int", t.String()
		if strings.ContainsAny(n.Value, ".eE") {
			n.Tag = "!!float"
		}
	case bool:
		n.Tag, n.Value = "!!bool", fmt.Sprint(t)
	case nil:
		n.Tag, n.Value = "!!null", "null"
	}
	return n, nil
}

// collection reads the members of an object or array up to its end.
func (p *jsonParser) collection(n *yaml.Node, open json.Delim, depth int) error {
	n.Kind, n.Tag = yaml.SequenceNode, "!!seq"
	if open == '{' {
		n.Kind, n.Tag = yaml.MappingNode, "!!map"
	}
	for p.dec.More() {
		member, err := p.value(depth + 1)
		if err != nil {
			return err
		}
		n.Content = append(n.Content, member)
		if open == '{' {
			if member, err = p.value(depth + 1); err != nil {
				return err
			}
			n.Content = append(n.Content, member)
		}
	}
	_, _, err := p.next()
	return err
}
