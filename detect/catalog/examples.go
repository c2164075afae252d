package catalog

import "strings"

// ExampleFor is the code that sets the property for a package of the library, "" where
// there is none.
func (p *Property) ExampleFor(pkg string) string {
	if code, ok := p.Examples[pkg]; ok {
		return code
	}
	return p.Example
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
