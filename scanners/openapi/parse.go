package openapi

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf16"

	"go.yaml.in/yaml/v4"
	"go.yaml.in/yaml/v4/plugin/loaderlimits"
)

// Bounds of one parsed file. The largest descriptions known (of whole clouds) have
// some 500,000 nodes and 40 levels.
const (
	maxNodes     = 1_500_000
	maxDepth     = 200
	maxDocuments = 100
)

// document is one YAML document of a file, or a whole JSON file.
type document struct {
	file string
	root *yaml.Node
}

// fault is a reason why a file cannot be read on, with its line where known.
type fault struct {
	line int
	text string
}

func (f *fault) Error() string { return f.text }

// parse reads the documents of a file. Those before a fault are returned with it.
func parse(file string, b []byte) ([]document, *fault) {
	if startsWithBrace(b) {
		root, jsonFault := parseJSON(b)
		if jsonFault == nil {
			return []document{{file, root}}, nil
		}
		// A trailing comma or a comment is no JSON but is YAML.
		docs, err := parseYAML(file, b)
		if err != nil || len(docs) == 0 {
			return nil, jsonFault
		}
		return docs, nil
	}
	return parseYAML(file, b)
}

func parseYAML(file string, b []byte) ([]document, *fault) {
	if n := separators(b); n > maxNodes {
		return nil, &fault{text: fmt.Sprintf("too complex to be read: over %d values", maxNodes)}
	}
	loader, err := yaml.NewLoader(bytes.NewReader(b),
		yaml.WithUniqueKeys(false), yaml.WithPlugin(loaderlimits.New(loaderlimits.DepthValue(maxDepth))))
	if err != nil {
		return nil, &fault{text: err.Error()}
	}
	var docs []document
	for len(docs) < maxDocuments {
		var n yaml.Node
		err := loader.Load(&n)
		if errors.Is(err, io.EOF) {
			return docs, nil
		}
		if err != nil {
			return docs, yamlFault(b, err)
		}
		root := &n
		if n.Kind == yaml.DocumentNode && len(n.Content) == 1 {
			root = n.Content[0]
		}
		docs = append(docs, document{file, root})
	}
	return docs, &fault{text: fmt.Sprintf("only the first %d YAML documents of the file were read", maxDocuments)}
}

// separators is more than the number of nodes that the YAML parser could make of b,
// found without making them.
func separators(b []byte) int {
	n := 0
	for _, s := range []string{",", ":", "[", "{", "\n- ", " - ", "?"} {
		n += bytes.Count(b, []byte(s))
	}
	return n
}

func yamlFault(b []byte, err error) *fault {
	var le *yaml.LoadError
	if errors.As(err, &le) {
		line := le.Mark.Line
		if line == 0 { // bytes that are no text are told by their offset
			line = 1 + bytes.Count(b[:min(max(le.Mark.Index, 0), len(b))], []byte("\n"))
		}
		return &fault{line: line, text: le.Message}
	}
	return &fault{text: err.Error()}
}

// plainText makes UTF-8 of what Windows editors write: a byte order mark goes, and
// UTF-16 is decoded.
func plainText(b []byte) []byte {
	switch {
	case bytes.HasPrefix(b, []byte("\xef\xbb\xbf")):
		return b[3:]
	case bytes.HasPrefix(b, []byte("\xff\xfe")):
		return fromUTF16(b[2:], 0)
	case bytes.HasPrefix(b, []byte("\xfe\xff")):
		return fromUTF16(b[2:], 1)
	}
	return b
}

// fromUTF16 decodes; low is where in each pair the low byte stands.
func fromUTF16(b []byte, low int) []byte {
	units := make([]uint16, 0, len(b)/2)
	for i := 0; i+1 < len(b); i += 2 {
		units = append(units, uint16(b[i+low])|uint16(b[i+1-low])<<8)
	}
	return []byte(string(utf16.Decode(units)))
}
