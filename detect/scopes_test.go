package detect_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/intscan/intscan/fixtures"
	"github.com/intscan/intscan/plan"
)

// A program, a package that only its tests use, what lies behind that one, and a
// package that the latter shares with the program; a program that runs suites of tests,
// and beside them code for production with a helper for tests.
const supported = `
-- go.mod --
module example.com/rooms

go 1.24
-- main.go --
package main

import "example.com/rooms/shared"

func main() { shared.Ping("https://rooms.hotel-desk.io") }
-- main_test.go --
package main

import (
	"testing"

	"example.com/rooms/support"
)

func TestPing(t *testing.T) { support.Seed(t) }
-- shared/shared.go --
package shared

import "net/http"

func Ping(url string) { _, _ = http.Get(url) }
-- support/support.go --
package support

import (
	"testing"

	"example.com/rooms/internal/bookings"
)

func Seed(t *testing.T) { bookings.Fill("http://127.0.0.1:1") }
-- internal/bookings/bookings.go --
package bookings

import (
	"net/http"

	"example.com/rooms/shared"
)

func Fill(url string) {
	shared.Ping(url)
	_, _ = http.Post(url, "text/plain", nil)
}
-- cmd/rehearse/main.go --
package main

import (
	"example.com/rooms/desk"
	"example.com/rooms/suites"
)

func main() { _, _ = suites.Names(), desk.Open("http://127.0.0.1:2") }
-- suites/suites.go --
package suites

import (
	"net/http"
	"testing"
)

func Names() []string { return []string{"booking"} }

func Book(t *testing.T, url string) { visit(url) }

func Cancel(t *testing.T, url string) { visit(url) }

func visit(url string) { _, _ = http.Get(url) }
-- desk/desk.go --
package desk

import (
	"net/http"
	"testing"
)

func Open(url string) error { return call(url + "/open") }

func Close(url string) error { return call(url + "/close") }

func call(url string) error {
	_, err := http.Get(url)
	return err
}

func ForTests(t testing.TB) string { return "http://127.0.0.1:3" }
`

func TestScopeOfTestSupport(t *testing.T) {
	offline(t, stubCache(t))
	dir := t.TempDir()
	fixtures.Unpack(t, txtar.Parse([]byte(supported)), dir)
	r, err := plan.Scan(context.Background(), plan.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, s := range r.CallSites {
		got[s.File] = string(s.Scope)
	}
	want := map[string]string{"shared/shared.go": "runtime", "internal/bookings/bookings.go": "development", "suites/suites.go": "development", "desk/desk.go": "runtime"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("scopes of call sites (-want +got):\n%s", diff)
	}
}
