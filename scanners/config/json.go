package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sort"
	"strings"
)

// lines turns offsets into lines and columns.
type lines []int // offsets at which lines start

func newLines(b []byte) lines {
	l := lines{0}
	for i, c := range b {
		if c == '\n' {
			l = append(l, i+1)
		}
	}
	return l
}

func (l lines) at(offset int) (line, column int) {
	line = sort.SearchInts(l, offset+1)
	return line, offset - l[line-1] + 1
}

// jsonReader walks the tokens of a document. encoding/json knows no lines, only
// the offset behind the last token.
type jsonReader struct {
	dec   *json.Decoder
	src   []byte
	lines lines
	top   map[string]bool
	out   []leaf
}

func readJSON(b []byte) ([]leaf, *fault) {
	b = bytes.TrimPrefix(b, []byte("\uFEFF"))
	r := jsonReader{dec: json.NewDecoder(bytes.NewReader(b)), src: b, lines: newLines(b), top: map[string]bool{}}
	r.dec.UseNumber()
	err := r.value(leaf{}, "", 0)
	if errors.Is(err, io.EOF) && len(bytes.TrimSpace(b)) == 0 {
		return nil, nil
	}
	if err != nil {
		offset := int(r.dec.InputOffset())
		var se *json.SyntaxError
		if errors.As(err, &se) {
			offset = max(0, int(se.Offset)-1)
		}
		line, _ := r.lines.at(min(offset, len(b)))
		message := "not JSON"
		if bytes.Contains(b, []byte("//")) || bytes.Contains(b, []byte("/*")) {
			message += " (comments are not part of it)"
		}
		if errors.Is(err, errDeep) {
			message = errDeep.Error()
		}
		return nil, &fault{line, message}
	}
	if foreign(r.top) {
		return nil, nil
	}
	return r.out, nil
}

var errDeep = fmt.Errorf("nested deeper than %d levels", maxDepth)

func (r *jsonReader) value(at leaf, prefix string, depth int) error {
	if depth > maxDepth {
		return errDeep
	}
	t, err := r.dec.Token()
	if err != nil {
		return err
	}
	switch t := t.(type) {
	case string:
		at.value, at.text = t, true
	case json.Number:
		at.value, at.text = t.String(), true
	case json.Delim:
		if t == '[' {
			return r.array(at, prefix, depth)
		}
		return r.object(prefix, depth)
	}
	r.out = append(r.out, at)
	return nil
}

func (r *jsonReader) array(at leaf, prefix string, depth int) error {
	for i := 0; r.dec.More(); i++ {
		index := fmt.Sprintf("[%d]", i)
		item := leaf{parent: at.parent, name: at.name, index: at.index + index}
		item.line, item.column = r.next()
		if err := r.value(item, prefix+index, depth+1); err != nil {
			return err
		}
	}
	_, err := r.dec.Token()
	return err
}

func (r *jsonReader) object(prefix string, depth int) error {
	for r.dec.More() {
		line, column := r.next()
		t, err := r.dec.Token()
		if err != nil {
			return err
		}
		key, ok := t.(string)
		if !ok {
			return errors.New("a key is no string")
		}
		if depth == 0 {
			r.top[key] = true
		}
		at := leaf{parent: prefix, name: key, line: line, column: column}
		if err := r.value(at, join(prefix, key), depth+1); err != nil {
			return err
		}
	}
	_, err := r.dec.Token()
	return err
}

// next is the place of the token that comes next.
func (r *jsonReader) next() (line, column int) {
	i := int(r.dec.InputOffset())
	for i < len(r.src) && strings.IndexByte(" \t\r\n,:", r.src[i]) >= 0 {
		i++
	}
	return r.lines.at(i)
}
