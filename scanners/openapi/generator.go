package openapi

import (
	"bufio"
	"bytes"
	"regexp"
	"strings"
)

// generatedBy: how generators name themselves in the comment that begins their files.
var generatedBy = regexp.MustCompile(`(?i)\bgenerated (?:with|by|using|from) ([\w./@-]*\w)`)

// generator is the program that wrote a file, by the comment before everything else.
// JSON has no comments.
func generator(b []byte) string {
	lines := bufio.NewScanner(bytes.NewReader(b))
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if line != "" && !strings.HasPrefix(line, "#") {
			break
		}
		if m := generatedBy.FindStringSubmatch(line); m != nil {
			return m[1]
		}
	}
	return ""
}
