package envfile

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/compose-spec/compose-go/v2/dotenv"
	"github.com/google/go-cmp/cmp"

	"github.com/intscan/intscan/fixtures"
	"github.com/intscan/intscan/scanners"
)

const sample = "\uFEFF# Orders service\r\n" +
	"PORT=8080\r\n" +
	"export LOG_LEVEL=debug # or info\n" +
	"DATABASE_URL=\"postgres://shop:hunter2@db:5432/shop\"\n" +
	"\n" +
	"  REDIS_ADDR = cache:6379\n" +
	"SMTP_HOST: smtp.mail.example\n" +
	"API_KEY=\n" +
	"EMPTY=''\n" +
	"NOTE= # nothing yet\n" +
	"PRIVATE_PEM='-----BEGIN PRIVATE KEY-----\n" +
	"NOT_A_NAME=hunter2\n" +
	"-----END PRIVATE KEY-----'\n" +
	"FROM_OUTSIDE\n" +
	"QUOTED='it\\'s' AFTER=1\n"

func at(line, column int) scanners.Position {
	return scanners.Position{File: ".env", Line: line, Column: column}
}

func TestParse(t *testing.T) {
	got, diags := Parse(".env", []byte(sample))
	want := []Variable{
		{Name: "PORT", Position: at(2, 1)},
		{Name: "LOG_LEVEL", Position: at(3, 8), Exported: true},
		{Name: "DATABASE_URL", Position: at(4, 1), Secret: true, Endpoint: &scanners.Endpoint{Scheme: "postgres", Host: "db", Port: 5432}},
		{Name: "REDIS_ADDR", Position: at(6, 3), Endpoint: &scanners.Endpoint{Host: "cache", Port: 6379}},
		{Name: "SMTP_HOST", Position: at(7, 1), Endpoint: &scanners.Endpoint{Host: "smtp.mail.example"}},
		{Name: "API_KEY", Position: at(8, 1), Secret: true, Empty: true},
		{Name: "EMPTY", Position: at(9, 1), Empty: true},
		{Name: "NOTE", Position: at(10, 1), Empty: true},
		{Name: "PRIVATE_PEM", Position: at(11, 1), Secret: true},
		{Name: "FROM_OUTSIDE", Position: at(14, 1), Empty: true},
		{Name: "QUOTED", Position: at(15, 1)},
		{Name: "AFTER", Position: at(15, 16)},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("variables (-want +got):\n%s", diff)
	}
	if len(diags) != 0 {
		t.Errorf("diagnostics %v, want none", diags)
	}
}

