package catalog

import (
	"strings"
	"testing"
	"testing/fstest"
)

func TestShippedPractices(t *testing.T) {
	p, err := LoadPractices(shippedPractices, Shipped())
	if err != nil {
		t.Fatal(err)
	}
	if len(p.All) < 100 || len(p.Naming) < 100 {
		t.Errorf("%d practices and %d namings are shipped; the folders are not read whole", len(p.All), len(p.Naming))
	}
}

func TestPracticesOf(t *testing.T) {
	p := ShippedPractices()
	for path, want := range map[string]string{
		"github.com/alicebob/miniredis/v2":                             "miniredis",
		"github.com/testcontainers/testcontainers-go":                  "testcontainers",
		"github.com/testcontainers/testcontainers-go/modules/postgres": "testcontainers postgres",
		"github.com/dnaeon/go-vcr/v3/recorder":                         "go-vcr",
		"github.com/testcontainers/testcontainers-go/wait":             "",
		"github.com/alicebob/miniredis/v2/server":                      "",
	} {
		got := ""
		if of := p.Of(path); len(of) > 0 {
			got = of[0].Name
		}
		if got != want {
			t.Errorf("practice of %s is %q, want %q", path, got, want)
		}
	}
}

func TestLoadPracticesFaults(t *testing.T) {
	for name, c := range map[string]struct{ file, text, want string }{
		"other name":      {"practices/mocks.yaml", "topic: doubles\n", "must agree"},
		"no packages":     {"practices/doubles.yaml", "topic: doubles\nlibraries: [{name: x}]\n", "no packages"},
		"unknown system":  {"practices/doubles.yaml", "topic: doubles\nlibraries: [{name: x, packages: [a.example/b], systems: [nosuch]}]\n", `"nosuch" is no system`},
		"unknown kind":    {"practices/doubles.yaml", "topic: doubles\nlibraries: [{name: x, packages: [a.example/b], kinds: [nosuch]}]\n", "no kind"},
		"unknown key":     {"practices/doubles.yaml", "topic: doubles\nlibrary: []\n", "library"},
		"relative symbol": {"naming/kafka.yaml", "system: kafka\nnames: [{kind: topic, access: publish, at: [Writer.Topic]}]\n", "import path"},
		"unknown access":  {"naming/kafka.yaml", "system: kafka\nnames: [{kind: topic, access: shout, at: [a.example/b.Writer.Topic]}]\n", "an access"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := LoadPractices(fstest.MapFS{c.file: {Data: []byte(c.text)}}, Shipped())
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
}
