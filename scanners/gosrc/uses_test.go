package gosrc

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const useHeader = `package shop

import (
	"encoding/json"
	"io"
	"net/http"
)

var (
	client http.Client
	kept   *http.Response
	strict bool
	_      = io.Copy
	_      = json.NewDecoder
)

func use(r *http.Response) {}

`

// TestBodies: what becomes of the response of the one client.Get in a function.
func TestBodies(t *testing.T) {
	tests := []struct {
		name, body string
		want       BodyUse
	}{
		{"deferred", "resp, err := client.Get(\"u\")\n\tif err != nil {\n\t\treturn\n\t}\n\tdefer resp.Body.Close()", BodyClosed},
		{"closed in a literal", "resp, _ := client.Get(\"u\")\n\tdefer func() { _ = resp.Body.Close() }()", BodyClosed},
		{"method value", "resp, _ := client.Get(\"u\")\n\tshut := resp.Body.Close\n\tshut()", BodyClosed},
		{"status only", "resp, _ := client.Get(\"u\")\n\t_ = resp.StatusCode", BodyOpen},
		{"read and left", "resp, _ := client.Get(\"u\")\n\t_, _ = io.ReadAll(resp.Body)", BodyOpen},
		{"decoded and left", "resp, _ := client.Get(\"u\")\n\t_ = json.NewDecoder(resp.Body).Decode(new(int))", BodyOpen},
		{"compared", "resp, _ := client.Get(\"u\")\n\t_ = resp.Body != nil && resp != nil", BodyOpen},
		{"dropped", "_, _ = client.Get(\"u\")", BodyOpen},
		{"not taken", "client.Get(\"u\")", BodyOpen},
		{"handed on", "resp, _ := client.Get(\"u\")\n\tuse(resp)", BodyPassed},
		{"body handed on", "resp, _ := client.Get(\"u\")\n\tvar r io.Reader = resp.Body\n\t_ = r", BodyPassed},
		{"stored", "kept, _ = client.Get(\"u\")", BodyPassed},
		{"result of a literal", "f := func() (resp *http.Response, err error) {\n\t\tresp, err = client.Get(\"u\")\n\t\t_ = err\n\t\treturn\n\t}\n\t_ = f", BodyPassed},
		{"variable of a literal", "f := func() (err error) {\n\t\tvar resp *http.Response\n\t\tresp, err = client.Get(\"u\")\n\t\t_ = resp.StatusCode\n\t\treturn\n\t}\n\t_ = f", BodyOpen},
		{"one of several assignments", "var resp *http.Response\n\tresp, _ = client.Get(\"u\")\n\tresp.Body.Close()", BodyClosed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := callOf(t, tt.body, "net/http.Client.Get")
			if c.Body != tt.want {
				t.Errorf("body use %d, want %d", c.Body, tt.want)
			}
		})
	}
}

// TestDropped: whose errors are not taken, and what stands in a branch.
func TestDropped(t *testing.T) {
	tests := []struct{ name, body, want string }{
		{"taken", "_, err := client.Get(\"u\")\n\t_ = err", ""},
		{"blank", "resp, _ := client.Get(\"u\")\n\tuse(resp)", "dropped"},
		{"statement", "client.Get(\"u\")", "dropped"},
		{"deferred", "defer client.Get(\"u\")", "dropped deferred"},
		{"in a branch", "if strict {\n\t\tclient.Get(\"u\")\n\t}", "dropped guarded"},
		{"after one that leaves", "if strict {\n\t\treturn\n\t}\n\tclient.Get(\"u\")", "dropped guarded"},
		{"after the check of an error", "_, err := http.Get(\"v\")\n\tif err != nil {\n\t\treturn\n\t}\n\tclient.Get(\"u\")", "dropped"},
		{"a case", "switch {\n\tcase strict:\n\t\tclient.Get(\"u\")\n\t}", "dropped guarded"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := callOf(t, tt.body, "net/http.Client.Get")
			var got []string
			for _, f := range []struct {
				is   bool
				name string
			}{{c.Dropped, "dropped"}, {c.Deferred, "deferred"}, {c.Guarded, "guarded"}} {
				if f.is {
					got = append(got, f.name)
				}
			}
			if diff := cmp.Diff(tt.want, strings.Join(got, " ")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// callOf is the call of a symbol in a function of the given body.
func callOf(t *testing.T, body, callee string) *Call {
	t.Helper()
	code, _ := scanFiles(t, map[string]string{"go.mod": shopModule, "shop.go": useHeader + "func f() {\n\t" + body + "\n}\n"}, "", Options{})
	for _, f := range pkgOf(t, code, ".").Funcs {
		for _, c := range f.Calls {
			if c.Callee == callee {
				return c
			}
		}
	}
	t.Fatalf("no call of %s", callee)
	return nil
}

// TestTested: the strings that code looks at before it uses them.
func TestTested(t *testing.T) {
	src := "package shop\n\nfunc f(a, b, c, d string) bool {\n\tif a == \"\" || len(b) == 0 {\n\t\treturn false\n\t}\n\tswitch c {\n\tcase \"x\":\n\t}\n\treturn d == c\n}\n"
	code, _ := scanFiles(t, map[string]string{"go.mod": shopModule, "shop.go": src}, "", Options{})
	var got []string
	for _, v := range pkgOf(t, code, ".").Tested {
		got = append(got, v.Name)
	}
	if diff := cmp.Diff([]string{"a", "b", "c"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
