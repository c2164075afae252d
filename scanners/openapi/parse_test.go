package openapi

import (
	"context"
	"io/fs"
	"strings"
	"testing"
)

func TestSniff(t *testing.T) {
	tests := []struct {
		text string
		want sniffed
	}{
		{"openapi: 3.0.0\n", sniffedTopLevel},
		{"# c\n\"openapi\" : '3.1.0'\n", sniffedTopLevel},
		{"swagger: !!str 2.0\n", sniffedTopLevel},
		{"  {\"a\": 1, \"swagger\":\n \"2.0\"}", sniffedTopLevel},
		{"{openapi: 3.0.0}", sniffedTopLevel},
		{"a:\n  openapi: 3.0.0\n", sniffedSomewhere},
		{"a:\n  openapi: 3.0.0\nopenapi: 3.0.0\n", sniffedTopLevel},
		{"myopenapi: 3.0.0\n", sniffedNothing},
		{"openapi: true\n", sniffedNothing},
		{"openapi-generator: 3\n", sniffedNothing},
		{"# see swagger.io\n", sniffedNothing},
		{"openapi", sniffedNothing},
		{"", sniffedNothing},
	}
	for _, test := range tests {
		if got := sniff([]byte(test.text)); got != test.want {
			t.Errorf("sniff(%q) = %d, want %d", test.text, got, test.want)
		}
	}
}

func TestCleanURL(t *testing.T) {
	tests := []struct{ in, want string }{
		{"https://api.example.com/v1", "https://api.example.com/v1"},
		{"https://u:p@api.example.com/v1", "https://api.example.com/v1"},
		{"https://u:p@w@api.example.com/", "https://api.example.com/"},
		{"https://u:p/w@api.example.com/", "https://api.example.com/"},
		{"https://u:p?w@api.example.com/x", "https://api.example.com/x"},
		{"https://u:1/w@api.example.com/x", "https://u:1"},
		{"//u:p@api.example.com", "//api.example.com"},
		{"u:p@api.example.com/x", "api.example.com/x"},
		{"https://api.example.com/@scope/x", "https://api.example.com/@scope/x"},
		{"/v1?token=x#y", "/v1"},
		{"{scheme}://{host}:{port}/{base}", "{scheme}://{host}:{port}/{base}"},
		{"https://h/a1b2c3d4e5f6a7b8c9d0e1f2/x", "https://h/***/x"},
		{"https://h/customer-notifications-service/v2", "https://h/customer-notifications-service/v2"},
		{"", ""},
	}
	for _, test := range tests {
		if got := cleanURL(test.in); got != test.want {
			t.Errorf("cleanURL(%q) = %q, want %q", test.in, got, test.want)
		}
	}
}

// files is a tree in memory.
type files map[string]string

func (f files) ReadFile(name string) ([]byte, error) {
	text, ok := f[name]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return []byte(text), nil
}

// FuzzRead reads any bytes as a description that refers to others and to itself.
func FuzzRead(f *testing.F) {
	f.Add(ordersYAML)
	f.Add(billingJSON)
	f.Add(minimal)
	f.Add("openapi: 3.1.0\ninfo: {}\npaths: {$ref: 'other.yaml#/paths', /a: &a {$ref: '#/paths/~1a', get: *a}}\n")
	f.Add("openapi: 3.0.0\ninfo: &i {<<: [*i, *i]}\n? [a]\n: b\n---\n{\"swagger\": 2}")
	other := minimal + "x-back: {$ref: 'a.yaml'}\ncomponents: {schemas: {A: {$ref: 'a.yaml#/components/schemas/A'}}}\n"
	f.Fuzz(func(t *testing.T, text string) {
		b := plainText([]byte(text))
		r := readFile(context.Background(), files{"a.yaml": text, "other.yaml": other}, "a.yaml", b, sniffedTopLevel)
		for _, u := range r.toValidate {
			r.diags = append(r.diags, validate(context.Background(), u.description, u.api)...)
		}
		lines := 1 + strings.Count(text, "\n") + strings.Count(text, "\r") + strings.Count(other, "\n") +
			strings.Count(text, "\u0085") + strings.Count(text, "\u2028") + strings.Count(text, "\u2029")
		for _, api := range r.apis {
			if api.Line < 1 || api.Line > lines {
				t.Errorf("an API in line %d of %d", api.Line, lines)
			}
		}
		for _, d := range r.diags {
			if d.Line > lines || strings.Contains(d.Message, "the parser failed") {
				t.Errorf("diagnostic %s: %s", d.Position, d.Message)
			}
		}
	})
}
