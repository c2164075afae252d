package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/intscan/intscan/plan"
)

// patient is far above what a scan of a few files takes on a busy machine.
const patient = 60 * time.Second

// bad is a tree with something wrong in it, and what the report must say of it.
type bad struct {
	name  string
	files map[string]string
	// prepare adds what cannot be written as a file of text.
	prepare func(t *testing.T, dir string)
	// file and message are of the diagnostic that must be there, message a part of it.
	file, message string
}

const goodMain = "package main\n\nimport \"net/http\"\n\nfunc main() { http.Get(\"https://api.stripe.com/v1/charges\") }\n"

func badTrees() []bad {
	return []bad{
		{name: "Go file that ends early", files: map[string]string{"bad.go": "package main\n\nfunc x() {\n\tfor {"}, file: "bad.go", message: "syntax error"},
		{name: "binary Go file", files: map[string]string{"bad.go": "\x7fELF\x00\x01\x02\xff\xfe\x00"}, file: "bad.go", message: ""},
		{name: "Go file nested too deep", files: map[string]string{"deep.go": "package main\n\nvar x = " + strings.Repeat("(", 200000) + "1"}, file: "deep.go", message: ""},
		{name: "constant that grows without end", files: map[string]string{"big.go": "package main\n\nconst a = 1 << 500\nconst b = a * a * a * a * a * a * a * a * a * a\nconst c = 1.0e1000000000 * b\n\nvar x = \"a\" + c\n"}},
		{name: "huge file", files: map[string]string{"compose.yaml": "services:\n" + strings.Repeat("# filler filler filler filler filler filler\n", 1<<20)}, file: "compose.yaml", message: ""},
		{name: "YAML bomb", files: map[string]string{"compose.yaml": yamlBomb("services"), "api/openapi.yaml": "openapi: 3.0.0\n" + yamlBomb("info"), "config.yaml": yamlBomb("database")}, file: "compose.yaml", message: ""},
		{name: "remote reference", files: map[string]string{"openapi.yaml": "openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths:\n  /x:\n    $ref: 'http://127.0.0.1:1/paths.yaml#/x'\n"}, file: "openapi.yaml", message: "127.0.0.1"},
		{name: "reference out of the tree", files: map[string]string{"openapi.yaml": "openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths:\n  /x:\n    $ref: '../../../../etc/passwd'\n"}, file: "openapi.yaml", message: ""},
		{name: "include of a git URL", files: map[string]string{"compose.yaml": "include:\n  - https://127.0.0.1:1/x.git#main:compose.yaml\nservices:\n  db:\n    image: postgres:17\n"}, file: "compose.yaml", message: "include"},
		{name: "port range without end", files: map[string]string{"compose.yaml": "services:\n  db:\n    image: postgres:17\n    ports: ['1-65535:1-65535', '1-9999999999:1']\n"}},
		{name: "newer go directive", files: map[string]string{"go.mod": "module example.com/m\n\ngo 1.999\n\ntoolchain go1.999.0\n"}},
		{name: "go.mod with conflict marks", files: map[string]string{"go.mod": "module example.com/m\n<<<<<<< HEAD\ngo 1.24\n=======\n"}, file: "go.mod", message: ""},
		{name: "file name with control characters", files: map[string]string{"a\x1b[2J\nb/bad.go": "package b\n\nfunc {"}, file: "a\x1b[2J\nb", message: "control characters"},
		{name: "links out and in a circle", prepare: func(t *testing.T, dir string) {
			outside := t.TempDir()
			put(t, filepath.Join(outside, "secret.env"), "OUTSIDE_TOKEN=x\n")
			link(t, filepath.Join(outside, "secret.env"), filepath.Join(dir, ".env"))
			link(t, outside, filepath.Join(dir, "out"))
			link(t, "circle", filepath.Join(dir, "circle"))
			link(t, "..", filepath.Join(dir, "sub", "up"))
		}, file: ".env", message: "leads out"},
		{name: "named pipe", prepare: func(t *testing.T, dir string) {
			if runtime.GOOS == "windows" {
				t.Skip("no named pipes in the file system")
			}
			for _, name := range []string{"x.go", "compose.yaml", ".env"} {
				if out, err := exec.Command("mkfifo", filepath.Join(dir, name)).CombinedOutput(); err != nil {
					t.Skipf("mkfifo: %v %s", err, out)
				}
			}
		}, file: "x.go", message: "named pipe"},
		{name: "unreadable file", prepare: func(t *testing.T, dir string) {
			if runtime.GOOS == "windows" || os.Getuid() == 0 {
				t.Skip("everything can be read here")
			}
			put(t, filepath.Join(dir, "locked.go"), "package main\n")
			if err := os.Chmod(filepath.Join(dir, "locked.go"), 0); err != nil {
				t.Fatal(err)
			}
		}, file: "locked.go", message: "cannot be read"},
	}
}

