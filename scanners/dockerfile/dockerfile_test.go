package dockerfile

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/intscan/intscan/fixtures"
	"github.com/intscan/intscan/scanners"
)

const file = "Dockerfile"

func at(line, column int) scanners.Position {
	return scanners.Position{File: file, Line: line, Column: column}
}

const sample = `# syntax=docker/dockerfile:1
ARG GO_VERSION=1.25
ARG REGISTRY
FROM --platform=$BUILDPLATFORM golang:${GO_VERSION}-alpine AS build
RUN <<EOF
ENV NOT=this
EOF
RUN go build \
    # a comment between
    -o /out/orders ./cmd/orders

from alpine:3.22 as base
USER app
EXPOSE 8080 9090/tcp
HEALTHCHECK --interval=5s CMD wget -q localhost:8080/healthz

FROM base
ENV LEDGER_URL=https://ledger.example/v1 \
    DATABASE_URL="postgres://shop:hunter2@db:5432/shop" \
    LOG=debug
  ENV API_KEY hunter2 and more
COPY --from=build /out/orders /orders
ENTRYPOINT ["/orders", "--token=hunter2"]
CMD ["serve"]
`

func TestParse(t *testing.T) {
	got, diags := Parse(file, []byte(sample))
	check := at(15, 1)
	want := File{
		Path: file,
		Stages: []Stage{
			{Name: "build", From: "golang:1.25-alpine", Position: at(4, 1)},
			{Name: "base", From: "alpine:3.22", Position: at(12, 1)},
			{From: "base", Stage: true, Position: at(17, 1)},
		},
		Env: []Variable{
			{Name: "LEDGER_URL", Position: at(18, 5), Stage: 2, Endpoint: &scanners.Endpoint{Scheme: "https", Host: "ledger.example"}},
			{Name: "DATABASE_URL", Position: at(19, 5), Stage: 2, Secret: true, Endpoint: &scanners.Endpoint{Scheme: "postgres", Host: "db", Port: 5432}},
			{Name: "LOG", Position: at(20, 5), Stage: 2},
			{Name: "API_KEY", Position: at(21, 7), Stage: 2, Secret: true},
		},
		Healthcheck: &check, User: "app", Expose: []string{"8080", "9090/tcp"}, Entrypoint: "/orders",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("file (-want +got):\n%s", diff)
	}
	if len(diags) != 0 {
		t.Errorf("diagnostics %v, want none", diags)
	}
	b, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(b), "hunter2") {
		t.Errorf("result holds a secret: %s", b)
	}
}

func TestParseRun(t *testing.T) {
	tests := []struct{ in, entrypoint, user string }{
		{"FROM a\nCMD PORT=1 exec ./orders serve\nUSER 1000:1000", "./orders", "1000:1000"},
		{"FROM a AS x\nENTRYPOINT /x\nFROM b\n", "", ""},
		{"FROM a AS x\nCMD /x\nFROM X\n", "/x", ""},
		{"FROM a AS x\nCMD /x\nFROM x\nENTRYPOINT []\n", "", ""},
		{"FROM a\nUSER ${APP_USER:-app}\nENTRYPOINT [\"sh\", bad\n", "[\"sh\",", "app"},
	}
	for _, tt := range tests {
		got, _ := Parse(file, []byte(tt.in))
		if got.Entrypoint != tt.entrypoint || got.User != tt.user {
			t.Errorf("Parse(%q): entrypoint %q, user %q, want %q, %q", tt.in, got.Entrypoint, got.User, tt.entrypoint, tt.user)
		}
	}
	got, _ := Parse(file, []byte("FROM a AS x\nHEALTHCHECK CMD true\nFROM x\nHEALTHCHECK NONE"))
	if got.Healthcheck != nil {
		t.Errorf("healthcheck at %v, want none", got.Healthcheck)
	}
	got, _ = Parse(file, []byte("# escape=`\nFROM a\nENV A=1 `\n  B=2"))
	if len(got.Env) != 2 || got.Env[1].Position != at(4, 3) {
		t.Errorf("variables %v, want two, the second at line 4", got.Env)
	}
}

