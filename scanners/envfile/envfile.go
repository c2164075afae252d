// Package envfile reads .env files and their example twins: which variables they
// define, and where. Of a value it keeps the endpoint it names, and whether it is
// empty or secret, never the value.
//
// What reads the variables is for the gosrc scanner to say, and which of them
// configures which system for package detect.
package envfile

import (
	"bytes"
	"context"
	"path"
	"strings"

	"github.com/intscan/intscan/scanners"
)

// Name is the scanner's name in diagnostics.
const Name = "envfile"

// maxSize is the size of a file that people write by hand, with room to spare.
const maxSize = 1 << 20

// File is one .env file.
type File struct {
	Path      string     `json:"path"`
	Example   bool       `json:"example,omitempty"` // a template that people copy: .env.example
	Variables []Variable `json:"variables,omitempty"`
}

// Variable is a definition in a .env file. A name that is defined twice is there
// twice.
type Variable struct {
	Name     string             `json:"name"`
	Position scanners.Position  `json:"position"`
	Secret   bool               `json:"secret,omitempty"`   // by its name or by the shape of its value
	Literal  bool               `json:"literal,omitempty"`  // the value is a working credential as it stands
	Empty    bool               `json:"empty,omitempty"`    // it has no value
	Exported bool               `json:"exported,omitempty"` // with the word export before it
	Endpoint *scanners.Endpoint `json:"endpoint,omitempty"` // what its value points to
}

// Scan reads all .env files of the tree, in order of their paths.
func Scan(ctx context.Context, tree *scanners.Tree) ([]File, []scanners.Diagnostic) {
	var files []File
	var diags []scanners.Diagnostic
	for _, f := range tree.Files() {
		if ctx.Err() != nil {
			return files, append(diags, diagnostic(f.Path, 0, "the scan was cut short before this file"))
		}
		example, ok := IsEnvFile(f.Path)
		if !ok {
			continue
		}
		if f.Size > maxSize {
			diags = append(diags, diagnostic(f.Path, 0, "file is too large for a .env file (over 1 MiB) and was not read"))
			continue
		}
		b, err := tree.ReadFile(f.Path)
		if err != nil {
			diags = append(diags, diagnostic(f.Path, 0, "file cannot be read"))
			continue
		}
		vars, ds := Parse(f.Path, b)
		diags = append(diags, ds...)
		files = append(files, File{Path: f.Path, Example: example, Variables: vars})
	}
	return files, diags
}

func diagnostic(file string, line int, message string) scanners.Diagnostic {
	return scanners.Diagnostic{
		Severity: scanners.SeverityWarning, Scanner: Name,
		Position: scanners.Position{File: file, Line: line}, Message: message,
	}
}

// IsEnvFile tells by its name whether a file is a .env file, and whether it is an
// example: .env, .env.local, prod.env, .envrc, .env.example, env.sample, app.env.dist.
func IsEnvFile(name string) (example, ok bool) {
	base := strings.ToLower(path.Base(name))
	words := strings.FieldsFunc(base, func(r rune) bool { return r == '.' || r == '-' || r == '_' })
	env := -1
	for i, w := range words {
		switch {
		case w == "env" || w == "dotenv" || w == "envrc" && i == 0:
			env = i
		case exampleWords[w]:
			example = true
		}
	}
	switch {
	case env < 0:
		return false, false
	case env == len(words)-1: // .env, prod.env, .envrc
		return example, strings.HasPrefix(base, ".env") || strings.HasSuffix(base, ".env")
	case otherFormats[words[len(words)-1]]: // .env.ts is code
		return false, false
	case strings.HasPrefix(base, ".env"): // .env.local
		return example, true
	}
	// env.example, app.env.dist; "env.go" and "my.env.backup" say too little.
	return example, example && exampleWords[words[len(words)-1]]
}

var exampleWords = map[string]bool{
	"example": true, "examples": true, "sample": true, "template": true, "dist": true, "tmpl": true, "tpl": true,
	"default": true, "defaults": true, "skel": true,
}

// otherFormats are endings of files that only bear "env" in their name.
var otherFormats = map[string]bool{
	"go": true, "ts": true, "js": true, "mjs": true, "cjs": true, "tsx": true, "jsx": true, "py": true, "rb": true, "php": true,
	"rs": true, "java": true, "kt": true, "cs": true, "sh": true, "bash": true, "fish": true, "ps1": true, "nix": true,
	"json": true, "yaml": true, "yml": true, "toml": true, "xml": true, "md": true, "txt": true, "html": true, "tf": true,
	"gpg": true, "age": true, "enc": true, "vault": true, "keys": true, "zip": true, "gz": true, "lock": true, "map": true,
}

// Parse reads the text of a .env file. Lines that are no definition give a
// diagnostic, and what follows them is read.
func Parse(name string, b []byte) ([]Variable, []scanners.Diagnostic) {
	if bytes.IndexByte(b, 0) >= 0 {
		return nil, []scanners.Diagnostic{diagnostic(name, 0, "file is binary, or UTF-16, and was not read")}
	}
	b = bytes.TrimPrefix(b, []byte("\uFEFF"))
	p := parser{
		file: name, line: 1, column: 1,
		src:   strings.ReplaceAll(string(b), "\r\n", "\n"),
		shell: strings.HasPrefix(path.Base(name), ".envrc"),
	}
	p.parse()
	return p.vars, p.diags
}
