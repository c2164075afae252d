package scanners

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// Endpoint is where a URL, DSN or address points, without anything that could be
// a credential: user, password, query and fragment are never kept.
type Endpoint struct {
	Scheme string `json:"scheme,omitempty"` // lower case; "" for a bare host:port
	Host   string `json:"host,omitempty"`   // lower case; "" where it is not known, "*.x.com" where its start is not
	Port   int    `json:"port,omitempty"`   // 0 when not given
	// Plain: the text says that the connection is not encrypted, or not verified
	// (sslmode=disable, tls=skip-verify).
	Plain bool `json:"plain,omitempty"`
}

// maxEndpoint is the longest text that ParseEndpoint looks at; a longer one is a
// document, not an address.
const maxEndpoint = 8 << 10

// ParseEndpoint reads the endpoint out of a literal: a URL (postgres://u:p@db:5432/x),
// a DSN of a Go driver ("user:pw@tcp(db:3306)/x", "host=db port=5432 user=..."),
// or an address (redis:6379). ok is false where the text is none of those.
//
// Of several hosts, the first counts. Pieces of a template (%s, ${VAR}, {name},
// <name>) are unknown text: "https://%s/api" has a scheme and no host, and
// "https://%s.example.com" has the host "*.example.com". A bare host without a
// port is any word, so it is not ok; see EndpointOf.
func ParseEndpoint(s string) (e Endpoint, ok bool) {
	if e, ok = parseEndpoint(s, 0); !ok {
		return Endpoint{}, false
	}
	e.Plain = plainConnection.MatchString(s)
	return e, true
}

// plainConnection are the parameters of connection strings that do without TLS, or
// without knowing the peer.
var plainConnection = regexp.MustCompile(`(?i)\b(?:sslmode=(?:disable|no-verify)|encrypt=disable|tls=skip-verify)\b`)

func parseEndpoint(s string, depth int) (e Endpoint, ok bool) {
	s = strings.TrimSpace(s)
	if s == "" || len(s) > maxEndpoint || depth > 2 || strings.ContainsFunc(s, unicode.IsControl) {
		return Endpoint{}, false
	}
	s = maskTemplates(s)
	if e, ok := parseKeyValues(s, depth); ok {
		return e, true
	}
	if e, ok := parseGoDSN(s); ok {
		return e, true
	}
	if scheme, rest, ok := cutScheme(s); ok {
		return parseURL(scheme, rest)
	}
	if e, ok := parseOpaque(s); ok {
		return e, true
	}
	return parseAddress(s)
}

// unknown stands for a piece of a template. It is no character of a host name,
// and a wildcard host (https://*.example.com) means the same.
const unknown = '*'

// maskTemplates replaces ${...}, {{...}}, {...} and <...>, which may hold any
// character, by unknown. Printf verbs stay: in a password they would be
// percent-encoding, so only the host is looked at for them.
func maskTemplates(s string) string {
	if !strings.ContainsAny(s, "{<") {
		return s
	}
	var b strings.Builder
	var open, shut byte
	depth, start := 0, 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case depth == 0 && (c == '{' || c == '<'):
			open, shut, depth, start = c, '}', 1, i
			if c == '<' {
				shut = '>'
			}
		case depth == 0:
			b.WriteByte(c)
		case c == open:
			depth++
		case c == shut:
			if depth--; depth == 0 {
				b.WriteByte(unknown)
			}
		}
	}
	if depth > 0 { // never closed, so no template
		b.WriteString(s[start:])
	}
	return strings.ReplaceAll(b.String(), "$*", "*")
}

// cutScheme splits "scheme://rest". Of jdbc:postgresql://h and the like it takes
// the inner scheme; a templated scheme is "".
func cutScheme(s string) (scheme, rest string, ok bool) {
	scheme, rest, ok = strings.Cut(s, "://")
	if !ok {
		return "", "", false
	}
	scheme = strings.ToLower(scheme)
	if inner, found := strings.CutPrefix(scheme, "jdbc:"); found {
		scheme, _, _ = strings.Cut(inner, ":")
	}
	if isTemplate(scheme) {
		return "", rest, true
	}
	return scheme, rest, isScheme(scheme)
}

func isScheme(s string) bool {
	if s == "" || len(s) > 32 || s[0] < 'a' || s[0] > 'z' {
		return false
	}
	return strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789+.-_") == ""
}

// isTemplate reports whether all of s is one piece of a template.
func isTemplate(s string) bool {
	return s == "*" || s == "%s" || s == "%v" || s == "%d" || len(s) > 1 && s[0] == '$' && isWord(s[1:])
}

func isWord(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return r != '_' && (r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r))
	})
}

// hostless are schemes of files and memory: what follows is no host.
var hostless = map[string]bool{
	"file": true, "unix": true, "unixgram": true, "sqlite": true, "sqlite3": true,
	"mem": true, "memory": true, "inmem": true, "embed": true, "iofs": true,
}

// resolvers are schemes of gRPC name resolution, where the host is in the path.
var resolvers = map[string]bool{"dns": true, "passthrough": true, "xds": true, "consul": true, "kubernetes": true}

