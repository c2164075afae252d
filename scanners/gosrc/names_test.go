package gosrc

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPackageNames(t *testing.T) {
	for path, want := range map[string]string{
		"net/http":                              "http",
		"github.com/redis/go-redis/v9":          "redis",
		"gopkg.in/yaml.v3":                      "yaml",
		"gopkg.in/mgo.v2/bson":                  "bson",
		"github.com/nats-io/nats.go":            "nats",
		"github.com/stripe/stripe-go/v76":       "stripe",
		"github.com/segmentio/kafka-go":         "kafka",
		"github.com/mattn/go-sqlite3":           "sqlite3",
		"github.com/aws/aws-sdk-go-v2/aws":      "aws",
		"github.com/googleapis/gax-go/v2":       "gax",
		"github.com/go-chi/chi/v5/middleware":   "middleware",
		"github.com/hashicorp/go-retryablehttp": "retryablehttp",
	} {
		got := packageNames(path)
		if len(got) == 0 {
			t.Errorf("packageNames(%q) is empty", path)
			continue
		}
		if got[0] != want {
			t.Errorf("packageNames(%q) = %v, want %q first", path, got, want)
		}
	}
	for _, path := range []string{"", "/", ".", "123", "a/-", "héllo", "x/v2/v3", "💥"} {
		if got := packageNames(path); len(got) == 0 || got[0] == "" {
			t.Errorf("packageNames(%q) = %v, want a name", path, got)
		}
	}
}

func TestGuessName(t *testing.T) {
	tests := []struct {
		path         string
		bases, taken []string
		want         string
	}{
		{"github.com/redis/go-redis/v9", []string{"redis", "ctx"}, nil, "redis"},
		// A variable that is named for a part of the path is not the package.
		{"github.com/PaddleHQ/paddle-go-sdk/v4", []string{"paddle", "sdk"}, nil, "paddle"},
		{"github.com/acme/go-things", []string{"things", "log"}, nil, "things"},
		{"github.com/oklog/go-ulid-x", []string{"ulid", "fmt"}, nil, "ulid"},
		// A base named otherwise in another import is not it.
		{"github.com/acme/redis", []string{"redis"}, []string{"redis"}, "redis"},
		// The name is spelt somewhere in the path.
		{"github.com/lestrrat/jwx-tools/v2/lib.jwt", []string{"jwt", "fmt"}, nil, "jwt"},
		// Nothing of the file fits: the likeliest.
		{"github.com/acme/go-widget", []string{"ctx", "req"}, nil, "widget"},
	}
	for _, tt := range tests {
		set := func(names []string) map[string]bool {
			m := map[string]bool{}
			for _, n := range names {
				m[n] = true
			}
			return m
		}
		if got := guessName(tt.path, set(tt.bases), set(tt.taken)); got != tt.want {
			t.Errorf("guessName(%q, %v) = %q, want %q", tt.path, tt.bases, got, tt.want)
		}
	}
}

func TestScopeOf(t *testing.T) {
	for dir, want := range map[string]Scope{
		".": ScopeRuntime, "internal/store": ScopeRuntime, "cmd/api": ScopeRuntime,
		"test": ScopeTest, "internal/testutil": ScopeTest, "e2e/cases": ScopeTest,
		"pkg/storetest": ScopeTest, "internal/mocks": ScopeTest, "store/mock_store": ScopeTest,
		".github/bump": ScopeDevelopment, "site/.ci": ScopeDevelopment, "_examples/rest": ScopeDevelopment,
		"examples/basic": ScopeDevelopment, "hack": ScopeDevelopment, "tools/gen": ScopeDevelopment, "Scripts": ScopeDevelopment,
		"internal/attestation": ScopeRuntime, "devices": ScopeRuntime, "builder": ScopeRuntime,
	} {
		if got := scopeOf(dir, "x"); got != want {
			t.Errorf("scopeOf(%q) = %s, want %s", dir, got, want)
		}
	}
}

func TestIsEnvName(t *testing.T) {
	var got []string
	for _, s := range []string{"PORT", "DB_URL", "A1", "_X", "", "port", "Port", "1A", "required", "A-B", "A B", "Ä"} {
		if isEnvName(s) {
			got = append(got, s)
		}
	}
	if diff := cmp.Diff([]string{"PORT", "DB_URL", "A1", "_X"}, got); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
}

func TestScopeOfCommand(t *testing.T) {
	for dir, want := range map[string]Scope{
		"cmd/api": ScopeRuntime, "cmd/test-ledger": ScopeTest, "cmd/ledger-scripts": ScopeDevelopment, "cmd/schema_gen": ScopeDevelopment,
		"cmd/mock-bank/server": ScopeTest, "cmd/generate-report": ScopeRuntime, "cmd/testament": ScopeRuntime,
	} {
		if got := scopeOf(dir, "main"); got != want {
			t.Errorf("scopeOf(%q, main) = %s, want %s", dir, got, want)
		}
		if got := scopeOf(dir, "ledger"); got != ScopeRuntime {
			t.Errorf("scopeOf(%q, ledger) = %s: a package's name alone says nothing", dir, got)
		}
	}
}
