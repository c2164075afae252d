package schema_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/invopop/jsonschema"

	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/plan"
)

const (
	module = "github.com/intscan/intscan"
	here   = module + "/plan/schema"
)

// sources are the folders whose types may stand in a report.
var sources = []string{"../../detect", "../../plan", "../../scanners"}

// generate makes the schema. A strict one allows no property that the types do not
// have: reports of today are held to it, while readers must bear what later versions
// add.
func generate(t *testing.T, strict bool) []byte {
	t.Helper()
	r := &jsonschema.Reflector{AllowAdditionalProperties: !strict, Namer: name}
	for _, dir := range sources {
		if err := r.AddGoComments(here, dir, jsonschema.WithFullComment()); err != nil {
			t.Fatal(err)
		}
	}
	words := enumerations(t)
	r.Mapper = func(typ reflect.Type) *jsonschema.Schema {
		values := words[typ.PkgPath()+"."+typ.Name()]
		if typ.Kind() != reflect.String || len(values) == 0 {
			return nil
		}
		return &jsonschema.Schema{Type: "string", Enum: values, Description: r.CommentMap[typ.PkgPath()+"."+typ.Name()]}
	}
	s := r.Reflect(&plan.Report{})
	nullable(s, reflect.TypeFor[plan.Report](), map[reflect.Type]bool{})
	s.ID, s.Title = "https://"+here+"/report.schema.json", "Report of intscan"
	for _, w := range moreWords {
		p := propertyOf(t, s, w.typ, w.property)
		p.Enum = append(slices.Clone(p.Enum), w.word)
	}
	var kinds []any
	for _, kind := range catalog.Kinds {
		kinds = append(kinds, kind)
	}
	propertyOf(t, s, "Detect.Integration", "kind").Enum = kinds
	propertyOf(t, s, "Plan.Report", "schema").Const = plan.Schema
	b, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return append(b, '\n')
}

// moreWords are values that a property has beside the constants of its type.
var moreWords = []struct{ typ, property, word string }{
	{"Detect.CallSite", "phase", ""},    // of a call that no entry point leads to
	{"Gate.Outcome", "fail_on", "none"}, // no severity, but a gate that is open
}

func propertyOf(t *testing.T, s *jsonschema.Schema, typ, property string) *jsonschema.Schema {
	t.Helper()
	if d := s.Definitions[typ]; d != nil {
		if p, ok := d.Properties.Get(property); ok {
			return p
		}
	}
	t.Fatalf("there is no property %s of %s", property, typ)
	return nil
}

// nullable lets properties be null that are written even where there is nothing to
// write: pointers without omitempty.
func nullable(s *jsonschema.Schema, typ reflect.Type, done map[reflect.Type]bool) {
	for typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice || typ.Kind() == reflect.Map {
		typ = typ.Elem()
	}
	if typ.Kind() != reflect.Struct || done[typ] {
		return
	}
	done[typ] = true
	for _, f := range reflect.VisibleFields(typ) {
		tag, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if def := s.Definitions[name(typ)]; def != nil && f.Type.Kind() == reflect.Pointer && tag != "" && !strings.Contains(options, "omitempty") {
			if p, ok := def.Properties.Get(tag); ok {
				one := *p
				one.Description = ""
				*p = jsonschema.Schema{AnyOf: []*jsonschema.Schema{&one, {Type: "null"}}, Description: p.Description}
			}
		}
		nullable(s, f.Type, done)
	}
}

// name tells types of one name in several packages apart.
func name(typ reflect.Type) string {
	if typ.PkgPath() == "" {
		return typ.Name()
	}
	folder := path.Base(typ.PkgPath())
	return strings.ToUpper(folder[:1]) + folder[1:] + "." + typ.Name()
}

// enumerations lists the values of all constants of each string type.
func enumerations(t *testing.T) map[string][]any {
	t.Helper()
	out := map[string][]any{}
	for _, root := range sources {
		err := filepath.WalkDir(root, func(file string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") || strings.Contains(file, "testdata") {
				return err
			}
			parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			for _, d := range parsed.Decls {
				if c, ok := d.(*ast.GenDecl); ok && c.Tok == token.CONST {
					constants(out, path.Join(here, filepath.ToSlash(filepath.Dir(file))), c)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func constants(out map[string][]any, pkg string, decl *ast.GenDecl) {
	for _, spec := range decl.Specs {
		v := spec.(*ast.ValueSpec)
		typ, ok := v.Type.(*ast.Ident)
		if !ok {
			continue
		}
		for _, value := range v.Values {
			lit, ok := value.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				continue
			}
			if s, err := strconv.Unquote(lit.Value); err == nil && !slices.Contains(out[pkg+"."+typ.Name], any(s)) {
				out[pkg+"."+typ.Name] = append(out[pkg+"."+typ.Name], s)
			}
		}
	}
}