func parseURL(scheme, rest string) (Endpoint, bool) {
	e := Endpoint{Scheme: scheme}
	if rest == "" { // half of a concatenation, or a prefix to look for
		return Endpoint{}, false
	}
	if hostless[scheme] {
		return e, !strings.ContainsAny(rest, " \t")
	}
	authority, path := splitAuthority(scheme, rest)
	if strings.ContainsAny(authority, " \t") && !strings.Contains(authority, ",") || proseFollows(path) {
		return Endpoint{}, false
	}
	if authority == "" && resolvers[scheme] {
		authority, _ = splitAuthority(scheme, strings.TrimLeft(path, "/"))
	}
	e.Host, e.Port = hostPort(authority)
	return e, true
}

// proseFollows reports whether the path is followed by further words, as in
// "https://x.com/docs says so". A list of URLs is not prose.
func proseFollows(path string) bool {
	path, _, _ = strings.Cut(path, "?")
	before, _, found := strings.Cut(path, " ")
	return found && !strings.HasSuffix(before, ",")
}

// splitAuthority cuts the host part, without user info, from what follows "://".
//
// Passwords are often written without the encoding that URLs ask for, so that
// one with a slash, '?' or '#' ends the authority too early. Nothing of it may
// be taken for a host or port: what cannot be told apart gives "".
func splitAuthority(scheme, rest string) (authority, path string) {
	if i := propertyStart(rest); i >= 0 { // sqlserver://h;password=...
		rest = rest[:i]
	}
	authority, path = rest, ""
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		authority, path = rest[:i], rest[i:]
	}
	if i := strings.LastIndexByte(authority, '@'); i >= 0 {
		return authority[i+1:], path
	}
	at := strings.LastIndexByte(path, '@')
	_, port, hasPort := strings.Cut(authority, ":")
	if at < 0 || !hasPort || strings.HasPrefix(authority, "[") {
		return authority, path
	}
	if n, _ := strconv.Atoi(port); n > 0 && n < 65536 || unknownPort(port) || strings.Contains(port, ",") {
		if q := strings.IndexAny(path, "?#"); q >= 0 && q < at {
			at = strings.LastIndexByte(path[:q], '@')
		}
		if at < 0 {
			return authority, path
		}
		if strings.HasPrefix(scheme, "http") {
			return "", path
		}
	}
	if strings.Contains(path[:at], "=") {
		return "", path
	}
	authority, path = path[at+1:], ""
	if i := strings.IndexAny(authority, "/?#"); i >= 0 {
		authority, path = authority[:i], authority[i:]
	}
	return authority, path
}

// propertyStart finds the ";" of ";key=", with which JDBC and ADO go on after the host.
func propertyStart(s string) int {
	for i := 0; i < len(s); i++ {
		if s[i] != ';' {
			continue
		}
		key, _, ok := strings.Cut(s[i+1:], "=")
		if ok && isWord(strings.ReplaceAll(strings.TrimSpace(key), " ", "_")) {
			return i
		}
	}
	return -1
}

// hostPort reads "host", "host:port", "[v6]:port" and lists of those, of which
// the first counts. What is no host gives "".
func hostPort(s string) (host string, port int) {
	s, _, _ = strings.Cut(s, ",")
	s = strings.TrimSpace(s)
	if v6, rest, ok := cutIPv6(s); ok {
		return v6, portOf(strings.TrimPrefix(rest, ":"))
	}
	host, p, _ := strings.Cut(s, ":")
	return cleanHost(host), portOf(p)
}

func cutIPv6(s string) (host, rest string, ok bool) {
	if !strings.HasPrefix(s, "[") {
		return "", "", false
	}
	host, rest, ok = strings.Cut(s[1:], "]")
	host, _, _ = strings.Cut(strings.ToLower(host), "%") // zone
	if !ok || !strings.Contains(host, ":") || strings.Trim(host, "0123456789abcdef:.") != "" {
		return "", "", false
	}
	return host, rest, rest == "" || rest[0] == ':'
}

func portOf(s string) int {
	if s == "" || len(s) > 5 || strings.Trim(s, "0123456789") != "" {
		return 0
	}
	if n, err := strconv.Atoi(s); err == nil && n < 65536 {
		return n
	}
	return 0
}

func unknownPort(s string) bool { return isTemplate(s) || strings.HasPrefix(s, "%") }

// cleanHost gives the host name in lower case, "*.known.part" where only its end
// is literal, and "" where s is no host name.
func cleanHost(s string) string {
	if i := strings.LastIndexAny(s, "*%$"); i >= 0 {
		_, known, _ := strings.Cut(s[i:], ".")
		known = cleanHost(known)
		if !strings.Contains(known, ".") {
			return ""
		}
		return "*." + known
	}
	// Some services put a token where the host stands: slack://xoxb-.../.
	if !isHost(s) || SecretValue(s) {
		return ""
	}
	return strings.ToLower(strings.TrimSuffix(s, "."))
}

func isHost(s string) bool {
	if s == "" || len(s) > 253 || strings.HasPrefix(s, ".") || strings.HasPrefix(s, "-") || strings.Contains(s, "..") {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool {
		return r != '.' && r != '-' && r != '_' && (r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r))
	})
}

// PlainConnection reports whether a connection string, or a piece of one, says that
// the connection is not encrypted or its peer not verified.
func PlainConnection(s string) bool { return len(s) < maxEndpoint && plainConnection.MatchString(s) }
