package render

import (
	"encoding/json"
	"io"
	"reflect"

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
