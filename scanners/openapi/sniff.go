package openapi

import (
	"bytes"
	"path"
	"strings"
)

// candidate reports whether the file may be an OpenAPI document by its extension.
func candidate(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".yaml", ".yml", ".json":
		return true
	}
	return false
}

// A sniffed file may be an OpenAPI document. Only those are parsed: a large
// repository has thousands of YAML and JSON files that are something else.
type sniffed int

const (
	sniffedNothing   sniffed = iota
	sniffedSomewhere         // the key is there, perhaps deep inside something else
	sniffedTopLevel          // the key starts a line, or the whole is JSON
)

// sniff looks for `openapi` or `swagger` as a key with something like a version.
func sniff(b []byte) sniffed {
	found := max(sniffKey(b, "openapi"), sniffKey(b, "swagger"))
	if found == sniffedSomewhere && startsWithBrace(b) {
		return sniffedTopLevel
	}
	return found
}

func sniffKey(b []byte, key string) sniffed {
	found := sniffedNothing
	for from := 0; ; {
		i := bytes.Index(b[from:], []byte(key))
		if i < 0 {
			return found
		}
		start, end := from+i, from+i+len(key)
		from = end
		before := b[max(start-1, 0):start]
		if !versionFollows(b[end:min(len(b), end+200)]) || !bytes.ContainsAny(before, "\"' \t\r\n{,") && start > 0 {
			continue
		}
		found = max(found, sniffedSomewhere)
		if lineStart(b[:start]) {
			return sniffedTopLevel
		}
	}
}

// lineStart reports whether text ends where a key could stand that starts a line.
func lineStart(text []byte) bool {
	text = bytes.TrimRight(text, `"'`)
	return len(text) == 0 || text[len(text)-1] == '\n' || text[len(text)-1] == '\r'
}

// versionFollows reports whether text goes on like the rest of `openapi: 3.0.3`.
// A tag, an anchor or a block scalar may hold one too.
func versionFollows(text []byte) bool {
	text = bytes.TrimLeft(bytes.TrimLeft(text, `"'`), " \t\r\n")
	text, ok := bytes.CutPrefix(text, []byte(":"))
	text = bytes.TrimLeft(bytes.TrimLeft(text, " \t\r\n"), `"'`)
	return ok && len(text) > 0 && bytes.IndexByte([]byte("0123456789&!>|*"), text[0]) >= 0
}

func startsWithBrace(b []byte) bool {
	b = bytes.TrimLeft(b, " \t\r\n")
	return len(b) > 0 && b[0] == '{'
}
