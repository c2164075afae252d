package openapi

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/intscan/intscan/fixtures"
	"github.com/intscan/intscan/scanners"
)

// minimal is a valid description of one operation.
const minimal = `openapi: 3.0.3
info: {title: T, version: v}
paths:
  /a: {get: {responses: {"200": {description: fine}}}}
`

func TestScan_forms(t *testing.T) {
	tests := []struct {
		name, file, text string
		want             []string // of each API its position, spec, title and number of operations
		diags            []string
	}{
		{"plain", "a.yaml", minimal, []string{"a.yaml:1:1 3.0.3 T 1"}, nil},
		{"any extension in capitals", "A.YAML", minimal, []string{"A.YAML:1:1 3.0.3 T 1"}, nil},
		{"other extension", "a.txt", minimal, nil, nil},
		{"byte order mark and Windows line ends", "a.yml", "\xef\xbb\xbf# first\r\n" + strings.ReplaceAll(minimal, "\n", "\r\n"), []string{"a.yml:2:1 3.0.3 T 1"}, nil},
		{"UTF-16", "a.yml", utf16Text(minimal), []string{"a.yml:1:1 3.0.3 T 1"}, nil},
		{"two documents", "a.yml", "kind: Other\n---\n" + minimal + "---\n" + strings.Replace(minimal, "title: T", "title: U", 1),
			[]string{"a.yml:3:1 3.0.3 T 1", "a.yml:8:1 3.0.3 U 1"}, nil},
		{"JSON in YAML", "a.yaml", `{"info": {"title": "T", "version": "v"}, "paths": {}, "openapi": "3.0.0"}`, []string{"a.yaml:1:55 3.0.0 T 0"}, nil},
		{"trailing comma", "a.json", "{\"openapi\": \"3.0.0\",\n\"info\": {\"title\": \"T\", \"version\": \"v\"}, \"paths\": {},}", []string{"a.json:1:2 3.0.0 T 0"}, nil},
		{"numbers for versions", "a.yaml", "swagger: 2.0\ninfo: {title: T, version: 1.10}\npaths: {}\n", []string{"a.yaml:1:1 2.0 T 0"},
			[]string{"info a.yaml:1:1 not checked for validity: kin-openapi: json: cannot unmarshal number into field Info.version of type string"}},
		{"merge keys and anchors", "a.yaml", "openapi: 3.0.0\ninfo: {title: T, version: v}\npaths:\n  /a: &a\n    get: &op {responses: {\"200\": {description: d}}}\n  /b: {<<: *a, put: *op}\n  /c: *a\n",
			[]string{"a.yaml:1:1 3.0.0 T 4"}, nil},
		{"key written twice", "a.yaml", minimal + "info: {title: Second, version: v}\n", []string{"a.yaml:1:1 3.0.3 Second 1"},
			[]string{`warning a.yaml:5:1 the key "info" is written twice, first in line 2; the last one is taken`}},
		{"unknown version", "a.yaml", strings.Replace(minimal, "3.0.3", "4.0.0", 1), []string{"a.yaml:1:1 4.0.0 T 1"},
			[]string{`warning a.yaml:1:1 OpenAPI version "4.0.0" is not known; read as if it were 3.1`}},
		{"settings of something else", "values.yaml", "image: x\nswagger: 5.1.0\n", nil, nil},
		{"nothing but a version", "a.yaml", "openapi: 3.0.0\n", nil,
			[]string{"info a.yaml:1:1 has an OpenAPI version but no info, paths or components; not taken for an API"}},
		{"a dependency of that name", "package.json", `{"dependencies": {"swagger": "2.0.1"}}`, nil, nil},
		{"a switch of that name", "a.yaml", "openapi: true\ninfo: {title: T}\n", nil, nil},
		{"template of something else", "t.yaml", "data:\n  spec: |\n    openapi: 3.0.0\n{{ if .x }}\n  y: [\n", nil, nil},
		{"not valid", "a.yaml", "openapi: 3.0.0\ninfo: {version: v}\npaths:\n  /a/{id}:\n    get: {}\n", []string{"a.yaml:1:1 3.0.0  1"},
			[]string{
				`info a.yaml:2:1 not valid OpenAPI 3.0.0: info title required`,
				`info a.yaml:5:5 not valid OpenAPI 3.0.0: "GET /a/{id}": operation responses required`,
				`info a.yaml:5:5 not valid OpenAPI 3.0.0: "GET /a/{id}": path parameters mismatch`,
			}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			apis, diags := scanFiles(t, map[string]string{test.file: test.text})
			var got []string
			for _, a := range apis {
				got = append(got, fmt.Sprintf("%s %s %s %d", a.Position, a.Spec, a.Title, a.CountedOperations()))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("APIs (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(append([]string{}, test.diags...), lines(diags)); diff != "" {
				t.Errorf("diagnostics (-want +got):\n%s", diff)
			}
		})
	}
}

func utf16Text(s string) string {
	out := []byte{0xff, 0xfe}
	for _, c := range []byte(s) {
		out = append(out, c, 0)
	}
	return string(out)
}

