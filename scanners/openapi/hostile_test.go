package openapi

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/intscan/intscan/scanners"
)

// TestScan_hostile feeds what is small, well formed, and endless to read without care.
func TestScan_hostile(t *testing.T) {
	head := "openapi: 3.0.3\ninfo: {title: T, version: v}\n"
	bomb := head + "x-0: &a0 {get: {responses: {}}}\n"
	for i := 1; i < 40; i++ {
		bomb += fmt.Sprintf("x-%d: &a%d {a: *a%d, b: *a%d}\n", i, i, i-1, i-1)
	}
	var chain, mesh, wide strings.Builder
	for i := range 30_000 {
		fmt.Fprintf(&chain, "    S%d: {properties: {n: {$ref: '#/components/schemas/S%d'}}}\n", i, i+1)
	}
	for i := range 60 {
		fmt.Fprintf(&mesh, "    S%d:\n      anyOf:\n", i)
		for j := range 60 {
			fmt.Fprintf(&mesh, "        - $ref: '#/components/schemas/S%d'\n", j)
		}
	}
	for i := range 20_000 {
		fmt.Fprintf(&wide, "  /p%d: *item\n", i)
	}
	codes := strings.Repeat("x", 3)
	for i := range 5000 {
		codes += fmt.Sprintf(", c%d: {}", i)
	}
	tests := []struct{ name, text, diag string }{
		{"alias bomb", bomb + "paths: {/a: *a39}\n", "not checked for validity: too large"},
		{"alias of itself", head + "paths: {/a: &a {get: {callbacks: {c: {x: *a}}, responses: {}}}}\nx-a: &x [*x]\n", "not checked for validity: too large"},
		{"chain of schemas", head + "paths: {}\ncomponents:\n  schemas:\n" + chain.String() + "    S30000: {type: string}\n", "references lead through one another more than"},
		{"mesh of schemas", head + "paths: {}\ncomponents:\n  schemas:\n" + mesh.String(), ""},
		{"one large operation many times", head + "x-item: &item {get: {responses: {" + codes + "}}}\npaths:\n" + wide.String(), "only a part of the description was read"},
		{"path item in a circle", head + "paths: {/a: {$ref: '#/paths/~1b'}, /b: {$ref: '#/paths/~1a'}}\n", "leads in a circle"},
		{"paths that are themselves", head + "paths: {$ref: '#/paths'}\n", "leads in a circle"},
		{"pointer through a circle", head + "paths: {/a: {$ref: '#/x-a/b/c'}}\nx-a: {b: {$ref: '#/x-a/b/d'}}\n", "leads in a circle"},
		{"merge of itself", head + "paths: &p {<<: [*p, *p], /a: {get: {responses: {}}}}\n", ""},
		{"wrong kinds", "openapi: 3.0.3\ninfo: []\npaths: [1]\nservers: {a: b}\nsecurity: 7\ncomponents: {securitySchemes: [x], schemas: 3}\n", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			start := time.Now()
			apis, diags := scanFiles(t, map[string]string{"a.yaml": test.text})
			// Far above what it takes, also under the race detector on a busy machine.
			if took := time.Since(start); took > 30*time.Second {
				t.Errorf("took %s", took)
			}
			if len(apis) != 1 {
				t.Errorf("%d APIs, want 1", len(apis))
			}
			if got := strings.Join(lines(diags), "\n"); !strings.Contains(got, test.diag) {
				t.Errorf("diagnostics:\n%s\nwant one with %q", got, test.diag)
			}
		})
	}
}

// TestScan_secrets plants credentials wherever a description can hold one.
func TestScan_secrets(t *testing.T) {
	apis, diags := scanFiles(t, map[string]string{"a.yaml": `openapi: 3.0.3
info: {title: T, version: v, contact: {url: "https://u:hunter21@%zz/"}, license: {url: "::hunter22"}}
servers:
  - url: https://u:hunter23@a.example.com/v1?k=hunter24#hunter25
  - url: https://u:hunter/26@b.example.com/
  - url: "{base}/x"
    variables: {base: {default: "https://u:hunter27@c.example.com"}}
  - url: https://d.example.com/hooks/T00000000/Hunter28AbCdEf1234567890
paths:
  /a?api_key=hunter29:
    get:
      responses: {"200": {description: d}}
      callbacks: {c: {"https://u:hunter30@e.example.com?token=hunter31": {post: {responses: {}}}}}
  /b: {$ref: "https://u:hunter32@f.example.com/x?sig=hunter33"}
components:
  securitySchemes:
    s:
      type: oauth2
      flows: {password: {tokenUrl: "https://u:hunter34@g.example.com/t?s=hunter35", refreshUrl: "https://u:hunter36@h/"}}
    o: {type: openIdConnect, openIdConnectUrl: "https://u:hunter37@i.example.com/?x=hunter38", x-secret: hunter39}
`, "b.yaml": `swagger: "2.0"
info: {title: T, version: v}
host: u:hunter40@j.example.com
basePath: /x?token=hunter41
schemes: [https]
paths: {}
securityDefinitions: {s: {type: oauth2, flow: password, tokenUrl: "https://u:hunter42@k.example.com/"}}
`, "c.yaml": "openapi: 3.0.3\ninfo: {title: T, version: v}\npaths: {}\nservers: 'https://u:hunter43@l'\nsecurity: hunter44\n"})
	out, err := json.Marshal([]any{apis, diags})
	if err != nil {
		t.Fatal(err)
	}
	if i := strings.Index(strings.ToLower(string(out)), "hunter"); i >= 0 {
		t.Errorf("a secret got through: ...%s...", out[max(0, i-100):min(len(out), i+100)])
	}
	for _, host := range "abcdefgijk" {
		if want := string(host) + ".example.com"; !strings.Contains(string(out), want) {
			t.Errorf("host %s is lost", want)
		}
	}
}

func TestScan_cancelled(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.yaml"), []byte(minimal), 0o644); err != nil {
		t.Fatal(err)
	}
	tree, err := scanners.OpenTree(dir, scanners.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer tree.Close()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	apis, diags := Scan(ctx, tree)
	if len(apis) != 0 || len(diags) == 0 {
		t.Errorf("Scan of a cancelled context = %d APIs, %d diagnostics; want none, and one that says so", len(apis), len(diags))
	}
}
