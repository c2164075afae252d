package config

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/intscan/intscan/fixtures"
	"github.com/intscan/intscan/scanners"
)

func entry(file string, line, column int, key string, secret bool, e ...scanners.Endpoint) Entry {
	out := Entry{Key: key, Position: scanners.Position{File: file, Line: line, Column: column}, Secret: secret}
	if len(e) > 0 {
		out.Endpoint = &e[0]
	}
	return out
}

var (
	postgres = scanners.Endpoint{Scheme: "postgres", Host: "db", Port: 5432}
	ledger   = scanners.Endpoint{Scheme: "https", Host: "ledger.example"}
	kafka1   = scanners.Endpoint{Host: "kafka1", Port: 9092}
	kafka2   = scanners.Endpoint{Host: "kafka2", Port: 9092}
	smtp     = scanners.Endpoint{Host: "mail.example", Port: 587}
)

func TestParse(t *testing.T) {
	tests := []struct {
		name, file, in string
		want           []Entry
	}{
		{"yaml", "config.yaml", `name: shop
database:
  url: postgres://shop:hunter2@db:5432/shop
  max_conns: 10
smtp: {host: mail.example, port: 587, password: hunter2}
kafka:
  brokers: [kafka1:9092, "kafka2:9092"]
env:
  - name: LEDGER_URL
    value: https://ledger.example/v1
  - name: API_KEY
    value: hunter2
  - {name: ledger, value: x, url: "https://ledger.example"}
defaults: &d
  token: ~
  enabled: "true"
---
extra: {<<: {endpoint: https://ledger.example}}
`, []Entry{
			entry("config.yaml", 3, 3, "database.url", true, postgres),
			entry("config.yaml", 5, 8, "smtp.host", false, smtp),
			entry("config.yaml", 5, 39, "smtp.password", true),
			entry("config.yaml", 7, 13, "kafka.brokers[0]", false, kafka1),
			entry("config.yaml", 7, 26, "kafka.brokers[1]", false, kafka2),
			entry("config.yaml", 10, 12, "env[0].LEDGER_URL", false, ledger),
			entry("config.yaml", 12, 12, "env[1].API_KEY", true),
			entry("config.yaml", 13, 30, "env[2].url", false, ledger),
			entry("config.yaml", 18, 14, "extra.endpoint", false, ledger),
		}},
		{"json", "config/prod.json", `{
  "database": {"dsn": "postgres://shop:hunter2@db:5432/shop"},
  "kafka": ["kafka1:9092",
    "kafka2:9092"],
  "smtp": {
    "port": 587, "host": "mail.example"
  },
  "debug": true, "apiToken": "hunter2", "none": null
}`, []Entry{
			entry("config/prod.json", 2, 16, "database.dsn", true, postgres),
			entry("config/prod.json", 3, 13, "kafka[0]", false, kafka1),
			entry("config/prod.json", 4, 5, "kafka[1]", false, kafka2),
			entry("config/prod.json", 6, 18, "smtp.host", false, smtp),
			entry("config/prod.json", 8, 18, "apiToken", true),
		}},
		{"toml", "config.toml", `title = "shop"
database.url = "postgres://shop:hunter2@db:5432/shop"

[kafka]
brokers = [
  "kafka1:9092",
  "kafka2:9092",
]

[[upstream]]
url = "https://ledger.example"
[upstream.auth]
password = 'hunter2'
[[upstream]]
smtp = { host = "mail.example", port = 587 }
since = 2024-01-02
`, []Entry{
			entry("config.toml", 2, 1, "database.url", true, postgres),
			entry("config.toml", 6, 3, "kafka.brokers[0]", false, kafka1),
			entry("config.toml", 7, 3, "kafka.brokers[1]", false, kafka2),
			entry("config.toml", 11, 1, "upstream[0].url", false, ledger),
			entry("config.toml", 13, 1, "upstream[0].auth.password", true),
			entry("config.toml", 15, 10, "upstream[1].smtp.host", false, smtp),
		}},
		{"properties", "application.properties", `# shop
spring.datasource.url=jdbc:postgresql://db:5432/shop
spring.datasource.password = hunter2
server.port=8080
`, []Entry{
			entry("application.properties", 2, 1, "spring.datasource.url", false, scanners.Endpoint{Scheme: "postgresql", Host: "db", Port: 5432}),
			entry("application.properties", 3, 1, "spring.datasource.password", true),
		}},
		{"ini", "conf/shop.ini", "[smtp]\nhost = mail.example ; relay\nport = 587\n[api]\nurl = \"https://ledger.example\"\nnonsense\n", []Entry{
			entry("conf/shop.ini", 2, 1, "smtp.host", false, smtp),
			entry("conf/shop.ini", 5, 1, "api.url", false, ledger),
		}},
		{"example", "config.yaml.example", "url: https://ledger.example\n", []Entry{entry("config.yaml.example", 1, 1, "url", false, ledger)}},
		{"openapi", "config/api.yaml", "openapi: 3.0.0\nservers: [{url: https://ledger.example}]\n", nil},
		{"kubernetes", "config/cm.yaml", "apiVersion: v1\nkind: ConfigMap\ndata: {U: https://ledger.example}\n", nil},
		{"compose", "config/stack.yaml", "services: {db: {image: 'postgres', environment: {U: https://ledger.example}}}\n", nil},
		{"workflow", "config/ci.yaml", "on: push\njobs: {a: {env: {U: https://ledger.example}}}\n", nil},
		{"json schema", "config/shop.json", `{"$schema": "x", "properties": {"url": {"default": "https://ledger.example"}}}`, nil},
		{"empty", "config.json", " ", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, diags := Parse(context.Background(), tt.file, []byte(tt.in))
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("entries (-want +got):\n%s", diff)
			}
			if len(diags) != 0 {
				t.Errorf("diagnostics %v, want none", diags)
			}
		})
	}
}

