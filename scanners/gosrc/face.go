package gosrc

import (
	"bytes"
	"crypto/sha256"
	"strings"
)

// readFace notes what importers see of the file: its text without the bodies of
// functions, and the imports that this text mentions.
func (f *rawFile) readFace() {
	sum := sha256.Sum256(f.src)
	f.sum = string(sum[:])
	if f.isTest() {
		return
	}
	text := blankBodies(f.src)
	used := qualifiers(text)
	for _, spec := range f.ast.Imports {
		if mentioned(spec, used) {
			f.mentions = append(f.mentions, strings.Trim(spec.Path.Value, "\"`"))
		}
	}
	sum = sha256.Sum256(condensed(text))
	f.face = string(sum[:])
}

// qualifiers are the words before a dot, in comments too.
func qualifiers(text []byte) map[string]bool {
	words := map[string]bool{}
	start := -1
	for i, b := range text {
		switch {
		case b == '_' || b >= '0' && b <= '9' || b|0x20 >= 'a' && b|0x20 <= 'z' || b >= 0x80:
			if start < 0 {
				start = i
			}
			continue
		case b == '.' && start >= 0:
			words[string(text[start:i])] = true
		}
		start = -1
	}
	return words
}

// condensed is the text with each run of white space as one blank, so that the
// length of the bodies left out does not show. Fields of unnamed structs go by their
// position; a text that may hold one stays as it is.
func condensed(text []byte) []byte {
	if bytes.Count(text, []byte("struct {"))+bytes.Count(text, []byte("struct{")) > namedStructs(text) {
		return text
	}
	out := make([]byte, 0, len(text))
	for _, b := range text {
		if b == ' ' || b == '\t' || b == '\n' || b == '\r' {
			if n := len(out); n > 0 && out[n-1] == ' ' {
				continue
			}
			b = ' '
		}
		out = append(out, b)
	}
	return out
}

// namedStructs counts the lines "type T struct {".
func namedStructs(text []byte) int {
	n := 0
	for rest, found := text, true; found; {
		_, rest, found = bytes.Cut(rest, []byte("\ntype "))
		line, _, _ := bytes.Cut(rest, []byte("\n"))
		if found && (bytes.HasSuffix(line, []byte(" struct {")) || bytes.HasSuffix(line, []byte(" struct{}"))) {
			n++
		}
	}
	return n
}
