package catalog_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/intscan/intscan/detect/catalog"
)

func decoded(t *testing.T, name, text string) *catalog.Catalog {
	t.Helper()
	c, err := catalog.Decode(fstest.MapFS{name: {Data: []byte(text)}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestWith(t *testing.T) {
	shipped := catalog.Shipped()
	c, err := shipped.With(decoded(t, "entries/ledger.yaml", "system: ledger\nname: Ledger\nkind: payment\nlibraries:\n- packages: [git.example.com/ledger/client]\n"))
	if err != nil {
		t.Fatal(err)
	}
	if l := c.Package("git.example.com/ledger/client"); l == nil || l.System.Slug != "ledger" {
		t.Errorf("the added library is %+v", l)
	}
	if shipped.System("ledger") != nil || shipped.Package("git.example.com/ledger/client") != nil {
		t.Error("the shipped catalog was changed")
	}
	c, err = shipped.With(decoded(t, "entries/postgresql.yaml", "system: postgresql\nlibraries:\n- packages: [git.example.com/platform/db]\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, pkg := range []string{"git.example.com/platform/db", "github.com/jackc/pgx/v5"} {
		if l := c.Package(pkg); l == nil || l.System.Slug != "postgresql" {
			t.Errorf("%s is of %+v, want postgresql", pkg, l)
		}
	}
	if len(shipped.System("postgresql").Libraries) != len(c.System("postgresql").Libraries)-1 {
		t.Error("the shipped system was changed")
	}
}

func TestWithMistakes(t *testing.T) {
	for _, tc := range []struct{ name, file, text, err string }{
		{"other name for a shipped system", "entries/redis.yaml", "system: redis\nname: Rediska\n", "the catalog has this system as Redis"},
		{"package of another system", "entries/ledger.yaml", "system: ledger\nname: L\nkind: http\nlibraries:\n- packages: [github.com/redis/go-redis/v9]\n", "claimed by"},
		{"unknown kind", "entries/ledger.yaml", "system: ledger\nname: L\nkind: databse\n", "unknown kind"},
		{"taken toolkit", "toolkits/failsafe-go.yaml", "toolkit: failsafe-go\nrole: retry\n", "choose another"},
	} {
		if _, err := catalog.Shipped().With(decoded(t, tc.file, tc.text)); err == nil || !strings.Contains(err.Error(), tc.err) {
			t.Errorf("%s: error %v, want one with %q", tc.name, err, tc.err)
		}
	}
}
