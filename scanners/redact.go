package scanners

import (
	"regexp"
	"strings"
)

const redacted = "[redacted]"

var (
	pemBlock = regexp.MustCompile(`(?s)-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----.*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|\z)`)
	urlRun   = regexp.MustCompile(`([A-Za-z][\w+.-]*://)([^\n]+)`)
)

// Redact takes out of a text that is quoted in output whatever may be a secret:
// user info of URLs and DSNs, values of keys such as password= and token=, and
// all that SecretValue knows. It may take more than the secret, never less.
// A text longer than 4 KiB is no quotation and is cut.
func Redact(s string) string {
	const limit = 4 << 10
	if len(s) > limit {
		s = strings.ToValidUTF8(s[:limit], "") + redacted
	}
	s = pemBlock.ReplaceAllString(s, redacted)
	s = redactPairs(s)
	s = redactUsers(s)
	s = goDSNUser.ReplaceAllString(s, redacted+"@$1")
	s = knownTokens.ReplaceAllString(s, redacted)
	digests := digest.FindAllStringIndex(s, -1)
	var b strings.Builder
	end := 0
	for _, m := range tokenRuns.FindAllStringIndex(s, -1) {
		b.WriteString(s[end:m[0]])
		if isRandom(s[m[0]:m[1]]) && !within(digests, m) {
			b.WriteString(redacted)
		} else {
			b.WriteString(s[m[0]:m[1]])
		}
		end = m[1]
	}
	return b.String() + s[end:]
}

func within(spans [][]int, m []int) bool {
	for _, d := range spans {
		if d[0] <= m[0] && m[1] <= d[1] {
			return true
		}
	}
	return false
}

func redactPairs(s string) string {
	var b strings.Builder
	for {
		key, _, i, ok := nextPair(s)
		if !ok {
			return b.String() + s
		}
		b.WriteString(s[:i])
		s = s[i:]
		end := valueEnd(s)
		if value := strings.Trim(s[:end], `"'`); value == "" || !secretParam(key) || strings.HasPrefix(value, "//") || isReference(value) {
			continue // there may be pairs inside the value: "dsn=postgres://h/?password=x"
		}
		b.WriteString(redacted)
		s = s[end:]
	}
}

// valueEnd is the end of the value that s starts with: its closing quote, that of
// the line where a quote stays open, or else the next space. What that takes
// beyond the value is lost to the reader; what it left could be half of a password.
func valueEnd(s string) int {
	line := len(s)
	if i := strings.IndexByte(s, '\n'); i >= 0 {
		line = i
	}
	if s == "" || s[0] != '"' && s[0] != '\'' {
		if i := strings.IndexAny(s[:line], " \t\r"); i >= 0 {
			return i
		}
		return line
	}
	for i := 1; i < line; i++ {
		switch s[i] {
		case '\\':
			i++
		case s[0]:
			return i + 1
		}
	}
	return line
}

// redactUsers drops user info after "://". A password may hold any character, so
// where a host with an odd port is followed by an @ on the same line, all between
// is taken for user info.
func redactUsers(s string) string {
	return urlRun.ReplaceAllStringFunc(s, func(m string) string {
		i := strings.Index(m, "://") + len("://")
		return m[:i] + redactUser(m[i:])
	})
}

func redactUser(rest string) string {
	run := rest
	if i := strings.IndexAny(rest, " \t"); i >= 0 {
		run = rest[:i]
	}
	authority := run
	if i := strings.IndexAny(run, "/?#"); i >= 0 {
		authority = run[:i]
	}
	at := strings.LastIndexByte(run, '@')
	_, port, hasPort := strings.Cut(authority, ":")
	if strings.HasPrefix(authority, "[") {
		_, port, hasPort = strings.Cut(authority, "]:")
	}
	port = strings.TrimRight(port, `"',;.)]}`)
	odd := hasPort && portOf(port) == 0 && port != "" && !unknownPort(port) && !strings.ContainsAny(port[:1], "${<")
	switch {
	case at >= 0 && (hasPort || strings.Contains(authority, "@")):
	case odd && strings.Contains(rest, "@"):
		at = strings.LastIndexByte(rest, '@')
	case odd:
		return redacted + rest[len(authority):]
	default:
		at = -1
	}
	if at < 0 {
		return redactNext(rest)
	}
	return redacted + "@" + redactNext(rest[at+1:])
}

// redactNext does the same for further URLs of the line.
func redactNext(rest string) string {
	if !strings.Contains(rest, "://") {
		return rest
	}
	return redactUsers(rest)
}
