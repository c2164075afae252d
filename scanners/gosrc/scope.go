package gosrc

import "strings"

// devDirs are folder names that by custom hold what never runs in production.
var devDirs = map[string]Scope{
	"test": ScopeTest, "tests": ScopeTest, "testing": ScopeTest, "testutil": ScopeTest, "testutils": ScopeTest,
	"testhelper": ScopeTest, "testhelpers": ScopeTest, "testsuite": ScopeTest, "e2e": ScopeTest, "integration-tests": ScopeTest,
	"integration_tests": ScopeTest, "integration-test": ScopeTest, "integration_test": ScopeTest, "acceptance": ScopeTest, "mock": ScopeTest, "mocks": ScopeTest, "fake": ScopeTest,
	"fakes": ScopeTest, "fixtures": ScopeTest, "conformance": ScopeTest, "certification": ScopeTest, "smoketest": ScopeTest, "loadtest": ScopeTest,
	"bench": ScopeTest, "benchmark": ScopeTest, "benchmarks": ScopeTest,
	"example": ScopeDevelopment, "examples": ScopeDevelopment,
	"sample": ScopeDevelopment, "samples": ScopeDevelopment, "hack": ScopeDevelopment, "tools": ScopeDevelopment, "tool": ScopeDevelopment,
	"scripts": ScopeDevelopment, "script": ScopeDevelopment, "docs": ScopeDevelopment, "doc": ScopeDevelopment,
	"build": ScopeDevelopment, "ci": ScopeDevelopment, "magefiles": ScopeDevelopment,
	"dev": ScopeDevelopment, "devel": ScopeDevelopment, "contrib": ScopeDevelopment, "playground": ScopeDevelopment,
	"load-generator": ScopeDevelopment, "loadgenerator": ScopeDevelopment,
}

// devCommands are words in the hyphenated names of commands that serve development:
// NAME-gen, NAME-scripts, test-server.
var devCommands = map[string]Scope{
	"test": ScopeTest, "tests": ScopeTest, "e2e": ScopeTest, "loadtest": ScopeTest, "suite": ScopeTest, "suites": ScopeTest, "mock": ScopeTest, "fake": ScopeTest,
	"bench": ScopeTest, "benchmark": ScopeTest, "gen": ScopeDevelopment, "codegen": ScopeDevelopment, "generator": ScopeDevelopment, "scripts": ScopeDevelopment,
	"example": ScopeDevelopment, "sample": ScopeDevelopment, "devtool": ScopeDevelopment, "devtools": ScopeDevelopment,
}

// scopeOf tells by its folders what a package is for. Linking may raise it: what
// a production binary imports is runtime wherever it lies.
func scopeOf(dir, name string) Scope {
	for part := range strings.SplitSeq(dir, "/") {
		if s, ok := devDirs[strings.ToLower(part)]; ok {
			return s
		}
		if len(part) > 1 && (part[0] == '.' || part[0] == '_') {
			return ScopeDevelopment // ./... of the go command leaves it out
		}
	}
	last := dir[strings.LastIndexByte(dir, '/')+1:]
	if strings.HasSuffix(last, "test") && len(last) > 4 || strings.HasSuffix(last, "mock") || strings.HasSuffix(last, "mocks") ||
		strings.HasPrefix(last, "mock_") || strings.HasSuffix(last, "_mock") {
		return ScopeTest
	}
	if name == "main" {
		for part := range strings.SplitSeq(strings.ToLower(dir), "/") {
			for word := range strings.FieldsFuncSeq(part, func(r rune) bool { return r == '-' || r == '_' }) {
				if s, ok := devCommands[word]; ok {
					return s
				}
			}
		}
	}
	return ScopeRuntime
}

// FolderScope tells what a folder is for by the names on its path.
func FolderScope(dir string) Scope { return scopeOf(dir, "") }
