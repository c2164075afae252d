package gosrc

import "bytes"

// blankBodies replaces the bodies of top-level functions by spaces, keeping the
// line breaks: gofmt puts "func" at the start of a line and the closing brace of
// its body alone at the start of another. Text of another shape is left as it is.
func blankBodies(src []byte) []byte {
	out := bytes.Clone(src)
	for i := 0; i < len(out); {
		start := i
		if !bytes.HasPrefix(out[i:], []byte("func ")) {
			j := bytes.Index(out[i:], []byte("\nfunc "))
			if j < 0 {
				return out
			}
			start = i + j + 1
		}
		eol := bytes.IndexByte(out[start:], '\n')
		if eol < 0 {
			return out
		}
		// The body's opening brace ends a line; a signature may take several.
		line := start
		for !bytes.HasSuffix(bytes.TrimRight(out[line:line+eol], "\r"), []byte("{")) {
			if closedOnLine(out[line:line+eol]) || line != start && eol > 0 && !isIndented(out[line]) && out[line] != ')' {
				line = -1
				break
			}
			line += eol + 1
			if line >= len(out) {
				return out
			}
			if eol = bytes.IndexByte(out[line:], '\n'); eol < 0 {
				return out
			}
		}
		if line < 0 {
			i = start + 5
			continue
		}
		open := line + eol
		end := bytes.Index(out[open:], []byte("\n}"))
		if end < 0 {
			return out
		}
		if isOpenSignature(out[start:open]) {
			// "func f(x struct {" or "interface{": the brace is not the body's.
			i = open
			continue
		}
		if bytes.Count(out[open:open+end], []byte("`"))%2 == 1 {
			// A raw string is open where the body seems to end: templates of Go code.
			return bytes.Clone(src)
		}
		for k := open; k < open+end; k++ {
			if out[k] != '\n' {
				out[k] = ' '
			}
		}
		i = open + end + 2
	}
	return out
}

func isIndented(b byte) bool { return b == '\t' || b == ' ' }

// closedOnLine recognises one-line bodies and declarations without a body.
func closedOnLine(line []byte) bool {
	line = bytes.TrimRight(line, " \t\r")
	return bytes.HasSuffix(line, []byte("}")) || len(line) == 0
}

// isOpenSignature reports that the last brace is not the body's: the parentheses
// of the signature are still open there, or a struct or interface type begins,
// as in "func f() interface {".
func isOpenSignature(sig []byte) bool {
	if bytes.Count(sig, []byte("(")) > bytes.Count(sig, []byte(")")) {
		return true
	}
	words := bytes.Fields(bytes.TrimRight(sig, "{ \t\r"))
	if len(words) == 0 {
		return false
	}
	last := words[len(words)-1]
	return bytes.HasSuffix(last, []byte("struct")) || bytes.HasSuffix(last, []byte("interface"))
}