func TestParseFaults(t *testing.T) {
	tests := []struct {
		file, in string
		line     int
		message  string
	}{
		{"config.yaml", "a: 1\nb: [\n", 3, "not YAML"},
		{"config.yaml", "a: 1\nb: {{ .Values.x }\n", 2, "template"},
		{"config.json", "{\n \"a\": 1,\n \"b\" 2\n}", 3, "not JSON"},
		{"config.json", "{\n // why\n \"a\": 1}", 2, "comments"},
		{"config.json", "{\"a\":\n", 1, "not JSON"},
		{"config.json", strings.Repeat("[", 200), 1, "deeper"},
		{"config.json", strings.Repeat(`{"a":`, 5000), 1, "deeper"},
		{"config.toml", "a = 1\nb = \n", 2, "not TOML"},
		{"config.toml", "a = " + strings.Repeat("[", 200) + strings.Repeat("]", 200), 0, "deeper"},
	}
	for _, tt := range tests {
		entries, diags := Parse(context.Background(), tt.file, []byte(tt.in))
		if len(entries) != 0 || len(diags) != 1 || tt.line != 0 && diags[0].Line != tt.line || !strings.Contains(diags[0].Message, tt.message) {
			t.Errorf("Parse(%s, %.40q) = %v, %v; want one diagnostic about %q at line %d", tt.file, tt.in, entries, diags, tt.message, tt.line)
		}
	}
}

func TestParseBounds(t *testing.T) {
	in := strings.Repeat("- https://ledger.example\n", maxEntries+5)
	entries, diags := Parse(context.Background(), "config.yaml", []byte(in))
	if len(entries) != maxEntries || len(diags) != 1 || diags[0].Line != maxEntries+1 {
		t.Errorf("%d entries and diagnostics %v, want %d and one at line %d", len(entries), diags, maxEntries, maxEntries+1)
	}
	long := strings.Repeat("k", 400)
	entries, _ = Parse(context.Background(), "config.yaml", []byte(long+": {"+long+": {"+long+": {url: https://ledger.example}}}"))
	if len(entries) != 1 || len(entries[0].Key) > 2*maxKey {
		t.Errorf("entries %v, want one with a short key", entries)
	}
}

func TestIsConfigFile(t *testing.T) {
	for _, name := range []string{
		"config.yaml", "config/prod.yml", "app.toml", "svc/settings.json", "charts/shop/values.yaml", "configs/orders.toml", "etc/shop.conf",
		"application-prod.properties", "config.example.yaml", "config.yml.dist", "test/config-next/sa.json", "appsettings.Development.json",
		"otelcol-config.yml", "shop.ini",
	} {
		if !IsConfigFile(name) {
			t.Errorf("IsConfigFile(%q) = false, want true", name)
		}
	}
	for _, name := range []string{
		"main.go", "docker-compose.yml", "compose.yaml", "package.json", "web/tsconfig.json", ".golangci.yml", ".github/workflows/ci.yml", ".github/config.yml",
		"locales/de.json", "api/openapi.yaml", "README.md", "web/jest.config.json", "charts/shop/templates/config.yaml", "Cargo.toml", "data/people.json", "config/config.go",
		"config/package-lock.json", "buf.gen.yaml",
	} {
		if IsConfigFile(name) {
			t.Errorf("IsConfigFile(%q) = true, want false", name)
		}
	}
}

func TestScan(t *testing.T) {
	tree := fixtures.Tree(t, map[string]string{
		"config.yaml": "url: postgres://shop:hunter2@db:5432/shop\npassword: hunter2\n", "config/bad.json": "{", "config/big.json": `"` + strings.Repeat("x", maxSize) + `"`,
		"other.yaml": "url: https://ledger.example\n", "config/binary.conf": "a=\x00",
	})
	entries, diags := Scan(context.Background(), tree)
	want := []Entry{entry("config.yaml", 1, 1, "url", true, postgres), entry("config.yaml", 2, 1, "password", true)}
	if diff := cmp.Diff(want, entries); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
	if len(diags) != 1 || diags[0].File != "config/bad.json" {
		t.Errorf("diagnostics %v, want one for config/bad.json", diags)
	}
	b, err := json.Marshal(entries)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(b), "hunter2") {
		t.Errorf("result holds a secret: %s", b)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("config.yaml", []byte("a: &x {url: https://h/, b: [redis:6379]}\nc: {<<: *x}\n"))
	f.Add("config.json", []byte(`{"a": ["redis:6379", {"password": "x"}], "b": 1e3}`))
	f.Add("config.toml", []byte("[[a.b]]\nc = {url = \"https://h\"}\n[a.b.d]\n\"x y\" = [[1], ['redis:6379']]\n"))
	f.Add("config.ini", []byte("[a]\nb=redis:6379 ; x\nc.d: \"https://h\"\n"))
	f.Fuzz(func(t *testing.T, name string, b []byte) {
		if len(b) > maxSize {
			return
		}
		for _, n := range []string{name, "config.yaml", "config.json", "config.toml", "config.ini"} {
			entries, diags := Parse(context.Background(), n, b)
			lines := strings.Count(string(b), "\n") + strings.Count(string(b), "\r") + strings.Count(string(b), "\u2028") + strings.Count(string(b), "\u2029") + strings.Count(string(b), "\u0085") + 1
			for _, e := range entries {
				if e.Position.Line < 1 || e.Position.Line > lines {
					t.Errorf("%s %q: %s is at line %d of %d", n, b, e.Key, e.Position.Line, lines)
				}
			}
			for _, d := range diags {
				if d.Message == "" {
					t.Error("a diagnostic says nothing")
				}
			}
		}
	})
}
