package scanners

import (
	"strings"
	"testing"
)

func TestSecretName(t *testing.T) {
	for _, name := range []string{
		"PASSWORD", "DB_PASSWORD", "dbPassword", "db-password", "PGPASSWORD2", "DB_PASS", "MYSQL_PWD", "SECRET", "client_secret",
		"clientSecret", "JWT_SECRET_KEY", "API_KEY", "apiKey", "APIKey", "STRIPE_KEY", "API_KEYS", "PRIVATE_KEY", "SSH_PRIVATE_KEY_PEM",
		"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "GITHUB_TOKEN", "auth-token", "OAuth2Token", "SENTRY_DSN", "DATABASE_URL",
		"REDIS_URL", "MONGODB_URI", "databaseUrl", "SLACK_WEBHOOK_URL", "ConnectionStrings.ShopConnectionString", "GOOGLE_CREDENTIALS",
		"BASIC_AUTH", "PASSWORD_HASH", "COOKIE_SALT", "spring.datasource.password",
	} {
		if !SecretName(name) {
			t.Errorf("SecretName(%q) = false, want true", name)
		}
	}
	for _, name := range []string{
		"", "PORT", "DB_HOST", "PUBLIC_KEY", "JWT_PUBLIC_KEY", "TOKEN_URL", "TOKEN_TTL", "accessTokenExpiry", "SECRET_NAME", "KEY_ID",
		"CLIENT_ID", "PASSWORD_FILE", "PASSWORD_MIN_LENGTH", "KEYBOARD", "MONKEY", "key", "PASSTHROUGH", "AUTHOR", "API_URL",
		"PARTITION_KEY", "TOKENIZER", "SECRETS_DIR", "MIN_PASSWORD_CHARS", "tokenEmail",
	} {
		if SecretName(name) {
			t.Errorf("SecretName(%q) = true, want false", name)
		}
	}
}

// The secrets of these tables are put together at run time, so that no scanner
// of this repository takes them for leaked ones.
var secretShapes = []string{
	"postgres://shop:hunter2@db/shop",
	"redis://:hunter2@cache:6379",
	"shop:hunter2@tcp(mysql:3306)/shop",
	"host=db password=hunter2 dbname=shop",
	"Server=mssql;Password=hunter2;Database=Shop",
	"https://api.example/x?api_key=hunter2",
	"https://bucket.example/x?a=b&X-Amz-Signature=abc",
	"${PASSWORD:-postgres://shop:hunter2@db/shop}",
	"eyJhbGciOiJIUzI1NiJ9" + ".eyJzdWIiOiJzaG9wIn0" + ".c2lnbmF0dXJl",
	"-----BEGIN RSA PRIVATE " + "KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----",
	"AKIA" + "IOSFODNN7EXAMPLE",
	"sk_" + "live_4eC39HqLyjWDarjtT1zdp7dc",
	"ghp_" + "16C7e42F292c6912E7710c838347Ae178B4a",
	"xox" + "b-123456789012-abcdefABCDEF",
	"AIza" + "SyA1234567890abcdefghijklmnopqrstu",
	"wJalrXUtnFEMI/K7MDENG/" + "bPxRfiCYEXAMPLEKEY",
	"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822c",
	"dGhpcyBpcyBub3QgYSByZWFsIHNlY3JldA1b2",
}

func TestSecretValue(t *testing.T) {
	for _, v := range secretShapes {
		if !SecretValue(v) {
			t.Errorf("SecretValue(%q) = false, want true", v)
		}
	}
	for _, v := range []string{
		"", "debug", "true", "8080", "localhost:5432", "postgres://shop@db/shop", "postgres://shop:${DB_PASSWORD}@db/shop",
		"${API_KEY}", "$API_KEY", "{{ .Values.token }}", "<token>", "changeme", "your-api-key-here", "********", "%s",
		"123e4567-e89b-12d3-a456-426614174000", "github.com/shop/order-service/internal/v2/config",
		"redis@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "/var/lib/postgresql/data/base/16384",
		"internationalization", "https://api.example/v1/orders?page=2", "2024-01-02T15:04:05.000Z", "order-service-production-eu-west-1",
		"v0.0.0-20210107192922-496545a6307b", "see http://localhost:8080/user@example", "ThisIsAnOrdinaryCamelCaseName",
	} {
		if SecretValue(v) {
			t.Errorf("SecretValue(%q) = true, want false", v)
		}
	}
}

func TestRedact(t *testing.T) {
	tests := []struct{ in, want string }{
		{"cannot read postgres://shop:hunter2@db:5432/shop now", "cannot read postgres://[redacted]@db:5432/shop now"},
		{"http://a.example:80/x and http://u:hunter2@b/y", "http://a.example:80/x and http://[redacted]@b/y"},
		{"http://u:hun ter@b/y", "http://[redacted]@b/y"},
		{"http://u:hunter2/y", "http://[redacted]/y"},
		{"https://h.example/@scope/pkg", "https://h.example/@scope/pkg"},
		{"https://h.example:8443/x?token=hunter2&a=b", "https://h.example:8443/x?token=[redacted]"},
		{"shop:hunter2@tcp(mysql:3306)/shop", "[redacted]@tcp(mysql:3306)/shop"},
		{`{"password": "hunt\"er2", "host": "db"}`, `{"password": [redacted], "host": "db"}`},
		{`password="hunter2 is open`, `password=[redacted]`},
		{"DB_PASSWORD=hunter2", "DB_PASSWORD=[redacted]"},
		{"dsn := host=db password='a b' x=1", "dsn := [redacted] password=[redacted] x=1"},
		{"line 3: cannot unmarshal !!str into int", "line 3: cannot unmarshal !!str into int"},
		{"image redis@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "image redis@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"},
		{"key AKIA" + "IOSFODNN7EXAMPLE!", "key [redacted]!"},
		{"PASSWORD=${DB_PASSWORD}", "PASSWORD=${DB_PASSWORD}"},
	}
	for _, tt := range tests {
		if got := Redact(tt.in); got != tt.want {
			t.Errorf("Redact(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestRedactTakesWhatSecretValueKnows(t *testing.T) {
	for _, v := range secretShapes {
		if got := Redact("before " + v + " after"); strings.Contains(got, v) || SecretValue(strings.ReplaceAll(got, redacted, "${X}")) {
			t.Errorf("Redact leaves %q of %q", got, v)
		}
	}
}

// FuzzRedact checks that a password survives in no form in which texts hold one.
func FuzzRedact(f *testing.F) {
	f.Add("hunter2", "db:5432")
	f.Add("a/b@c#d?e", "db")
	f.Add("${x}'\"&;=", "h")
	f.Fuzz(func(t *testing.T, password, rest string) {
		if strings.ContainsAny(password, " \t\n\r\v\f\"'`\\") || strings.ContainsFunc(password, func(r rune) bool { return r < ' ' || r > '~' }) ||
			len(password) > 100 || len(rest) > 1000 || strings.Contains(rest, "zq") || strings.Contains(rest, "qz") {
			Redact(rest)
			SecretValue(rest)
			SecretName(rest)
			return
		}
		secret := "zq" + password + "qz"
		for _, s := range []string{
			"postgres://shop:" + secret + "@" + rest,
			"shop:" + secret + "@tcp(" + rest,
			"password=" + secret + " " + rest,
			"DB_PASSWORD: " + secret + "\n" + rest,
			`{"api_key":"` + secret + `"} ` + rest,
		} {
			if got := Redact(s); strings.Contains(got, "zq") || strings.Contains(got, "qz") {
				t.Errorf("Redact(%q) = %q", s, got)
			}
		}
	})
}
