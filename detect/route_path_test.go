package detect

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNormalPath(t *testing.T) {
	for _, test := range []struct{ in, want string }{
		{"/orders", "/orders"},
		{"orders/:id", "/orders/{id}"},
		{"/orders/{id:[0-9]{2,4}}/lines", "/orders/{id}/lines"},
		{"/files/{path...}", "/files/{path}"},
		{"/{$}", "/"},
		{"/static/*", "/static/{*}"},
		{"/static/*filepath", "/static/{filepath}"},
		{"/a//b", "/a/b"},
		{"/users/:id<int>", "/users/{id}"},
		{"/v1/{name=shelves/*}", "/v1/{name}"},
	} {
		if got := normalPath(test.in); got != test.want {
			t.Errorf("normalPath(%q) = %q, want %q", test.in, got, test.want)
		}
	}
}

func TestSplitPattern(t *testing.T) {
	for _, test := range []struct{ in, method, path string }{
		{"GET /orders", "GET", "/orders"},
		{"/orders", "", "/orders"},
		{"POST  shop.example/orders", "POST", "/orders"},
		{"shop.example/", "", "/"},
	} {
		method, path := splitPattern(test.in)
		if diff := cmp.Diff([]string{test.method, test.path}, []string{method, path}); diff != "" {
			t.Errorf("splitPattern(%q) (-want +got):\n%s", test.in, diff)
		}
	}
}

func TestPathMatches(t *testing.T) {
	for _, test := range []struct {
		route, path string
		want        bool
	}{
		{"/orders/{id}", "/orders/{order}", true},
		{"/orders/{id}", "/orders/latest", true},
		{"/orders/latest", "/orders/{id}", false},
		{"/orders/", "/orders/{id}/lines", true},
		{"/{tenant}/orders", "/{tenant}/invoices", false},
		{"/static/{*}", "/static/css/main.css", true},
		{"/", "/orders", false},
	} {
		if got := pathMatches(test.route, test.path); got != test.want {
			t.Errorf("pathMatches(%q, %q) = %v, want %v", test.route, test.path, got, test.want)
		}
	}
}
