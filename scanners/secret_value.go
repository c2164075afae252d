package scanners

import (
	"regexp"
	"strings"
	"unicode"
)

// SecretValue reports whether a value is a secret by its shape, whatever its
// name: a URL or DSN with a password, a private key, a token of a known service,
// or long random text. References (${VAR}) and placeholders are none.
func SecretValue(value string) bool {
	value = strings.TrimSpace(value)
	switch {
	case value == "" || isReference(value):
		return false
	case len(value) > 64<<10:
		return true // no one reads that, and looking into it takes time
	}
	return strings.Contains(value, "PRIVATE KEY-----") || hasUserPassword(value) || hasSecretPair(value) || hasToken(value)
}

// knownTokens are the shapes that services give their keys, so that push
// protection can find them. The short prefixes need enough after them.
var knownTokens = regexp.MustCompile(
	`eyJ[\w-]{6,}\.[\w-]{4,}\.[\w-]*` + // JWT
		`|\b(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{12,}` + // AWS
		`|\b(?:sk|rk|pk)_(?:live|test)_\w{6,}|\bwhsec_\w{8,}|\bsk-[\w-]{16,}` + // Stripe, OpenAI, Anthropic
		`|\bgh[pousr]_\w{16,}|\bgithub_pat_\w{16,}|\bglpat-[\w-]{12,}|\bnpm_\w{20,}|\bpypi-[\w-]{20,}` +
		`|\bxox[a-z]-[\w-]{8,}|\bxapp-[\w-]{8,}|hooks\.slack\.com/services/[\w/]+` + // Slack
		`|\bAIza[\w-]{20,}|\bya29\.[\w-]{10,}|\bGOCSPX-[\w-]{10,}` + // Google
		`|\bSG\.[\w-]{10,}\.[\w-]{10,}|\bkey-[0-9a-f]{32}\b|\bdop_v1_\w{20,}|\bhv[sb]\.[\w-]{16,}|\bdapi[0-9a-f]{32}` +
		`|\bAGE-SECRET-KEY-\w{10,}|\b\d{8,10}:[\w-]{35}\b`) // age, Telegram

// issuedTokens are those of knownTokens that open something wherever they stand:
// no publishable, test or sandbox keys, and no JWT, which may be anybody's.
var issuedTokens = regexp.MustCompile(
	`\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\b(?:sk|rk)_live_\w{16,}|\bwhsec_\w{24,}|\bsk-(?:proj-|ant-)[\w-]{20,}` +
		`|\bgh[pousr]_\w{30,}|\bgithub_pat_\w{30,}|\bglpat-[\w-]{20,}|\bnpm_\w{30,}|\bpypi-[\w-]{40,}` +
		`|\bxox[abp]-[\w-]{20,}|hooks\.slack\.com/services/T\w+/B\w+/\w{20,}|\bAIza[\w-]{35}|\bGOCSPX-[\w-]{20,}` +
		`|\bSG\.[\w-]{20,}\.[\w-]{20,}|\bdop_v1_\w{40,}|\bhv[sb]\.[\w-]{24,}|\bAGE-SECRET-KEY-\w{20,}`)

// tokenRuns are the runs of characters that a random token may consist of.
var tokenRuns = regexp.MustCompile(`[A-Za-z0-9_+/=-]{20,}`)

var (
	uuid   = regexp.MustCompile(`^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$`)
	digest = regexp.MustCompile(`\b(?:sha1|sha256|sha384|sha512|h1)[:-][0-9A-Za-z+/=]+`)
)

func hasToken(s string) bool {
	if knownTokens.MatchString(s) {
		return true
	}
	for _, run := range tokenRuns.FindAllString(digest.ReplaceAllString(s, ""), -1) {
		if isRandom(run) {
			return true
		}
	}
	return false
}

// isRandom tells random text from names and paths: it has digits, and kinds of
// characters change at one of three places and more, in "user-service-v2/config"
// at one of ten.
func isRandom(run string) bool {
	if uuid.MatchString(run) {
		return false
	}
	for piece := range strings.FieldsFuncSeq(run, isTokenPunct) {
		if len(piece) >= 20 && changes(piece) >= 0.27 {
			return true
		}
	}
	bare := strings.Map(func(r rune) rune {
		if isTokenPunct(r) {
			return -1
		}
		return r
	}, run)
	mixed := strings.ContainsFunc(bare, unicode.IsUpper) && strings.ContainsFunc(bare, unicode.IsLower) && strings.ContainsFunc(bare, unicode.IsDigit)
	if !mixed || len(bare) < 20 {
		return false
	}
	return changes(bare) >= 0.35 || len(run) == 40 && distinct(run) >= 20 // that long are AWS keys
}

