package config

import (
	"encoding/json"
	"reflect"
)

// schemaID names the schema for editors that keep a list of them.
const schemaID = "https://raw.githubusercontent.com/intscan/intscan/main/plan/config/config.schema.json"

// Schema is the JSON Schema of the file, draft 7, made from its types.
func Schema() []byte {
	s := schemaOf(reflect.TypeFor[File](), "")
	s["$schema"], s["$id"] = "http://json-schema.org/draft-07/schema#", schemaID
	s["title"], s["description"] = FileName, "What intscan goes by in this repository."
	out, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		panic(err) // maps of strings and numbers alone
	}
	return append(out, '\n')
}

func schemaOf(t reflect.Type, tag reflect.StructTag) map[string]any {
	if s, ok := reflect.New(t).Interface().(scalar); ok {
		return s.describe(vocabulary(tag.Get("words")))
	}
	switch t.Kind() {
	case reflect.Pointer:
		return schemaOf(t.Elem(), tag)
	case reflect.Struct:
		return objectSchema(t)
	case reflect.Map:
		out := map[string]any{"type": "object", "additionalProperties": schemaOf(t.Elem(), tag)}
		if words := vocabulary(tag.Get("keys")); words != nil {
			out["propertyNames"] = map[string]any{"enum": words}
		}
		return out
	case reflect.Slice:
		item := schemaOf(t.Elem(), tag)
		list := map[string]any{"type": "array", "items": item}
		if tag.Get("single") != "" {
			return map[string]any{"anyOf": []any{item, list}}
		}
		return list
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Int:
		return map[string]any{"type": "integer"}
	}
	return map[string]any{"type": "string"}
}

func objectSchema(t reflect.Type) map[string]any {
	properties := map[string]any{}
	var required []string
	for _, f := range fieldsOf(t) {
		s := schemaOf(f.typ, f.tag)
		if doc := f.tag.Get("doc"); doc != "" {
			s["description"] = doc
		}
		properties[f.name] = s
		if f.tag.Get("required") != "" {
			required = append(required, f.name)
		}
	}
	out := map[string]any{"type": "object", "additionalProperties": false, "properties": properties}
	if required != nil {
		out["required"] = required
	}
	return out
}
