package config_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xeipuuv/gojsonschema"
	"go.yaml.in/yaml/v4"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/plan/config"
	"github.com/intscan/intscan/plan/gate"
	"github.com/intscan/intscan/plan/risk"
	"github.com/intscan/intscan/plan/rules"
	"github.com/intscan/intscan/scanners"
)

var update = flag.Bool("update", false, "rewrite config.schema.json")

func parse(t *testing.T, text string) *config.Config {
	t.Helper()
	c, err := config.Parse(config.FileName, []byte(text), fstest.MapFS{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestSchemaIsCurrent keeps the schema that editors fetch what the types say.
func TestSchemaIsCurrent(t *testing.T) {
	if *update {
		if err := os.WriteFile("config.schema.json", config.Schema(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("config.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(config.Schema())); diff != "" {
		t.Errorf("config.schema.json is out of date; go test ./plan/config -update rewrites it (-want +got):\n%s", diff)
	}
}

// everything uses every part of the format.
const everything = `
rules: {timeout-database: off, timeout-http-client: critical, retry-unbounded: on}
paths: {include: ["**"], exclude: [third_party/, "**/*_gen.go"]}
build-tags: [enterprise, "!debug"]
mode: types
fail-on: high
fail-on-rules: {timeout-database: none}
fail-on-kinds: {payment: low}
criticality: {postgresql: low}
catalog:
  folder: known
  systems:
  - system: ledger
    name: Ledger
    kind: payment
    match: {ports: [8080]}
    libraries:
    - packages: [git.example.com/ledger]
      sdk: house
      timeout: {by: [WithTimeout], defaults: [{value: 3s, module: git.example.com/ledger}]}
  sdks: [{sdk: house, operations: [Client.Do]}]
  toolkits: [{toolkit: house-retry, role: retry, packages: [git.example.com/retry], runs: [Do]}]
policies:
- name: http-10s
  match: {kind: http, external: true, phase: [request, consume], integration: "http:*"}
  require: {timeout: 10s, monitoring: true, retry: true, breaker: true}
  severity: high
  reason: the front end gives up
suppressions:
- rule: [timeout-database]
  path: internal/**
  integration: postgresql
  reason: it is going away
  until: 2027-03-31
`

// TestSchemaTakesWhatTheDecoderTakes: the schema and the decoder agree on good files
// and on bad ones.
func TestSchemaTakesWhatTheDecoderTakes(t *testing.T) {
	schema, err := gojsonschema.NewSchema(gojsonschema.NewBytesLoader(config.Schema()))
	if err != nil {
		t.Fatal(err)
	}
	known := fstest.MapFS{"known/entries/stock.yaml": {Data: []byte("system: stock\nname: Stock\nkind: http\n")}}
	for _, tc := range []struct {
		name, text string
		good       bool
	}{
		{"empty", "{}", true},
		{"everything", everything, true},
		{"starting file, all taken in", taken(t), true},
		{"unknown key", "rulez: {}", false},
		{"unknown rule", "rules: {nosuch: off}", false},
		{"unknown severity", "rules: {timeout-database: grave}", false},
		{"policy without a name", "policies: [{require: {retry: true}}]", false},
		{"no duration", "policies: [{name: a, require: {timeout: soon}}]", false},
		{"no list", "build-tags: enterprise", false},
		{"suppression without a reason", "suppressions: [{rule: timeout-database, path: a}]", false},
		{"unknown key of the catalog", "catalog: {systems: [{system: a, nmae: b}]}", false},
	} {
		_, err := config.Parse(config.FileName, []byte(tc.text), known)
		if (err == nil) != tc.good {
			t.Errorf("%s: the decoder says %v", tc.name, err)
		}
		var v any
		if err := yaml.Unmarshal([]byte(tc.text), &v); err != nil {
			t.Fatal(err)
		}
		doc, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		// Dates are no strings to YAML; editors take them as written.
		doc = bytes.ReplaceAll(doc, []byte("T00:00:00Z"), nil)
		res, err := schema.Validate(gojsonschema.NewBytesLoader(doc))
		if err != nil {
			t.Fatal(err)
		}
		if res.Valid() != tc.good {
			t.Errorf("%s: the schema says %v", tc.name, res.Errors())
		}
	}
}

// taken is a starting file with all that stands in comments taken in.
func taken(t *testing.T) string {
	t.Helper()
	text := string(config.Start(config.Found{
		Result: &detect.Result{
			Repository:   detect.Repository{Modules: []detect.Module{{Path: "example.com/shop", Dir: "."}, {Path: "example.com/shop/tools", Dir: "tools"}}},
			Integrations: []detect.Integration{{ID: "postgresql", Kind: "database"}},
		},
		Risks:    []risk.Assessment{{Integration: "http:api.a.example", Criticality: risk.High, Why: "2 of 3 entry points wait for it"}},
		Findings: []rules.Finding{{Rule: "timeout-database", Severity: rules.High, Position: scanners.Position{File: "store/db.go", Line: 3}}},
	}))
	if !strings.Contains(text, "Today there are 1 high") || !strings.Contains(text, `"http:api.a.example": high`) {
		t.Errorf("the starting file is not fitted to what was found:\n%s", text)
	}
	var out []string
	for l := range strings.Lines(text) {
		body, comment := strings.CutPrefix(l, "# ")
		key, _, colon := strings.Cut(strings.TrimSpace(body), ":")
		prose := comment && !strings.HasPrefix(body, " ") && (!colon || strings.ContainsAny(key, " ") || strings.ToLower(key) != key || key == "yaml-language-server")
		if !prose {
			out = append(out, body)
		}
	}
	return strings.Join(out, "")
}

func TestMistakesHaveLines(t *testing.T) {
	for _, tc := range []struct{ name, text, want string }{
		{"no YAML", "rules: {a\nb: [", ".intscan.yaml:3: not YAML"},
		{"a list", "- a\n", ".intscan.yaml:1: the file takes keys with values"},
		{"two documents", "fail-on: low\n---\nfail-on: high\n", ".intscan.yaml:3: a second document"},
		{"key twice", "fail-on: low\nfail-on: high\n", `.intscan.yaml:2: "fail-on" stands here twice`},
		{"policy twice", "policies:\n- name: a\n  require: {retry: true}\n- name: a\n  require: {retry: true}\n", ".intscan.yaml:4: policies: a second policy has the name a"},
		{"policy that demands nothing", "policies:\n- name: a\n  require: {retry: false}\n", ".intscan.yaml:2: policies.require: demands nothing"},
		{"suppression of everything", "suppressions:\n- rule: timeout-database\n  reason: no\n", ".intscan.yaml:2: suppressions: path or integration is missing"},
		{"no such folder", "catalog:\n  folder: nosuch\n", `.intscan.yaml:2: catalog.folder: there is no folder "nosuch"`},
		{"folder outside", "catalog:\n  folder: ../known\n", ".intscan.yaml:2: catalog.folder: there is no folder"},
		{"catalog of a shipped package", "catalog:\n  systems:\n  - system: a\n    name: A\n    kind: http\n    libraries: [{packages: [github.com/jackc/pgx/v5]}]\n", "claimed by"},
		{"nearest key in the catalog", "catalog:\n  systems:\n  - sytem: a\n", `.intscan.yaml:3: catalog.systems: unknown key "sytem"; did you mean system?`},
		{"anchor circle", "a: &a [*a]\n", ".intscan.yaml:1"},
	} {
		_, err := config.Parse(config.FileName, []byte(tc.text), fstest.MapFS{})
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: error %v, want one with %q", tc.name, err, tc.want)
		}
	}
}

func TestFind(t *testing.T) {
	root := t.TempDir()
	deep := filepath.Join(root, "repo", "services", "shop")
	for _, dir := range []string{deep, filepath.Join(root, "repo", ".git")} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	write := func(dir string) string {
		file := filepath.Join(dir, config.FileName)
		if err := os.WriteFile(file, nil, 0o644); err != nil {
			t.Fatal(err)
		}
		return file
	}
	write(root) // above the root of the repository: not its own
	if got, err := config.Find(deep); err != nil || got != "" {
		t.Errorf("got %q, %v; want none", got, err)
	}
	want := write(filepath.Join(root, "repo"))
	if got, err := config.Find(deep); err != nil || got != want {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
	want = write(deep)
	if got, err := config.Find(deep); err != nil || got != want {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
}

func TestKeeps(t *testing.T) {
	c := parse(t, "paths: {include: [cmd, internal/**], exclude: [internal/legacy/, '**/*_gen.go']}")
	for file, want := range map[string]bool{
		"cmd/a/main.go": true, "internal/x.go": true, "internal/legacy/x.go": false, "cmd/x_gen.go": false,
		"docs/x.go": false, "go.mod": true, "commands/x.go": false,
	} {
		if got := c.Keeps(file); got != want {
			t.Errorf("Keeps(%s) = %v, want %v", file, got, want)
		}
	}
	if !(*config.Config)(nil).Keeps("a.go") {
		t.Error("no configuration leaves a file out")
	}
}

func TestSilence(t *testing.T) {
	c := parse(t, "suppressions:\n- rule: timeout-database\n  path: store\n  reason: goes away\n  until: 2026-06-30\n- rule: retry-missing\n  integration: 'http:*.example'\n  reason: cheap\n")
	at := func(file string) scanners.Position { return scanners.Position{File: file, Line: 3} }
	findings := func() []rules.Finding {
		return []rules.Finding{
			{Rule: "timeout-database", Position: at("store/db.go")},
			{Rule: "timeout-database", Position: at("main.go"), Related: []rules.Related{{Position: at("store/a.go")}, {Position: at("store/b.go")}}},
			{Rule: "timeout-database", Position: at("main.go"), Related: []rules.Related{{Position: at("store/a.go")}, {Position: at("api/b.go")}}},
			{Rule: "timeout-http-client", Position: at("store/db.go")},
			{Rule: "retry-missing", Position: at("x.go"), Integration: "http:api.example"},
		}
	}
	always := func(string) bool { return true }
	isCall := func(scanners.Position) bool { return true }
	for _, tc := range []struct {
		day  string
		want []bool
		told string
	}{
		{"2026-06-30", []bool{true, true, false, false, true}, ""},
		{"2026-07-02", []bool{false, false, false, false, true}, "expired after 2026-06-30"},
	} {
		day, err := time.Parse(time.DateOnly, tc.day)
		if err != nil {
			t.Fatal(err)
		}
		list := findings()
		diags := c.Silence(list, always, isCall, day.Add(12*time.Hour))
		var got []bool
		for _, f := range list {
			got = append(got, f.Suppressed != nil)
		}
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%s: (-want +got):\n%s", tc.day, diff)
		}
		if (len(diags) > 0) != (tc.told != "") || len(diags) > 0 && !strings.Contains(diags[0].Message, tc.told) {
			t.Errorf("%s: diagnostics %+v, want one with %q", tc.day, diags, tc.told)
		}
	}
	if diags := c.Silence(nil, always, isCall, time.Time{}); len(diags) != 2 {
		t.Errorf("two suppressions are unused, told: %+v", diags)
	}
	if diags := c.Silence(nil, func(string) bool { return false }, isCall, time.Time{}); len(diags) != 0 {
		t.Errorf("rules that did not run: %+v", diags)
	}
}

func TestLimits(t *testing.T) {
	c := parse(t, "fail-on: high\nfail-on-rules: {timeout-database: none}\n")
	for failOn, want := range map[rules.Severity]gate.Limits{
		"":        {FailOn: "high", Rules: map[string]rules.Severity{"timeout-database": "none"}, Kinds: map[string]rules.Severity{}},
		"low":     {FailOn: "low", Rules: map[string]rules.Severity{"timeout-database": "none"}, Kinds: map[string]rules.Severity{}},
		gate.None: {FailOn: gate.None},
	} {
		got := c.Limits(failOn)
		if diff := cmp.Diff(want.Rules, got.Rules); diff != "" || got.FailOn != want.FailOn {
			t.Errorf("%q: fail on %s, rules (-want +got):\n%s", failOn, got.FailOn, diff)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(everything)
	f.Add("rules: [a]\npaths: 3\npolicies: {}\n")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := config.Parse(config.FileName, []byte(text), fstest.MapFS{})
		if (c == nil) == (err == nil) {
			t.Errorf("configuration %v and error %v", c, err)
		}
		if c != nil {
			c.Keeps("a/b.go")
			c.Options()
		}
	})
}
