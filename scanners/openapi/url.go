package openapi

import (
	"regexp"
	"strings"
	"unicode"

	"github.com/intscan/intscan/scanners"
)

// cleanURL removes from a URL, or a template of one, whatever could be a
// credential: user and password, query, fragment, and long random path segments.
func cleanURL(s string) string {
	s = strings.TrimSpace(s)
	scheme, rest, found := strings.Cut(s, "//")
	if !found {
		scheme, rest = "", s
	} else {
		scheme += "//"
	}
	rest = withoutUser(rest, found)
	if i := strings.IndexAny(rest, "?#"); i >= 0 {
		rest = rest[:i]
	}
	segments := strings.Split(rest, "/")
	for i, seg := range segments {
		if i > 0 && looksRandom(seg) {
			segments[i] = "***"
		}
	}
	return scheme + strings.Join(segments, "/")
}

// withoutUser cuts off what stands before an @. A password may hold a slash or a
// question mark that nobody escaped, so what looks like a path can still be one;
// where in doubt, more is cut.
func withoutUser(rest string, hasScheme bool) string {
	end := strings.IndexAny(rest, `/\?#`)
	if end < 0 {
		end = len(rest)
	}
	authority := rest[:end]
	if i := strings.LastIndexByte(authority, '@'); i >= 0 {
		return rest[i+1:]
	}
	i := strings.LastIndexByte(rest, '@')
	_, afterColon, colon := strings.Cut(authority, ":")
	if i < 0 || !colon || !hasScheme {
		return rest
	}
	if afterColon != "" && !strings.ContainsFunc(afterColon, func(r rune) bool { return !unicode.IsDigit(r) }) {
		return authority // host:8080/@..., or a password that starts with digits
	}
	return rest[i+1:]
}

// looksRandom reports whether a path segment could be a token: long, of letters
// and digits without the separators that names have.
func looksRandom(seg string) bool {
	if len(seg) < 20 || strings.ContainsAny(seg, "{}.") {
		return false
	}
	digits := 0
	for _, r := range seg {
		if unicode.IsDigit(r) {
			digits++
		}
	}
	return digits >= 3 && strings.ContainsFunc(seg, unicode.IsLetter)
}

// secretQuery matches a query parameter whose name says that its value is secret.
var secretQuery = regexp.MustCompile(`(?i)([?&][^=&]*(?:token|key|secret|passw|sig|auth)[^=&]*=)[^&{]+`)

// cleanPath is the key of a path or the expression of a callback. Those are names,
// and nearly always stand as written.
func cleanPath(s string) string {
	if strings.Contains(s, "://") {
		if head, query, ok := strings.Cut(s, "?"); ok && !strings.Contains(head, "{") && query != "" {
			s = head
		}
		scheme, rest, _ := strings.Cut(s, "//")
		s = scheme + "//" + withoutUser(rest, true)
	}
	return secretQuery.ReplaceAllString(s, "$1***")
}

// endpoint is where a URL points; nil for a relative one.
func endpoint(s string) *scanners.Endpoint {
	e, ok := scanners.ParseEndpoint(s)
	if !ok || e.Host == "" {
		return nil
	}
	return &e
}