func isTokenPunct(r rune) bool { return strings.ContainsRune("/_-+=", r) }

// changes is the share of neighbours of different kinds: digit, lower case and
// upper case. A capital before a small letter is how words begin, and no change.
func changes(s string) float64 {
	kind := func(c byte) int {
		switch {
		case c >= '0' && c <= '9':
			return 0
		case c >= 'a' && c <= 'z':
			return 1
		}
		return 2
	}
	if !strings.ContainsAny(s, "0123456789") || distinct(s) < 8 {
		return 0
	}
	n := 0
	for i := 1; i < len(s); i++ {
		if a, b := kind(s[i-1]), kind(s[i]); a != b && !(a == 2 && b == 1) {
			n++
		}
	}
	return float64(n) / float64(len(s)-1)
}

func distinct(s string) int {
	seen := map[byte]bool{}
	for i := range len(s) {
		seen[s[i]] = true
	}
	return len(seen)
}

var reference = regexp.MustCompile(`^(?:\$\{[^{}]*\}|\$\([^()]*\)|\$\w+|\{\{[^{}]*\}\}|\{\w+\}|<[^<>]*>|%\w|%\w+%|[*x.]+|(?i:change[-_ ]?me|(?:your|my)[-_ ][\w -]+|replace[-_ ]\w[\w -]*|placeholder|example|todo|secret|password|none|null))$`)

func isReference(s string) bool {
	// ${PASSWORD:-s3cr3t} has a default, which may be the secret itself.
	if strings.HasPrefix(s, "${") && strings.ContainsAny(s, "-=+?") {
		return false
	}
	return reference.MatchString(s)
}

var goDSNUser = regexp.MustCompile(`\S*:\S*@(\w[\w-]*\()`)

// hasUserPassword reports whether s is a URL or DSN with a password before the @.
func hasUserPassword(s string) bool {
	for rest := s; ; {
		_, after, ok := strings.Cut(rest, "://")
		if !ok {
			break
		}
		user, _, found := strings.Cut(after, "@")
		_, password, hasPassword := strings.Cut(user, ":")
		if found && hasPassword && !isReference(password) && password != "" {
			// With a path before the @, "password" may be a port; in doubt it is none.
			if port, _, hasPath := strings.Cut(password, "/"); !hasPath || portOf(port) == 0 {
				return true
			}
		}
		rest = after
	}
	for _, m := range goDSNUser.FindAllString(s, -1) {
		m = m[:strings.LastIndexByte(m, '@')]
		if _, password, _ := strings.Cut(m, ":"); password != "" && !isReference(password) {
			return true
		}
	}
	return false
}

// pairKey is the start of "key=value", "key: value", "key := value" and of the
// JSON form.
var pairKey = regexp.MustCompile(`([A-Za-z_][\w.-]*(?: (?:[Kk]ey|[Tt]oken))?)(\\?["']?\s*(?:=|:=|:)[ \t]*)`)

// nextPair finds the next key that has a value. value is where the value starts.
func nextPair(s string) (key, sep string, value int, ok bool) {
	m := pairKey.FindStringSubmatchIndex(s)
	if m == nil {
		return "", "", 0, false
	}
	return s[m[2]:m[3]], s[m[4]:m[5]], m[1], true
}

// secretParam reports whether a parameter of a query or connection string is
// secret. Besides names of variables, those of signatures are.
func secretParam(name string) bool {
	switch strings.ToLower(name) {
	case "sig", "signature", "x-amz-signature", "x-goog-signature", "key", "apikey", "auth", "code", "pass", "pwd":
		return true
	}
	return SecretName(name)
}

// hasSecretPair looks for password=x in connection strings and queries. With a
// colon only, as in "token: x", it may be prose and does not count.
func hasSecretPair(s string) bool {
	for {
		key, sep, i, ok := nextPair(s)
		if !ok {
			return false
		}
		s = s[i:]
		if !strings.ContainsAny(sep, `="'`) || !secretParam(key) || strings.HasPrefix(s, "//") {
			continue
		}
		value := strings.TrimLeft(s[:min(len(s), 200)], `"'`)
		if end := strings.IndexAny(value, "&; \t\n\"'"); end >= 0 {
			value = value[:end]
		}
		if value != "" && !isReference(value) {
			return true
		}
	}
}
