package scanners

import (
	"regexp"
	"strings"
)

var imageDigest = regexp.MustCompile(`^[a-z0-9+._-]+:[0-9a-fA-F]{32,}$`)

// ImageName is a container image as a file names it, without what stands before an
// "@" that begins no digest: user names and passwords, which some people put there.
func ImageName(s string) string {
	i := strings.LastIndexByte(s, '@')
	if i < 0 || imageDigest.MatchString(s[i+1:]) && !strings.Contains(s[:i], "@") {
		return s
	}
	if imageDigest.MatchString(s[i+1:]) {
		return s[strings.LastIndexByte(s[:i], '@')+1:]
	}
	return s[i+1:]
}
