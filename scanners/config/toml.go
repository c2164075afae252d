package config

import (
	"errors"
	"fmt"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// readTOML uses the parser below go-toml's decoder, for that one knows where a
// key stands. The decoder goes first: it knows the faults and their lines.
func readTOML(b []byte) ([]leaf, *fault) {
	var all map[string]any
	if err := toml.Unmarshal(b, &all); err != nil {
		var de *toml.DecodeError
		if errors.As(err, &de) {
			line, _ := de.Position()
			return nil, &fault{line, "not TOML"}
		}
		return nil, &fault{0, "not TOML"}
	}
	r := tomlReader{lines: newLines(b), arrays: map[string]int{}}
	var p unstable.Parser
	p.Reset(b)
	prefix := ""
	for p.NextExpression() {
		e := p.Expression()
		switch e.Kind {
		case unstable.Table, unstable.ArrayTable:
			prefix = r.table(e)
		case unstable.KeyValue:
			r.keyValue(e, prefix, 0)
		}
	}
	if err := p.Error(); err != nil {
		return nil, &fault{0, "not TOML"}
	}
	if r.deep {
		return nil, &fault{0, errDeep.Error()}
	}
	return r.out, nil
}

type tomlReader struct {
	lines  lines
	arrays map[string]int // items of each array of tables so far
	out    []leaf
	deep   bool
}

// table gives the path of [a.b] or of the next item of [[a.b]].
func (r *tomlReader) table(e *unstable.Node) string {
	path := ""
	for it := e.Key(); it.Next(); {
		path = join(path, string(it.Node().Data))
		if n := r.arrays[path]; n > 0 && (e.Kind == unstable.Table || !it.IsLast()) {
			path += fmt.Sprintf("[%d]", n-1)
		}
	}
	if e.Kind == unstable.ArrayTable {
		r.arrays[path]++
		path += fmt.Sprintf("[%d]", r.arrays[path]-1)
	}
	return path
}

func (r *tomlReader) keyValue(e *unstable.Node, prefix string, depth int) {
	at := leaf{parent: prefix}
	first := true
	for it := e.Key(); it.Next(); {
		if !first {
			at.parent = join(at.parent, at.name)
		}
		at.name = string(it.Node().Data)
		if first {
			at.line, at.column = r.lines.at(int(it.Node().Raw.Offset))
		}
		first = false
	}
	r.value(e.Value(), at, depth)
}

func (r *tomlReader) value(v *unstable.Node, at leaf, depth int) {
	if depth > maxDepth {
		r.deep = true
		return
	}
	switch v.Kind {
	case unstable.InlineTable:
		for it := v.Children(); it.Next(); {
			r.keyValue(it.Node(), at.key(), depth+1)
		}
	case unstable.Array:
		i := 0
		for it := v.Children(); it.Next(); i++ {
			item := at
			item.index += fmt.Sprintf("[%d]", i)
			if raw := it.Node().Raw; raw.Length > 0 {
				item.line, item.column = r.lines.at(int(raw.Offset))
			}
			r.value(it.Node(), item, depth+1)
		}
	default:
		at.value = string(v.Data)
		at.text = v.Kind == unstable.String || v.Kind == unstable.Integer || v.Kind == unstable.Float
		r.out = append(r.out, at)
	}
}
