package scanners

import (
	"net/url"
	"strings"
)

// LiteralSecret reports whether a value is a working credential as it stands: a
// private key, a key of a known service, or random text under a name for secrets.
// SecretValue hides in doubt; this one accuses, so it does so only without doubt.
// References, placeholders, test keys and passwords that people make up for their
// own machine ("postgres", "devpassword") are none.
func LiteralSecret(name, value string) bool {
	value = strings.TrimSpace(value)
	if value == "" || len(value) > 64<<10 || isReference(value) || placeholder(name+" "+value) {
		return false
	}
	if strings.Contains(value, "PRIVATE KEY-----") {
		return len(value) > 200
	}
	if pw, ok := urlPassword(value); ok {
		return !isReference(pw) && isRandomText(pw)
	}
	if !SecretName(name) {
		return issuedTokens.MatchString(value)
	}
	return issuedTokens.MatchString(value) || isRandomText(value)
}

// placeholders are words that stand in values which are no secrets.
var placeholders = []string{
	"example", "changeme", "change-me", "change_me", "dummy", "fake", "placeholder", "sample", "your", "xxx", "<", "${", "{{", "$(",
	"insecure", "test", "mock", "demo", "development", "1234567890", "abcdef", "public", "redacted", "secretsecret", "localhost",
	"127.0.0.1", "arn:", "sha256:", "local", "default", "deadbeef",
}

func placeholder(s string) bool {
	s = strings.ToLower(s)
	for _, p := range placeholders {
		if strings.Contains(s, p) {
			return true
		}
	}
	return false
}

// urlPassword is the password in the user information of a URL.
func urlPassword(value string) (string, bool) {
	if !strings.Contains(value, "://") {
		return "", false
	}
	u, err := url.Parse(value)
	if err != nil || u.User == nil {
		return "", false
	}
	return u.User.Password()
}

// minRandom is the length from which random text is taken for a key.
const minRandom = 20

func isRandomText(s string) bool {
	if len(s) < minRandom || strings.ContainsAny(s, " \t\n") {
		return false
	}
	for _, run := range tokenRuns.FindAllString(s, -1) {
		if len(run)*10 >= len(s)*8 && isRandom(run) {
			return true
		}
	}
	return false
}
