// Package documents reports what a repository has besides its code: documentation,
// owners of paths, test data, and scripts that put a service under load.
package documents

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/intscan/intscan/scanners"
)

// Name is the scanner's name in diagnostics.
const Name = "documents"

const maxSize = 1 << 20

// Document is a file for people.
type Document struct {
	scanners.Position
	Kind string // readme, changelog, contributing, security, runbook, architecture, decision
}

// Owner is one line of a CODEOWNERS file.
type Owner struct {
	scanners.Position
	Pattern string
	Owners  []string
}

// TestData is a folder that tests read.
type TestData struct {
	scanners.Position // of the folder
	Files             int
}

// Script is a load test.
type Script struct {
	scanners.Position
	Tool string
}

// Result is what was found.
type Result struct {
	Documents []Document
	Owners    []Owner
	TestData  []TestData
	Scripts   []Script
}

// Scan looks through the names of the tree's files and reads those few that matter.
func Scan(ctx context.Context, tree *scanners.Tree) (Result, []scanners.Diagnostic) {
	var r Result
	var diags []scanners.Diagnostic
	tested := map[string]bool{}
	for _, f := range tree.Files() {
		if ctx.Err() != nil {
			break
		}
		if strings.HasSuffix(f.Path, "_test.go") {
			tested[path.Dir(f.Path)] = true
		}
		if kind := kindOf(f.Path); kind != "" {
			r.Documents = append(r.Documents, Document{Position: scanners.Position{File: f.Path, Line: 1}, Kind: kind})
		}
		if tool := loadTool(f.Path); tool != "" && f.Size < maxSize {
			if b, err := tree.ReadFile(f.Path); err == nil && isLoadTest(tool, b) {
				r.Scripts = append(r.Scripts, Script{Position: scanners.Position{File: f.Path, Line: 1}, Tool: tool})
			}
		}
		if isOwners(f.Path) {
			b, err := tree.ReadFile(f.Path)
			if err != nil {
				diags = append(diags, scanners.Diagnostic{
					Severity: scanners.SeverityWarning, Scanner: Name, Position: scanners.Position{File: f.Path}, Message: "file cannot be read",
				})
				continue
			}
			r.Owners = append(r.Owners, owners(f.Path, b)...)
		}
	}
	r.TestData = testData(tree, tested)
	return r, diags
}

func kindOf(name string) string {
	lower := strings.ToLower(name)
	base, ext := path.Base(lower), path.Ext(lower)
	if ext != ".md" && ext != ".rst" && ext != ".txt" && ext != ".adoc" && ext != "" {
		return ""
	}
	switch stem := strings.TrimSuffix(base, ext); {
	case stem == "readme":
		return "readme"
	case stem == "changelog" || stem == "history" || stem == "release_notes":
		return "changelog"
	case stem == "contributing":
		return "contributing"
	case stem == "security":
		return "security"
	case ext == "":
		return ""
	case strings.Contains(lower, "runbook") || strings.Contains(lower, "playbook"):
		return "runbook"
	case stem == "architecture" || stem == "design":
		return "architecture"
	case strings.Contains(lower, "/adr/") || strings.Contains(lower, "/decisions/") || strings.Contains(lower, "/adrs/"):
		return "decision"
	}
	return ""
}

// loadTool is the tool whose script a file may be, by its name and folders.
func loadTool(name string) string {
	lower := strings.ToLower(name)
	switch path.Ext(lower) {
	case ".js", ".ts":
		for _, word := range []string{"k6", "load", "perf", "stress", "bench"} {
			if strings.Contains(lower, word) {
				return "k6"
			}
		}
	case ".py":
		if strings.Contains(lower, "locust") {
			return "locust"
		}
	case ".jmx":
		return "jmeter"
	}
	return ""
}

func isLoadTest(tool string, b []byte) bool {
	switch tool {
	case "k6":
		return bytes.Contains(b, []byte(`from 'k6`)) || bytes.Contains(b, []byte(`from "k6`))
	case "locust":
		return bytes.Contains(b, []byte("import locust")) || bytes.Contains(b, []byte("from locust"))
	}
	return true
}

func isOwners(name string) bool {
	switch name {
	case "CODEOWNERS", ".github/CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS":
		return true
	}
	return false
}

// owners reads the lines of a CODEOWNERS file: a pattern, then who owns it.
func owners(name string, b []byte) []Owner {
	var out []Owner
	line := 0
	for text := range bytes.Lines(b) {
		line++
		content, _, _ := strings.Cut(string(text), "#")
		fields := strings.Fields(content)
		if len(fields) < 2 || strings.HasPrefix(fields[0], "[") {
			continue
		}
		o := Owner{Position: scanners.Position{File: name, Line: line}, Pattern: scanners.Redact(fields[0])}
		for _, f := range fields[1:] {
			o.Owners = append(o.Owners, scanners.Redact(f))
		}
		out = append(out, o)
	}
	return out
}

// testData are the testdata folders beside tests, which the walk of the tree leaves
// out.
func testData(tree *scanners.Tree, tested map[string]bool) []TestData {
	var out []TestData
	for dir := range tested {
		name := path.Join(dir, "testdata")
		entries, err := tree.ReadDir(name)
		if errors.Is(err, fs.ErrNotExist) || len(entries) == 0 {
			continue
		}
		out = append(out, TestData{Position: scanners.Position{File: name}, Files: len(entries)})
	}
	slices.SortFunc(out, func(a, b TestData) int { return strings.Compare(a.File, b.File) })
	return out
}