func TestParseFaults(t *testing.T) {
	tests := []struct {
		name, in string
		lines    []int
	}{
		{"no from", "# nothing\n", []int{0}},
		{"early env", "ENV A=1\nFROM a\n", []int{1}},
		{"no instruction", "FROM a\nWHAT is this\n", []int{2}},
		{"no image", "FROM\n", []int{1}},
		{"word in env", "FROM a\nENV A=1 \\\n  B\n", []int{3}},
		{"binary", "FROM a\x00", []int{0}},
		{"many", "FROM a\n" + strings.Repeat("x\n", 50), []int{2, 3, 4, 5, 6}},
		{"open heredoc and continuation", "FROM a\nRUN <<EOF\nENV A=1 \\", nil},
	}
	for _, tt := range tests {
		_, diags := Parse(file, []byte(tt.in))
		var lines []int
		for _, d := range diags {
			lines = append(lines, d.Line)
		}
		if diff := cmp.Diff(tt.lines, lines); diff != "" {
			t.Errorf("%s: lines of diagnostics %v (-want +got):\n%s", tt.name, diags, diff)
		}
	}
}

// TestParseTakesLinearTime: a file of the largest size takes a second or two, some ten
// times that under the race detector on a busy machine, and hours where the time grows
// with the square of the size.
func TestParseTakesLinearTime(t *testing.T) {
	for _, piece := range []string{"FROM a AS b\n", "RUN <<A\n", "ENV A=1 \\\n", "ENV A=1 ", "EXPOSE $A$A\n", "\\\n", "USER '"} {
		start := time.Now()
		Parse(file, []byte("ARG A="+strings.Repeat("x", 199)+"\nFROM a\n"+strings.Repeat(piece, maxSize/len(piece))))
		if took := time.Since(start); took > time.Minute {
			t.Errorf("a file of %q takes %s", piece, took)
		}
	}
}

func TestIsDockerfile(t *testing.T) {
	for name, want := range map[string]bool{
		"Dockerfile": true, "a/Dockerfile.dev": true, "api.Dockerfile": true, "x.dockerfile": true, "Containerfile": true, "Dockerfile-ci": true,
		"dockerfile.go": false, "Dockerfile.md": false, "Dockerfile.dockerignore": false, "dockerfiles": false, "docker": false,
	} {
		if got := IsDockerfile(name); got != want {
			t.Errorf("IsDockerfile(%q) = %t, want %t", name, got, want)
		}
	}
}

func TestScan(t *testing.T) {
	tree := fixtures.Tree(t, map[string]string{"Dockerfile": sample, "big.Dockerfile": strings.Repeat("#\n", maxSize), "main.go": "package main"})
	files, diags := Scan(context.Background(), tree)
	if len(files) != 1 || files[0].Path != file || len(diags) != 1 || diags[0].File != "big.Dockerfile" {
		t.Errorf("Scan = %v, %v; want Dockerfile, and a diagnostic for the large one", files, diags)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(sample))
	f.Add([]byte("FROM a\nENV A=\"x\\\n# c\n\n y\" B='\nCMD [\"a\n"))
	f.Add([]byte("ARG A=$B\nARG B=${A:-$A}\nFROM $A${B}$$\nEXPOSE $A"))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, diags := Parse(file, b)
		lines := strings.Count(string(b), "\n") + 1
		for _, v := range got.Env {
			if v.Position.Line < 1 || v.Position.Line > lines || v.Position.Column < 1 || v.Stage < 0 || v.Stage >= len(got.Stages) {
				t.Errorf("%+v, of %d lines and %d stages", v, lines, len(got.Stages))
			}
		}
		if len(diags) > maxDiags {
			t.Errorf("%d diagnostics", len(diags))
		}
	})
}
