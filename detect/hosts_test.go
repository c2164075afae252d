package detect_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestHosts: the system that an HTTP call talks to, by the host that its URL is
// made of, in the ways that people make URLs.
func TestHosts(t *testing.T) {
	tests := []struct{ name, body, want string }{
		{"literal", `url := "https://api.tide-table.io/v1/today"`, "http:api.tide-table.io"},
		{"known system", `url := "https://api.stripe.com/v1/charges"`, "stripe"},
		{"constant and path", `url := apiBase + "/today"`, "http:api.tide-table.io"},
		{"Sprintf path", `url := fmt.Sprintf("https://api.tide-table.io/%s/%d", arg, 3)`, "http:api.tide-table.io"},
		{"Sprintf base", `url := fmt.Sprintf("%s/today?x=%d", apiBase, 3)`, "http:api.tide-table.io"},
		{"Sprintf host", `url := fmt.Sprintf("https://%s/today", "api.tide-table.io")`, "http:api.tide-table.io"},
		{"Sprintf of a named domain", `url := fmt.Sprintf("https://%s.zendesk.com/api", arg)`, "zendesk"},
		{"url.URL", `u := url2.URL{Scheme: "https", Host: "api.tide-table.io", Path: arg}; url := u.String()`, "http:api.tide-table.io"},
		{"url.Parse", `u, _ := url2.Parse("https://api.tide-table.io"); url := u.JoinPath(arg).String()`, "http:api.tide-table.io"},
		{"scheme and host", `url := "https://" + "api.tide-table.io" + arg`, "http:api.tide-table.io"},
		// A host that configuration may replace is not surely this one.
		{"default of a variable", `url := os.Getenv("TIDES"); if url == "" { url = apiBase }`, "http"},
		{"trimmed", `url := strings.TrimRight(apiBase, "/") + "/x"`, "http:api.tide-table.io"},
		{"configured only", `url := os.Getenv("TIDES") + "/today"`, "http"},
		{"user's", `url := arg`, "http"},
		{"localhost", `url := "http://localhost:8080/health"`, "http"},
		{"reserved for documents", `url := "https://api.example.com/x"`, "http"},
		{"port", `url := "http://ledger:8081/v1"`, "http:ledger"},
		{"template only", `url := fmt.Sprintf("https://%s/%s", arg, arg)`, "http"},
	}
	var b strings.Builder
	b.WriteString("package main\n\nimport (\n\t\"fmt\"\n\t\"net/http\"\n\turl2 \"net/url\"\n\t\"os\"\n\t\"strings\"\n)\n\n" +
		"const apiBase = \"https://api.tide-table.io\"\n\nvar (\n\t_ = fmt.Sprint\n\t_ url2.URL\n\t_ = strings.ToLower\n)\n\nfunc main() {\n\targ := os.Args[1]\n")
	for i := range tests {
		fmt.Fprintf(&b, "\tcase%d(arg)\n", i)
	}
	b.WriteString("}\n")
	files := map[string]string{"main.go": b.String()}
	for i, tt := range tests {
		header := b.String()[:strings.Index(b.String(), "func main")]
		header = strings.Replace(header, "const apiBase = \"https://api.tide-table.io\"\n\nvar (\n\t_ = fmt.Sprint\n\t_ url2.URL\n\t_ = strings.ToLower\n)\n\n",
			"var (\n\t_ = fmt.Sprint\n\t_ url2.URL\n\t_ = strings.ToLower\n\t_ = os.Args\n)\n\n", 1)
		files[fmt.Sprintf("case%d.go", i)] = header + fmt.Sprintf("func case%d(arg string) {\n\t%s\n\tresp, err := http.Get(url)\n\tif err == nil {\n\t\tresp.Body.Close()\n\t}\n}\n", i, tt.body)
	}
	r := scanSources(t, files)
	for i, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := siteIn(t, r, fmt.Sprintf("case%d.go", i)).System; got != tt.want {
				t.Errorf("system is %s, want %s: %s", got, tt.want, tt.body)
			}
		})
	}
}

