// Package dockerfile reads Dockerfiles: what images they build on, which
// variables they set, and how the result is run and checked. RUN, COPY and the
// like are none of its business.
//
// Which program of the repository a Dockerfile builds is for package detect to
// find out.
package dockerfile

import (
	"context"
	"path"
	"strings"

	"github.com/intscan/intscan/scanners"
)

// Name is the scanner's name in diagnostics.
const Name = "dockerfile"

const (
	maxSize   = 1 << 20
	maxStages = 500
	maxEnv    = 5000
	maxPorts  = 200
	maxDiags  = 5 // malformed lines of one file that are told of
)

// File is one Dockerfile. User, Expose, Entrypoint and Healthcheck are those of
// its last stage, with what that takes over from an earlier stage it builds on.
type File struct {
	Path        string             `json:"path"`
	Stages      []Stage            `json:"stages,omitempty"`
	Env         []Variable         `json:"env,omitempty"` // of all stages
	Healthcheck *scanners.Position `json:"healthcheck,omitempty"`
	User        string             `json:"user,omitempty"`
	Expose      []string           `json:"expose,omitempty"`     // as written: 8080, 53/udp
	Entrypoint  string             `json:"entrypoint,omitempty"` // first word of ENTRYPOINT, or else of CMD
}

// Stage is a FROM line.
type Stage struct {
	Name     string            `json:"name,omitempty"`
	From     string            `json:"from"` // an image, or the name of an earlier stage; defaults of ARG put in
	Stage    bool              `json:"stage,omitempty"`
	Position scanners.Position `json:"position"`
}

// Variable is a variable that ENV sets.
type Variable struct {
	Name     string             `json:"name"`
	Position scanners.Position  `json:"position"`
	Stage    int                `json:"stage"` // index into Stages
	Secret   bool               `json:"secret,omitempty"`
	Literal  bool               `json:"literal,omitempty"` // the value is a working credential as it stands
	Endpoint *scanners.Endpoint `json:"endpoint,omitempty"`
}

// Scan reads all Dockerfiles of the tree, in order of their paths.
func Scan(ctx context.Context, tree *scanners.Tree) ([]File, []scanners.Diagnostic) {
	var files []File
	var diags []scanners.Diagnostic
	for _, f := range tree.Files() {
		if !IsDockerfile(f.Path) {
			continue
		}
		if ctx.Err() != nil {
			return files, append(diags, diagnostic(f.Path, 0, "the scan was cut short before this file"))
		}
		if f.Size > maxSize {
			diags = append(diags, diagnostic(f.Path, 0, "file is too large for a Dockerfile (over 1 MiB) and was not read"))
			continue
		}
		b, err := tree.ReadFile(f.Path)
		if err != nil {
			diags = append(diags, diagnostic(f.Path, 0, "file cannot be read"))
			continue
		}
		file, ds := Parse(f.Path, b)
		files = append(files, file)
		diags = append(diags, ds...)
	}
	return files, diags
}

func diagnostic(file string, line int, message string) scanners.Diagnostic {
	return scanners.Diagnostic{
		Severity: scanners.SeverityWarning, Scanner: Name,
		Position: scanners.Position{File: file, Line: line}, Message: message,
	}
}

// IsDockerfile tells a Dockerfile by its name: Dockerfile, Dockerfile.dev,
// api.Dockerfile, Containerfile.
func IsDockerfile(name string) bool {
	base := strings.ToLower(path.Base(name))
	for _, word := range []string{"dockerfile", "containerfile"} {
		if base == word || strings.HasSuffix(base, "."+word) {
			return true
		}
		if rest, ok := strings.CutPrefix(base, word); ok && strings.ContainsRune(".-_", rune(rest[0])) {
			return !otherFormats[path.Ext(base)]
		}
	}
	return false
}

var otherFormats = map[string]bool{
	".go": true, ".md": true, ".dockerignore": true, ".j2": true, ".erb": true, ".tmpl": true, ".tpl": true, ".template": true,
	".json": true, ".yaml": true, ".yml": true, ".sh": true, ".py": true, ".txt": true, ".lock": true,
}
