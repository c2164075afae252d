package catalog

import (
	"regexp"
	"strings"
)

// ExampleFor is the code that sets the property for a package of the library, "" where
// there is none. It imports the library in the major version of the package.
func (p *Property) ExampleFor(pkg string) string {
	if code, ok := p.Examples[pkg]; ok {
		return code
	}
	return ofMajor(p.Example, pkg)
}

var majorVersion = regexp.MustCompile(`/v[0-9]+(/|"|$)`)

// ofMajor turns the imports of code to the major version that a package has, where
// they are of its library.
func ofMajor(code, pkg string) string {
	major := majorVersion.FindString(pkg)
	if major == "" {
		return code
	}
	library := pkg[:strings.Index(pkg, major)]
	lines := strings.SplitAfter(code, "\n")
	for i, line := range lines {
		rest, ok := strings.CutPrefix(line[strings.IndexByte(line, '"')+1:], library)
		if !strings.HasPrefix(line, "import ") || !ok {
			continue
		}
		if m := majorVersion.FindString(rest); m != "" && strings.HasPrefix(rest, m) {
			lines[i] = strings.TrimSuffix(line, rest) + strings.TrimSuffix(major, "/") + rest[len(m)-1:]
		}
	}
	return strings.Join(lines, "")
}

// SplitExample separates the import lines of an example from its statements.
func SplitExample(code string) (imports []string, statements string) {
	for {
		line, rest, _ := strings.Cut(code, "\n")
		switch {
		case strings.HasPrefix(line, "import "):
			imports = append(imports, line)
		case line != "" || rest == "":
			return imports, code
		}
		code = rest
	}
}
