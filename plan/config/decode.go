package config

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/yamlnode"
)

// Problem is a mistake in the configuration.
type Problem struct {
	scanners.Position
	Message string
}

func (p Problem) Error() string { return p.String() + ": " + p.Message }

// Problems are the mistakes of one file, by line.
type Problems []Problem

// Error names the first and counts the others.
func (ps Problems) Error() string {
	text := ps[0].Error()
	if n := len(ps) - 1; n > 0 {
		text += fmt.Sprintf(" (and %d more: intscan config check lists them)", n)
	}
	return text
}

// decoder puts YAML nodes into the types of the file, strictly.
type decoder struct {
	name     string
	problems Problems
}

func (d *decoder) fault(n *yaml.Node, format string, args ...any) {
	d.problems = append(d.problems, Problem{scanners.Position{File: d.name, Line: max(n.Line, 1)}, fmt.Sprintf(format, args...)})
}

// decode fills v from n. where is how the place is called in messages; tag is that of
// the field.
func (d *decoder) decode(n *yaml.Node, v reflect.Value, where string, tag reflect.StructTag) {
	n = yamlnode.Resolve(n)
	if n.Tag == "!!null" {
		return
	}
	if s, ok := v.Addr().Interface().(scalar); ok {
		d.scalar(n, where, func() error { return s.set(n.Value, n.Line, vocabulary(tag.Get("words"))) })
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		d.decode(n, v.Elem(), where, tag)
	case reflect.Struct:
		d.mapping(n, v, where)
	case reflect.Map:
		d.table(n, v, where, tag)
	case reflect.Slice:
		d.list(n, v, where, tag)
	case reflect.String:
		d.scalar(n, where, func() error { v.SetString(n.Value); return nil })
	case reflect.Bool:
		d.scalar(n, where, func() error {
			if n.Value != "true" && n.Value != "false" {
				return fmt.Errorf("%s is neither true nor false", quoted(n.Value))
			}
			v.SetBool(n.Value == "true")
			return nil
		})
	case reflect.Int:
		d.scalar(n, where, func() error {
			i, err := strconv.Atoi(n.Value)
			if err != nil {
				return fmt.Errorf("%s is no number", quoted(n.Value))
			}
			v.SetInt(int64(i))
			return nil
		})
	}
}

func (d *decoder) scalar(n *yaml.Node, where string, set func() error) {
	if n.Kind != yaml.ScalarNode {
		d.fault(n, "%s takes one value", where)
		return
	}
	if err := set(); err != nil {
		d.fault(n, "%s: %v", where, err)
	}
}

func (d *decoder) list(n *yaml.Node, v reflect.Value, where string, tag reflect.StructTag) {
	items := n.Content
	if n.Kind != yaml.SequenceNode {
		if n.Kind != yaml.ScalarNode || tag.Get("single") == "" {
			d.fault(n, "%s takes a list", where)
			return
		}
		items = []*yaml.Node{n}
	}
	for _, item := range items {
		e := reflect.New(v.Type().Elem()).Elem()
		d.decode(item, e, where, tag)
		v.Set(reflect.Append(v, e))
	}
}

func (d *decoder) table(n *yaml.Node, v reflect.Value, where string, tag reflect.StructTag) {
	if n.Kind != yaml.MappingNode {
		d.fault(n, "%s takes keys with values", where)
		return
	}
	v.Set(reflect.MakeMap(v.Type()))
	d.repeated(n)
	for key, value := range yamlnode.Fields(n) {
		if words := vocabulary(tag.Get("keys")); words != nil {
			if err := oneOf(key.Value, words); err != nil {
				d.fault(key, "%s: %v", where, err)
				continue
			}
		}
		e := reflect.New(v.Type().Elem()).Elem()
		d.decode(value, e, where+"."+key.Value, tag)
		v.SetMapIndex(reflect.ValueOf(key.Value), e)
	}
}

func (d *decoder) mapping(n *yaml.Node, v reflect.Value, where string) {
	if n.Kind != yaml.MappingNode {
		d.fault(n, "%s takes keys with values", cmp.Or(where, "the file"))
		return
	}
	if line := v.FieldByName("Line"); line.IsValid() {
		line.SetInt(int64(n.Line))
	}
	all := fieldsOf(v.Type())
	var names []string
	for _, f := range all {
		names = append(names, f.name)
	}
	d.repeated(n)
	given := map[string]bool{}
	for key, value := range yamlnode.Fields(n) {
		i := slices.Index(names, key.Value)
		if i < 0 {
			hint := "the keys are " + strings.Join(names, ", ")
			if near := scanners.Nearest(key.Value, names); near != "" {
				hint = "did you mean " + near + "?"
			}
			d.fault(key, "%sunknown key %s; %s", lead(where), quoted(key.Value), hint)
			continue
		}
		given[key.Value] = yamlnode.Resolve(value).Tag != "!!null"
		d.decode(value, v.FieldByIndex(all[i].index), strings.TrimPrefix(where+"."+key.Value, "."), all[i].tag)
	}
	for _, f := range all {
		if f.tag.Get("required") != "" && !given[f.name] {
			d.fault(n, "%s%s is missing", lead(where), f.name)
		}
	}
}

// repeated tells of keys that stand twice in a mapping: the second would count for
// nothing.
func (d *decoder) repeated(n *yaml.Node) {
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if seen[key.Value] && key.Value != "<<" {
			d.fault(key, "%s stands here twice", quoted(key.Value))
		}
		seen[key.Value] = true
	}
}

func lead(where string) string {
	if where == "" {
		return ""
	}
	return where + ": "
}

// field is a field of a type of the format.
type field struct {
	name  string
	index []int
	tag   reflect.StructTag
	typ   reflect.Type
}

// fieldsOf lists the fields of a struct, with those of inlined ones.
func fieldsOf(t reflect.Type) []field {
	var out []field
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if name != "" && name != "-" && f.IsExported() {
			out = append(out, field{name, f.Index, f.Tag, f.Type})
		}
	}
	return out
}