// yamlBomb is a document that is small as written and huge as read.
func yamlBomb(key string) string {
	var b strings.Builder
	b.WriteString("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n")
	for i := range 12 {
		b.WriteString("a" + itoa(i+1) + ": &a" + itoa(i+1) + " [" + strings.TrimSuffix(strings.Repeat("*a"+itoa(i)+", ", 10), ", ") + "]\n")
	}
	return b.String() + key + ":\n  x: *a12\n"
}

// TestBadInput: whatever a tree holds, there is a report, the fault is in it, and
// what is good beside it is found.
func TestBadInput(t *testing.T) {
	freshMachine(t)
	for _, b := range badTrees() {
		t.Run(b.name, func(t *testing.T) {
			dir := t.TempDir()
			files := map[string]string{"go.mod": "module example.com/bad\n\ngo 1.24\n", "main.go": goodMain}
			for name, text := range b.files {
				files[name] = text
			}
			for name, text := range files {
				if runtime.GOOS == "windows" && strings.ContainsFunc(name, unicode.IsControl) {
					t.Skip("no such file names")
				}
				put(t, filepath.Join(dir, filepath.FromSlash(name)), text)
			}
			if b.prepare != nil {
				b.prepare(t, dir)
			}
			start := time.Now()
			r := decode(t, runFine(t, "--format", "json", dir))
			if took := time.Since(start); took > patient {
				t.Errorf("took %s", took)
			}
			checkBad(t, b, r)
			text := runFine(t, "-v", dir)
			if i := strings.IndexFunc(text, func(c rune) bool { return c != '\n' && unicode.IsControl(c) }); i >= 0 {
				t.Errorf("a control character is printed: %q", text[max(0, i-20):min(len(text), i+20)])
			}
		})
	}
}

func checkBad(t *testing.T, b bad, r *plan.Report) {
	t.Helper()
	found := b.file == ""
	for _, d := range r.Diagnostics {
		found = found || d.File == b.file && strings.Contains(d.Message, b.message)
	}
	if !found {
		t.Errorf("no diagnostic of %q with %q: %+v", b.file, b.message, r.Diagnostics)
	}
	stripe := false
	for _, in := range r.Integrations {
		stripe = stripe || in.ID == "stripe"
	}
	if !stripe {
		t.Error("the good file beside it was not read")
	}
	for _, v := range r.Variables {
		if v.Name == "OUTSIDE_TOKEN" {
			t.Error("a file outside the root was read")
		}
	}
}

// TestNoGoCommand: a machine without Go is told of, and the scan goes on.
func TestNoGoCommand(t *testing.T) {
	freshMachine(t)
	t.Setenv("PATH", t.TempDir())
	dir := filepath.Join(fixtureDir, "shop")
	r := decode(t, runFine(t, "--format", "json", dir))
	told := false
	for _, d := range r.Diagnostics {
		told = told || strings.Contains(d.Message, "no Go toolchain")
	}
	if !told {
		t.Errorf("nothing is said of the missing Go: %+v", r.Diagnostics)
	}
	found := map[string]bool{}
	for _, in := range r.Integrations {
		found[in.ID] = true
	}
	for _, id := range []string{"postgresql", "redis", "prometheus", "http:api.shipfast-parcels.com"} {
		if !found[id] {
			t.Errorf("%s was not found: %v", id, found)
		}
	}
}

func put(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func link(t *testing.T, to, name string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(to, name); err != nil {
		t.Skipf("no symbolic links here: %v", err)
	}
}