func TestScan_malformed(t *testing.T) {
	tests := []struct{ name, file, text, want string }{
		{"YAML", "a.yaml", minimal + "x: [1,\ny: }\n", "error a.yaml:6 looks like an OpenAPI description but is malformed"},
		{"JSON", "a.json", "{\n\"openapi\": \"3.0.0\",\n\"info\": {\"title\" \"T\"}\n}", "error a.json:3 looks like an OpenAPI description but is malformed"},
		{"JSON that ends", "a.json", "{\n\"openapi\": \"3.0.0\",\n\"info\": {", "error a.json:3 looks like an OpenAPI description but is malformed: the JSON ends too early"},
		{"deep YAML", "a.yaml", minimal + "x-deep: " + strings.Repeat("[", 5000), "error a.yaml:5 looks like an OpenAPI description but is malformed"},
		{"deep JSON", "a.json", `{"openapi": "3.0.0", "x": ` + strings.Repeat("[", 5000), "error a.json:1 looks like an OpenAPI description but is malformed: nested deeper"},
		{"too many values", "a.yaml", minimal + "x-many: [" + strings.Repeat("1,", maxNodes) + "]\n", "error a.yaml looks like an OpenAPI description but is malformed: too complex"},
		{"binary", "a.yaml", minimal + "\x00\x01\x02\xff", "error a.yaml:5 looks like an OpenAPI description but is malformed"},
		{"too large", "a.yaml", minimal + strings.Repeat("# padding\n", 1<<20), "error a.yaml looks like an OpenAPI description but cannot be read: file is over the size limit"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			start := time.Now()
			_, diags := scanFiles(t, map[string]string{test.file: test.text})
			got := lines(diags)
			if len(got) != 1 || !strings.HasPrefix(got[0], test.want) {
				t.Errorf("diagnostics = %q, want one that starts with %q", got, test.want)
			}
			if took := time.Since(start); took > 30*time.Second {
				t.Errorf("took %s", took)
			}
		})
	}
}

func TestScan_references(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "secret.yaml"), []byte("get: {operationId: stolen}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	root := filepath.Join(dir, "repo")
	fixtures.Write(t, root, splitFiles)
	if err := os.Symlink(filepath.Join(dir, "secret.yaml"), filepath.Join(root, "api", "link.yaml")); err != nil {
		t.Fatal(err)
	}
	apis, diags := scanDir(t, root, scanners.Limits{})
	var got []string
	for _, op := range apis[0].Operations {
		got = append(got, fmt.Sprintf("%s %s via %v %v %v", op.Position, op.ID, op.Via, op.RequestTypes, op.ResponseTypes))
	}
	want := []string{
		"api/paths/good.yaml:2:3 good via api/main.yaml:4:17 [text/plain] [image/png]",
		"api/paths/good.yaml:3:14 odd via api/main.yaml:5:21 [] []",
		"api/main.yaml:15:10 own via <nil> [] [image/png]",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("operations (-want +got):\n%s", diff)
	}
	if c, r := apis[0].CountedOperations(), apis[0].ReferencedOperations(); c != 1 || r != 2 {
		t.Errorf("CountedOperations, ReferencedOperations = %d, %d, want 1, 2", c, r)
	}
	const out = "leads out of the repository, where nothing is read"
	wantDiags := []string{
		`warning api/main.yaml:6:19 the reference "https://other.example.com/p.yaml" is on another host, and nothing is fetched`,
		`warning api/main.yaml:7:20 the reference "../../secret.yaml" ` + out,
		`warning api/main.yaml:8:21 the reference "/etc/passwd" ` + out,
		`warning api/main.yaml:9:17 the reference "file:///etc/passwd" ` + out,
		`warning api/main.yaml:10:17 the reference "link.yaml" cannot be read: path escapes from parent`,
		`warning api/main.yaml:11:20 the reference "paths/none.yaml" cannot be read: no such file or directory`,
		`warning api/main.yaml:12:20 the reference "paths/good.yaml#/none" leads to nothing`,
		`warning api/main.yaml:13:19 the reference "#/x-circle/a" leads in a circle, or over too many others`,
		`warning api/main.yaml:14:19 the reference "broken.yaml" is malformed at its line 2: `,
	}
	gotDiags := lines(diags)
	if n := len(gotDiags); n == len(wantDiags) && strings.HasPrefix(gotDiags[n-1], wantDiags[n-1]) {
		gotDiags[n-1] = wantDiags[n-1] // the words after that are those of the YAML library
	}
	if diff := cmp.Diff(wantDiags, gotDiags); diff != "" {
		t.Errorf("diagnostics (-want +got):\n%s", diff)
	}
}

// splitFiles is a description over several files, with every kind of bad reference.
var splitFiles = map[string]string{
	"api/main.yaml": `openapi: 3.0.3
info: {title: Split, version: v}
paths:
  /good: {$ref: "./paths/good.yaml#/item"}
  /odd~name: {$ref: "paths/good.yaml#/odd~0name%20x"}
  /remote: {$ref: "https://me:hunter2@other.example.com/p.yaml?token=hunter3#/x"}
  /outside: {$ref: "../../secret.yaml"}
  /absolute: {$ref: "/etc/passwd"}
  /file: {$ref: "file:///etc/passwd"}
  /link: {$ref: "link.yaml"}
  /missing: {$ref: "paths/none.yaml"}
  /nothing: {$ref: "paths/good.yaml#/none"}
  /circle: {$ref: "#/x-circle/a"}
  /broken: {$ref: "broken.yaml"}
  /own: {get: {operationId: own, responses: {default: {$ref: "paths/good.yaml#/answer"}}}}
x-circle: {a: {$ref: "#/x-circle/b"}, b: {$ref: "#/x-circle/a"}}
components:
  examples: {E: {value: {$ref: "https://not.a.reference/"}}}
`,
	"api/paths/good.yaml": `item:
  get: {operationId: good, requestBody: {$ref: "#/body"}, responses: {"200": {$ref: "#/answer"}}}
odd~name x: {put: {operationId: odd}}
body: {content: {text/plain: {}}}
answer: {description: d, content: {image/png: {schema: {$ref: "../schemas.json#/Picture"}}}}
`,
	"api/schemas.json": `{"Picture": {"type": "string"}}`,
	"api/broken.yaml":  "a: [\nb: }",
}
