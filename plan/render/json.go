package render

import (
	"bytes"
	"encoding/json"
	"io"
	"reflect"

	"go.yaml.in/yaml/v4"

	"github.com/intscan/intscan/plan"
)

// JSON writes the report's public encoding: indented, arrays never null, text
// not escaped for HTML. The same report gives the same bytes.
func JSON(w io.Writer, r *plan.Report) error {
	return EncodeJSON(w, r)
}

// EncodeJSON writes any value the way JSON writes reports, so that all JSON that
// intscan prints looks alike.
func EncodeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(filled(reflect.ValueOf(v)).Interface())
}

// PlanJSON writes the plan's data.
func PlanJSON(w io.Writer, r *plan.Report) error { return EncodeJSON(w, r.Plan) }

// PlanYAML writes what PlanJSON writes, as YAML.
func PlanYAML(w io.Writer, r *plan.Report) error {
	var b bytes.Buffer
	if err := PlanJSON(&b, r); err != nil {
		return err
	}
	var n yaml.Node // JSON is YAML: the order of the fields is kept
	if err := yaml.Unmarshal(b.Bytes(), &n); err != nil {
		return err
	}
	blockStyle(&n)
	enc := yaml.NewEncoder(w)
	enc.SetIndent(2)
	if err := enc.Encode(&n); err != nil {
		return err
	}
	return enc.Close()
}

// blockStyle drops the braces and the quotes that YAML does not need.
func blockStyle(n *yaml.Node) {
	if n.Kind != yaml.ScalarNode || n.Tag != "!!str" {
		n.Style = 0
	} else {
		n.Style &^= yaml.DoubleQuotedStyle // the encoder quotes what would be read as something else
	}
	for _, c := range n.Content {
		blockStyle(c)
	}
}

// PlanMermaid writes the map alone.
func PlanMermaid(w io.Writer, r *plan.Report) error {
	_, err := io.WriteString(w, r.Plan.Map.Mermaid())
	return err
}

// filled returns a copy of v in which every slice that was nil is empty, so that
// a reader may range over any array without asking first. The value given stays
// as it was: other renderers may be reading it.
func filled(v reflect.Value) reflect.Value {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return v
		}
		out := reflect.New(v.Type().Elem())
		out.Elem().Set(filled(v.Elem()))
		return out
	case reflect.Interface:
		if v.IsNil() {
			return v
		}
		return filled(v.Elem())
	case reflect.Struct:
		out := reflect.New(v.Type()).Elem()
		out.Set(v)
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				out.Field(i).Set(filled(v.Field(i)))
			}
		}
		return out
	case reflect.Slice:
		out := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		for i := range v.Len() {
			out.Index(i).Set(filled(v.Index(i)))
		}
		return out
	case reflect.Map:
		out := reflect.MakeMapWithSize(v.Type(), v.Len())
		for _, k := range v.MapKeys() {
			out.SetMapIndex(k, filled(v.MapIndex(k)))
		}
		return out
	}
	return v
}
