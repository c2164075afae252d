package gosrc

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestTags: environment variables that struct tags name, in the ways of the common
// libraries; what a secret defaults to is not kept.
func TestTags(t *testing.T) {
	code, diags := scanFiles(t, map[string]string{"go.mod": shopModule, "config.go": "package shop\n\nimport \"time\"\n\n" +
		"type config struct {\n" +
		"\tPort     int           `env:\"PORT\" envDefault:\"8080\"`\n" +
		"\tURL      string        `env:\"DATABASE_URL,required\"`\n" +
		"\tPassword string        `env:\"DB_PASSWORD\" envDefault:\"hunter22hunter22\"`\n" +
		"\tWait     time.Duration `env:\"WAIT, default=5s\"`\n" +
		"\tClean    string        `yaml:\"clean\" env:\"CLEAN_HOST\" env-default:\"redis\"`\n" +
		"\tEC       string        `envconfig:\"EC_HOST\" default:\"kafka\"`\n" +
		"\tKong     string        `help:\"host\" env:\"KONG_HOST,KONG_ALT\" default:\"nats\"`\n" +
		"\tPrefix   struct{ A int } `envPrefix:\"X_\"`\n" +
		"\tJSON     string        `json:\"env\"`\n" +
		"\tLower    string        `env:\"lower\"`\n" +
		"\tBroken   string        `env:\"BROKEN`\n" +
		"\tNone     string\n" +
		"}\n"}, "", Options{})
	if len(diags) > 0 {
		t.Fatal(messages(diags))
	}
	type tag struct {
		Name, Field, Default string
		Has, Secret          bool
	}
	var got []tag
	for _, e := range pkgOf(t, code, ".").Tags {
		if e.At.Line == 0 {
			t.Errorf("%s has no position", e.Name)
		}
		got = append(got, tag{e.Name, e.Field[len("example.com/shop.config."):], e.Default, e.HasDef, e.Secret})
	}
	want := []tag{
		{"PORT", "Port", "8080", true, false},
		{"DATABASE_URL", "URL", "", false, true},
		{"DB_PASSWORD", "Password", "", true, true},
		{"WAIT", "Wait", "5s", true, false},
		{"CLEAN_HOST", "Clean", "redis", true, false},
		{"EC_HOST", "EC", "kafka", true, false},
		{"KONG_HOST", "Kong", "nats", true, false},
		{"KONG_ALT", "Kong", "nats", true, false},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("tags (-want +got):\n%s", diff)
	}
}

// TestAnonymousTags: structs without a name within others, in variables and in
// functions; none is read twice.
func TestAnonymousTags(t *testing.T) {
	code, _ := scanFiles(t, map[string]string{"go.mod": shopModule, "config.go": "package shop\n\n" +
		"type config struct {\n\tDB struct {\n\t\tHost string `env:\"DB_HOST\"`\n\t} `yaml:\"db\"`\n\tPort int `env:\"PORT\"`\n}\n\n" +
		"var cli struct {\n\tServe struct {\n\t\tAddr string `env:\"ADDR\" default:\":80\"`\n\t} `cmd:\"\"`\n}\n\n" +
		"func load() {\n\tvar c struct {\n\t\tLevel string `env:\"LEVEL\"`\n\t}\n\t_ = c\n}\n"}, "", Options{})
	var got []string
	for _, e := range pkgOf(t, code, ".").Tags {
		got = append(got, e.Name)
	}
	slices.Sort(got)
	if diff := cmp.Diff([]string{"ADDR", "DB_HOST", "LEVEL", "PORT"}, got); diff != "" {
		t.Errorf("variables (-want +got):\n%s", diff)
	}
}