func TestParseMalformed(t *testing.T) {
	tests := []struct {
		name, in string
		names    []string
		lines    []int
	}{
		{"words", "A=1\nsome words here\nB=2\n", []string{"A", "B"}, []int{2}},
		{"no name", "=x\nB=2", []string{"B"}, []int{1}},
		{"open quote", "A=1\nB=\"x\nC=3\n", []string{"A", "B", "C"}, []int{2}},
		{"pasted key", "KEY=-----BEGIN PRIVATE KEY-----\nMIIEabc=\n-----END PRIVATE KEY-----\nB=2\n", []string{"KEY", "B"}, nil},
		{"pasted token", "A=1\n9f86d081884c7d659a2feaa0c55ad015a3bf4f1b=\n", []string{"A"}, []int{2}},
		{"binary", "A=1\x00", nil, []int{0}},
		{"many", strings.Repeat("!\n", 7), nil, []int{1, 2, 3, 4, 5, 0}},
		{"too many", strings.Repeat("A=1\n", maxVars+9), slices.Repeat([]string{"A"}, maxVars), []int{maxVars + 1}},
		{"empty", "", nil, nil},
		{"comment alone", "#", nil, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			vars, diags := Parse(".env", []byte(tt.in))
			if diff := cmp.Diff(tt.names, names(vars)); diff != "" {
				t.Errorf("names (-want +got):\n%s", diff)
			}
			var lines []int
			for _, d := range diags {
				lines = append(lines, d.Line)
			}
			if diff := cmp.Diff(tt.lines, lines); diff != "" {
				t.Errorf("lines of diagnostics (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseEnvrcIsAScript(t *testing.T) {
	vars, diags := Parse("deploy/.envrc", []byte("use flake\nif has nix; then\n  export PORT=1\nfi\nPATH_add bin\n"))
	if diff := cmp.Diff([]string{"PORT"}, names(vars)); diff != "" || len(diags) != 0 {
		t.Errorf("names (-want +got):\n%s\ndiagnostics: %v", diff, diags)
	}
}

func names(vars []Variable) (out []string) {
	for _, v := range vars {
		out = append(out, v.Name)
	}
	return out
}

func TestParseTakesLinearTime(t *testing.T) {
	for _, piece := range []string{"A='x' ", "-----BEGIN ", "A=-----BEGIN \n", "A=\"\\\"\n", "a=", "# \n", "export ", "A='\n\"", "MIIE9x8y7z\n"} {
		start := time.Now()
		Parse(".env", []byte(strings.Repeat(piece, maxSize/len(piece))))
		if took := time.Since(start); took > 30*time.Second {
			t.Errorf("a file of %q takes %s", piece, took)
		}
	}
}

func TestIsEnvFile(t *testing.T) {
	for name, example := range map[string]bool{
		".env": false, "a/.env.local": false, "prod.env": false, ".envrc": false, ".e2e.env": false, ".env-ci": false,
		".env.example": true, "env.example": true, "example.env": true, "app.env.dist": true, ".env.sample": true,
		"app.env.template": true, ".env_sample": true, ".envrc.example": true, ".env.production.example": true,
	} {
		if got, ok := IsEnvFile(name); !ok || got != example {
			t.Errorf("IsEnvFile(%q) = %t, %t, want %t, true", name, got, ok, example)
		}
	}
	for _, name := range []string{"env.go", "env", "environment", ".env.ts", ".env.json", "my.env.backup", "dotenv.md", "README.env.md", ".envs/x", "env/main.go", ".environment"} {
		if _, ok := IsEnvFile(name); ok {
			t.Errorf("IsEnvFile(%q) is true", name)
		}
	}
}

func TestScan(t *testing.T) {
	tree := fixtures.Tree(t, map[string]string{
		"svc/.env.example": "A=1\n", ".env": sample, "main.go": "package main\n",
		"big.env": strings.Repeat("A=1\n", maxSize/4+1),
	})
	files, diags := Scan(context.Background(), tree)
	var got []string
	for _, f := range files {
		got = append(got, f.Path)
	}
	if diff := cmp.Diff([]string{".env", "svc/.env.example"}, got); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	if len(diags) != 1 || diags[0].File != "big.env" {
		t.Errorf("diagnostics %v, want one for big.env", diags)
	}
	b, err := json.Marshal(files)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(b), "hunter2") {
		t.Errorf("result holds a value: %s", b)
	}
	if len(files) == 2 && !files[1].Example {
		t.Error(".env.example is not marked as an example")
	}

	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if files, diags := Scan(ctx, tree); len(files) != 0 || len(diags) != 1 {
		t.Errorf("cancelled scan = %v, %v; want nothing and a diagnostic", files, diags)
	}
}

// composeNames is what compose-go reads in a file.
func composeNames(src string) ([]string, error) {
	m, err := dotenv.UnmarshalWithLookup(src, func(string) (string, bool) { return "", true })
	if err != nil {
		return nil, err
	}
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out, nil
}

func compareWithCompose(t *testing.T, name, src string) {
	t.Helper()
	src = strings.TrimPrefix(src, "\uFEFF")
	want, err := composeNames(src)
	if err != nil {
		if _, diags := Parse(name, []byte(src)); len(diags) == 0 && !strings.Contains(err.Error(), "required variable") {
			t.Errorf("%s: compose-go fails (%v), and there is no diagnostic", name, err)
		}
		return
	}
	vars, diags := Parse(name, []byte(src))
	got := names(vars)
	slices.Sort(got)
	if diff := cmp.Diff(want, slices.Compact(got)); diff != "" {
		t.Errorf("%s: names, compared with compose-go (-want +got):\n%s", name, diff)
	}
	if len(diags) != 0 {
		t.Errorf("%s: diagnostics %v where compose-go has no error", name, diags)
	}
}

func TestSameNamesAsCompose(t *testing.T) {
	for _, src := range []string{
		sample, "A=1", "A=1\nB\n", "A.b-c=1\n", "A: 'x'\n", "A = \"x\ny\"\nB=2\n", "words and words\n", "A='x\n", "A=b=c:d\n", "x[0]=1\n",
		"export A=1\nexport\tB='2'\n", "A=${B:-x y}\n", "\n\n  # c\nA=#x\nB=x#y\n", "A=\"\\\"\"\nB='\\\\'\n",
	} {
		compareWithCompose(t, ".env", src)
	}
}

func TestSameNamesAsComposeOnRealFiles(t *testing.T) {
	corpus := filepath.Join("..", "..", "..", "shared", "corpus")
	if _, err := os.Stat(corpus); err != nil {
		t.Skip("no collection of real files beside this checkout")
	}
	n := 0
	err := filepath.WalkDir(corpus, func(file string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if _, ok := IsEnvFile(file); !ok {
			return nil
		}
		b, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		n++
		compareWithCompose(t, d.Name(), string(b))
		return nil
	})
	if err != nil || n == 0 {
		t.Errorf("%d files, %v; want some", n, err)
	}
	t.Logf("compared %d files", n)
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(sample))
	f.Add([]byte("A='x\nB=\"\nexport C: d\n=\n-----BEGIN \n"))
	f.Add([]byte("export \xff=1\r\r\n\x85A"))
	f.Fuzz(func(t *testing.T, b []byte) {
		vars, diags := Parse(".env", b)
		lines := strings.Count(string(b), "\n") + 1
		last := 0
		for _, v := range vars {
			if v.Name == "" || v.Position.Line < last || v.Position.Line > lines || v.Position.Column < 1 {
				t.Errorf("%q at %v, after line %d of %d", v.Name, v.Position, last, lines)
			}
			last = v.Position.Line
		}
		if len(diags) > maxDiags+2 {
			t.Errorf("%d diagnostics", len(diags))
		}
	})
}