// TestHostFromConfig: the default of a configuration field names the host.
func TestHostFromConfig(t *testing.T) {
	r := stubbed(t, map[string]string{
		"go.mod": "module example.com/tides\n\ngo 1.24\n\nrequire github.com/caarlos0/env/v11 v11.3.1\n",
		"main.go": "package main\n\nimport (\n\t\"net/http\"\n\n\t\"github.com/caarlos0/env/v11\"\n)\n\ntype config struct {\n\tTides string `env:\"TIDES_URL\" envDefault:\"https://api.tide-table.io\"`\n}\n\n" +
			"func main() {\n\tvar c config\n\t_ = env.Parse(&c)\n\tresp, err := http.Get(c.Tides + \"/today\")\n\tif err == nil {\n\t\tresp.Body.Close()\n\t}\n}\n",
	})
	if got := siteIn(t, r, "main.go").System; got != "http:api.tide-table.io" {
		t.Errorf("system is %s", got)
	}
}

// TestServicesJoin: a compose service and the integration that it stands for, the
// binary that reaches it, and the variable that points there.
func TestServicesJoin(t *testing.T) {
	r := stubbed(t, map[string]string{
		"go.mod": "module example.com/berth\n\ngo 1.24\n\nrequire (\n\tgithub.com/lib/pq v1.10.9\n\tgithub.com/redis/go-redis/v9 v9.21.0\n)\n",
		"cmd/api/main.go": "package main\n\nimport (\n\t\"context\"\n\t\"database/sql\"\n\t\"os\"\n\n\t_ \"github.com/lib/pq\"\n)\n\nfunc main() {\n" +
			"\tdb, _ := sql.Open(\"postgres\", os.Getenv(\"DATABASE_URL\"))\n\t_, _ = db.ExecContext(context.Background(), \"select 1\")\n}\n",
		"cmd/worker/main.go": "package main\n\nimport (\n\t\"context\"\n\n\t\"example.com/berth/queue\"\n)\n\nfunc main() { queue.Pull(context.Background()) }\n",
		"queue/queue.go": "package queue\n\nimport (\n\t\"context\"\n\t\"os\"\n\n\t\"github.com/redis/go-redis/v9\"\n)\n\nfunc Pull(ctx context.Context) {\n" +
			"\tredis.NewClient(&redis.Options{Addr: os.Getenv(\"REDIS_ADDR\")}).Get(ctx, \"next\")\n}\n",
		"tools/seed/main.go": "package main\n\nimport \"net/http\"\n\nfunc main() { http.Get(\"https://api.stripe.com/v1\") }\n",
		"Dockerfile":         "FROM golang:1.24 AS build\nCOPY . .\nRUN go build -o /api ./cmd/api\nFROM scratch\nCOPY --from=build /api /api\nENTRYPOINT [\"/api\"]\n",
		"compose.yaml": "services:\n  api:\n    build: .\n    environment:\n      DATABASE_URL: postgres://app@db:5432/berth\n    depends_on: [db]\n" +
			"  db:\n    image: postgres:17\n    healthcheck:\n      test: [CMD, pg_isready]\n  cache:\n    image: redis:7-alpine\n  mail:\n    image: axllent/mailpit\n",
	})
	type row struct {
		System, Scope                 string
		Services, Binaries, Variables string
	}
	got := map[string]row{}
	for _, i := range r.Integrations {
		got[i.System] = row{i.System, string(i.Scope), strings.Join(i.Services, ","), strings.Join(i.Binaries, ","), strings.Join(i.Variables, ",")}
	}
	delete(got, "mailpit")
	delete(got, "smtp")
	want := map[string]row{
		"postgresql": {"postgresql", "runtime", "db", "api", "DATABASE_URL"},
		"redis":      {"redis", "runtime", "cache", "worker", "REDIS_ADDR"},
		"stripe":     {"stripe", "development", "", "", ""},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("integrations (-want +got):\n%s", diff)
	}
	binaries := map[string]string{}
	for _, b := range r.Repository.Binaries {
		binaries[b.Name] = string(b.Scope) + " " + strings.Join(b.Integrations, ",")
	}
	if diff := cmp.Diff(map[string]string{"api": "runtime postgresql", "worker": "runtime redis", "seed": "development stripe"}, binaries); diff != "" {
		t.Errorf("binaries (-want +got):\n%s", diff)
	}
	services := map[string]string{}
	for _, s := range r.Services {
		services[s.Name] = fmt.Sprintf("%s %s %t", s.Integration, s.Binary, s.Healthcheck)
	}
	delete(services, "mail")
	if diff := cmp.Diff(map[string]string{"api": " api false", "db": "postgresql  true", "cache": "redis  false"}, services); diff != "" {
		t.Errorf("services (-want +got):\n%s", diff)
	}
}
