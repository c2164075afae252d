package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

// examples type-checks each example against the newest cited or pinned versions of
// the modules it imports, the examples of one file of the catalog together.
func (v *verifier) examples(list []example) {
	files := map[string][]example{}
	for _, x := range list {
		file, _, _ := strings.Cut(x.where, ":")
		files[file] = append(files[file], x)
	}
	for _, file := range slices.Sorted(maps.Keys(files)) {
		dir, err := os.MkdirTemp("", "examples")
		if err == nil {
			err = v.compile(dir, files[file])
			_ = os.RemoveAll(dir)
		}
		if err != nil {
			v.fault("%s: examples: %v", file, err)
		}
	}
}

// compile checks examples in a module of their own, a package each.
func (v *verifier) compile(dir string, list []example) error {
	require := map[string]string{}
	for i, x := range list {
		text, imports, err := x.source()
		if err != nil {
			v.fault("%s: %v", x.where, err)
			continue
		}
		for _, path := range imports {
			if isStd(path) {
				continue
			}
			mod := moduleOf(path, v.newest)
			if mod == "" {
				return fmt.Errorf("no version of the module of %s is cited or listed in modules.txt", path)
			}
			require[mod] = v.newest[mod]
		}
		pkg := filepath.Join(dir, fmt.Sprintf("e%d", i))
		if err := os.Mkdir(pkg, 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(pkg, "example.go"), []byte(text), 0o600); err != nil {
			return err
		}
	}
	mod := "module examples.test\n\ngo 1.26\n"
	for _, path := range slices.Sorted(maps.Keys(require)) {
		mod += "require " + path + " " + require[path] + "\n"
	}
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte(mod), 0o600); err != nil {
		return err
	}
	return v.typeCheck(dir, list)
}

// typeCheck loads the packages from source. Of what they import the declarations
// alone count, which makes it a matter of seconds.
func (v *verifier) typeCheck(dir string, list []example) error {
	loaded, err := packages.Load(&packages.Config{
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedImports | packages.NeedDeps |
			packages.NeedTypes | packages.NeedSyntax | packages.NeedTypesInfo | packages.NeedTypesSizes,
		Dir: dir,
		Env: append(os.Environ(), "GOTOOLCHAIN=local", "GOWORK=off", "GOFLAGS=-mod=mod", "CGO_ENABLED=0"),
		ParseFile: func(fset *token.FileSet, name string, src []byte) (*ast.File, error) {
			f, err := parser.ParseFile(fset, name, src, parser.SkipObjectResolution)
			if f != nil && !strings.HasPrefix(name, dir) {
				for _, d := range f.Decls {
					if fn, ok := d.(*ast.FuncDecl); ok {
						fn.Body = nil
					}
				}
			}
			return f, err
		},
	}, "./...")
	if err != nil {
		return err
	}
	for _, pkg := range loaded {
		var i int
		if _, err := fmt.Sscanf(pkg.PkgPath, "examples.test/e%d", &i); err != nil || i >= len(list) {
			return fmt.Errorf("%s: %v", pkg.PkgPath, pkg.Errors)
		}
		good := true
		for _, e := range pkg.Errors {
			if strings.HasPrefix(e.Msg, "declared and not used") {
				continue // what follows in the reader's code uses it
			}
			good = false
			v.fault("%s: %s", list[i].where, e.Msg)
		}
		if good {
			v.compiled++
		}
	}
	return nil
}
