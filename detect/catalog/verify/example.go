package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/intscan/intscan/detect/catalog"
)

// example is code that the catalog shows for a property.
type example struct {
	where    string
	code     string
	packages []string // those that it names without an import line
	by, dsn  []string // what sets the property
}

// common are the packages of the standard library that need no import line.
var common = []string{"context", "crypto/tls", "database/sql", "errors", "fmt", "log", "math/rand/v2", "net", "net/http", "os", "time"}

// given are the variables that an example need not declare.
var given = map[string]string{
	"ctx":  "context.Context",
	"addr": "string", "dsn": "string", "url": "string", "token": "string", "key": "string", "query": "string",
	"name": "string", "topic": "string", "user": "string", "password": "string",
	"args": "any", "reply": "any",
}

var typeLine = regexp.MustCompile(`(?m)^// (\w+) is an? (\S+?)\.?$`)

// source makes a Go file of an example; imports are the paths it needs.
func (x example) source() (text string, imports []string, err error) {
	lines, body := catalog.SplitExample(x.code)
	head := "package example\n" + strings.Join(lines, "\n") + "\n"
	params := map[string]string{}
	for name, typ := range given {
		params[name] = typ
	}
	for _, m := range typeLine.FindAllStringSubmatch(body, -1) {
		params[m[1]] = m[2]
	}
	var list []string
	for name, typ := range params {
		if regexp.MustCompile(`\b` + name + `\b`).MatchString(body) {
			list = append(list, name+" "+typ)
		}
	}
	slices.Sort(list)
	tail := "func _(" + strings.Join(list, ", ") + ") error {\n" + body + "\nreturn nil\n}\n"
	f, err := parser.ParseFile(token.NewFileSet(), x.where, head+tail, 0)
	if err != nil {
		return "", nil, fmt.Errorf("the example is no Go: %w", err)
	}
	for _, spec := range f.Imports {
		path, _ := strconv.Unquote(spec.Path.Value)
		imports = append(imports, path)
	}
	for _, name := range qualifiers(f) {
		path := x.importPath(name)
		if path == "" {
			return "", nil, fmt.Errorf("the example has no import for %s", name)
		}
		imports = append(imports, path)
		head += fmt.Sprintf("import %s %q\n", name, path)
	}
	return head + tail, imports, nil
}

// qualifiers are the names before a dot that nothing in the file declares or imports.
func qualifiers(f *ast.File) []string {
	imported := map[string]bool{}
	for _, spec := range f.Imports {
		path, _ := strconv.Unquote(spec.Path.Value)
		if spec.Name != nil {
			imported[spec.Name.Name] = true
		} else {
			imported[packageName(path)] = true
		}
	}
	var free []string
	for _, id := range f.Unresolved {
		free = append(free, id.Name)
	}
	var out []string
	ast.Inspect(f, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if id, ok := sel.X.(*ast.Ident); ok && !imported[id.Name] && slices.Contains(free, id.Name) && !slices.Contains(out, id.Name) {
			out = append(out, id.Name)
		}
		return true
	})
	return out
}

// importPath finds the package that a name stands for among those that need no
// import line.
func (x example) importPath(name string) string {
	for _, pkg := range slices.Concat(x.packages, common) {
		if pkg = strings.TrimSuffix(pkg, "/..."); packageName(pkg) == name {
			return pkg
		}
	}
	return ""
}
