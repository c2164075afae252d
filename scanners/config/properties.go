package config

import (
	"strings"
)

// readProperties reads lines of key=value (or key: value), with [sections] for
// parents. These formats differ in how they quote and continue lines; that is
// enough for values that name a host. Other lines, of web servers' .conf files
// for one, are no fault.
func readProperties(b []byte) ([]leaf, *fault) {
	var out []leaf
	section, number := "", 0
	for line := range strings.Lines(strings.TrimPrefix(string(b), "\uFEFF")) {
		number++
		text := strings.TrimSpace(line)
		switch {
		case text == "" || strings.ContainsRune("#;!", rune(text[0])):
			continue
		case text[0] == '[' && strings.HasSuffix(text, "]"):
			section = join("", strings.Trim(text, "[]"))
			continue
		}
		i := strings.IndexAny(text, "=:")
		if i <= 0 {
			continue
		}
		key := strings.TrimSpace(text[:i])
		if strings.ContainsAny(key, " \t\"'(){}<>") {
			continue
		}
		value := strings.TrimSpace(text[i+1:])
		if value != "" && (value[0] == '"' || value[0] == '\'') {
			if end := strings.LastIndexByte(value, value[0]); end > 0 {
				value = value[1:end]
			}
		} else {
			value, _, _ = strings.Cut(value, " #")
			value, _, _ = strings.Cut(value, " ;")
		}
		at := leaf{parent: section, value: strings.TrimSpace(value), text: true, line: number, column: strings.Index(line, key) + 1}
		at.name = key
		if dot := strings.LastIndexByte(key, '.'); dot > 0 && dot < len(key)-1 { // spring.datasource.url
			at.parent, at.name = join(section, key[:dot]), key[dot+1:]
		}
		out = append(out, at)
	}
	return out, nil
}
