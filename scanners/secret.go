package scanners

import (
	"strings"
	"unicode"
)

// SecretName reports whether a variable or key of this name holds a secret, by
// its words: API_KEY, dbPassword, auth-token, DATABASE_URL. In doubt it says yes:
// secrecy only hides a value.
func SecretName(name string) bool {
	ws := words(name)
	if len(ws) == 0 || len(ws) > 64 {
		return len(ws) > 64
	}
	last := ws[len(ws)-1]
	joined := " " + strings.Join(ws, " ") + " "
	switch {
	case strings.Contains(joined, " access key id "):
		return true // half of an AWS credential
	case aboutSecret[last]:
		return false
	case last == "url" || last == "uri" || last == "urls" || last == "uris":
		return urlHoldsSecret(ws)
	case last == "dsn", strings.HasSuffix(joined, " connection string "), strings.HasSuffix(joined, " conn string "),
		strings.HasSuffix(joined, " conn str "), strings.HasSuffix(joined, " connstr "), strings.HasSuffix(joined, " connectionstring "):
		return true
	case last == "pass" || last == "pw" || last == "auth" || last == "salt" || last == "pepper" || last == "pem" || last == "jwt":
		return true
	case last == "key" || last == "keys":
		return !harmlessKey(ws)
	}
	for i, w := range ws {
		if secretWords[w] || strings.HasSuffix(w, "password") { // PGPASSWORD
			return true
		}
		if w == "key" && i > 0 && secretKeys[ws[i-1]] {
			return true
		}
	}
	return false
}

// secretWords make a name secret wherever they stand in it.
var secretWords = set("password passwords passwd passphrase pwd secret secrets token tokens credential credentials " +
	"cred creds apikey apikeys apitoken privatekey secretkey accesskey authkey encryptionkey signingkey authtoken " +
	"accesstoken bearer webhooksecret clientsecret userpass dsn htpasswd pgpass mnemonic keytab")

// secretKeys make a secret of the word "key" that follows them.
var secretKeys = set("api private secret access auth encryption signing master account shared session license")

// harmlessKeys stand before the word "key" where it opens nothing.
var harmlessKeys = set("public pub primary foreign partition sort cache routing object hash range unique index map " +
	"context config json yaml lookup group message row column tag label sharding shard idempotency redis prefix metadata meta " +
	"user name id publishable")

func harmlessKey(ws []string) bool {
	if len(ws) < 2 {
		return true // "key" alone names everything
	}
	return harmlessKeys[ws[len(ws)-2]]
}

// aboutSecret are last words of names that tell something about a secret, not
// the secret: TOKEN_TTL, SECRET_NAME, PASSWORD_FILE.
var aboutSecret = set("ttl expiry expires expiration expire exp name names file files path dir folder id ids length len " +
	"size min max policy type types alg algorithm issuer iss audience aud enabled enable disabled header headers prefix " +
	"suffix count limit limits timeout duration lifetime lifespan age rotation endpoint endpoints host hostname port region arn " +
	"version provider store backend mode required field param scope scopes cost rounds format interval period seconds minutes hours " +
	"days ms sec leeway method methods location source kind login reset class validity mount ref bucket title description level budget chars email issuers template")

// credentialed are words of URLs that commonly carry a password or are one.
var credentialed = set("database databases db postgres postgresql pg pgsql mysql mariadb mssql sqlserver oracle mongo mongodb redis " +
	"valkey amqp rabbit rabbitmq broker celery nats kafka cassandra clickhouse cockroach couchbase couchdb elastic elasticsearch " +
	"opensearch neo4j influx influxdb memcached sentry smtp mail mailer cloudinary cache queue webhook webhooks hook sql turso libsql " +
	"jdbc datasource proxy")

func urlHoldsSecret(ws []string) bool {
	for i, w := range ws {
		if !credentialed[w] {
			continue
		}
		// WEBHOOK_CALLBACK_URL and TOKEN_URL tell where, not who.
		if i == len(ws)-2 || i == 0 {
			return true
		}
	}
	return false
}

func set(s string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(s) {
		m[w] = true
	}
	return m
}

// words splits an identifier in snake, kebab, dotted or camel case into its words
// in lower case. Digits at the end of a word are dropped: PASSWORD2 is PASSWORD.
func words(name string) []string {
	var out []string
	rs := []rune(name)
	start := -1
	flush := func(end int) {
		if start >= 0 {
			if w := strings.TrimRightFunc(strings.ToLower(string(rs[start:end])), unicode.IsDigit); w != "" {
				out = append(out, w)
			}
		}
		start = -1
	}
	for i, r := range rs {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			flush(i)
			continue
		}
		if start >= 0 && unicode.IsUpper(r) {
			// A new word starts at "fooBar" and, in a run of capitals, at the
			// last one: "HTTPToken".
			if !unicode.IsUpper(rs[i-1]) || i+1 < len(rs) && unicode.IsLower(rs[i+1]) {
				flush(i)
			}
		}
		if start < 0 {
			start = i
		}
	}
	flush(len(rs))
	return out
}
