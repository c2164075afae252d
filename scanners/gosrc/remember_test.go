package gosrc

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/intscan/intscan/fixtures"
)

// memory is a cache for one test, which counts the summaries put into it.
type memory struct {
	mu     sync.Mutex
	values map[string][]byte
	puts   int
}

func (m *memory) Get(key string) ([]byte, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	v, ok := m.values[key]
	return v, ok
}

func (m *memory) Put(key string, value []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.values[key] = value
	m.puts++
}

// remembered is a service in four packages, of which store is imported by two; its
// library is not on the machine.
var remembered = map[string]string{
	"go.mod": shopModule + "\nrequire example.org/driver v1.2.3\n",
	"store/store.go": `package store

import (
	"context"
	"time"

	"example.org/driver"
)

// Options bound the store.
type Options struct {
	Pool struct{ Size int }
	Timeout time.Duration
}

type Store struct {
	conn *driver.Conn
	o    Options
}

func New(o Options) *Store {
	return &Store{conn: driver.Open("db:5432"), o: o}
}

func (s *Store) Get(ctx context.Context, id string) (string, error) {
	return s.conn.Query(ctx, id)
}
`,
	"orders/orders.go": `package orders

import (
	"context"

	"example.com/shop/store"
)

type Orders struct{ s *store.Store }

func (o *Orders) One(ctx context.Context) (string, error) { return o.s.Get(ctx, "1") }

func Default() *Orders {
	var o store.Options
	o.Pool.Size = 3
	return &Orders{store.New(o)}
}
`,
	"mail/mail.go": `package mail

import "net/smtp"

func Send(text []byte) error {
	return smtp.SendMail("mail:25", nil, "a@b", nil, text)
}
`,
	"main.go": `package main

import (
	"example.com/shop/mail"
	"example.com/shop/orders"
)

func main() {
	orders.Default()
	mail.Send(nil)
}
`,
	"store/store_test.go": "package store\n\nimport \"testing\"\n\nfunc TestNothing(t *testing.T) {}\n",
}

// After each edit a scan with the cache tells what one without it does, and reads
// no more packages than the edit can change.
func TestRemember(t *testing.T) {
	t.Setenv("GOMODCACHE", t.TempDir())
	t.Setenv("GOPROXY", "off")
	t.Setenv("GOTOOLCHAIN", "local")
	dir := t.TempDir()
	fixtures.Write(t, dir, remembered)
	replace := func(file, old, new string) func(t *testing.T) {
		return func(t *testing.T) {
			name := filepath.Join(dir, file)
			b, err := os.ReadFile(name)
			if err != nil || !bytes.Contains(b, []byte(old)) {
				t.Fatalf("%s has no %q (%v)", file, old, err)
			}
			fixtures.Write(t, dir, map[string]string{file: strings.Replace(string(b), old, new, 1)})
		}
	}
	cache := &memory{values: map[string][]byte{}}
	for _, edit := range []struct {
		name string
		make func(t *testing.T)
		read []string // the packages read
	}{
		{"first", func(*testing.T) {}, []string{".", "mail", "orders", "store"}},
		{"nothing", func(*testing.T) {}, nil},
		{"body", replace("mail/mail.go", `"a@b"`, `"longer@example.com"`), []string{"mail"}},
		{"longer body", replace("mail/mail.go", "\treturn", "\t// Plainly.\n\n\treturn"), []string{"mail"}},
		{"declaration", replace("mail/mail.go", "func Send(", "const Port = 25\n\nfunc Send("), []string{".", "mail"}},
		{"declaration that is not passed on", replace("orders/orders.go", "type Orders struct{", "type Orders struct{ n int;"), []string{".", "orders"}},
		{"unnamed struct moves", replace("store/store.go", "// Options bound", "// A comment.\n\n// Options bound"), []string{".", "orders", "store"}},
		{"test", replace("store/store_test.go", "TestNothing", "TestLittle"), []string{"store"}},
		{"new file", func(t *testing.T) {
			fixtures.Write(t, dir, map[string]string{"mail/x.go": "package mail\n\nvar X = 1\n"})
		}, []string{".", "mail"}},
		{"another use of what is missing", func(t *testing.T) {
			fixtures.Write(t, dir, map[string]string{"mail/x.go": "package mail\n\nimport \"example.org/driver\"\n\nvar X driver.Pool\n"})
		}, []string{".", "mail", "orders", "store"}},
		{"module", replace("go.mod", "v1.2.3", "v1.2.4"), []string{".", "mail", "orders", "store"}},
		{"removed", func(t *testing.T) { os.Remove(filepath.Join(dir, "mail/x.go")) }, []string{".", "mail", "orders", "store"}},
	} {
		t.Run(edit.name, func(t *testing.T) {
			edit.make(t)
			before := map[string]bool{}
			for key := range cache.values {
				before[key] = true
			}
			got, diags := scanDir(t, dir, Options{Cache: cache})
			want, wantDiags := scanDir(t, dir, Options{})
			if diff := cmp.Diff(encoded(want), encoded(got)); diff != "" {
				t.Errorf("summaries without the cache and with it (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(messages(wantDiags), messages(diags)); diff != "" || got.Lines != want.Lines {
				t.Errorf("diagnostics of %d and %d lines (-want +got):\n%s", want.Lines, got.Lines, diff)
			}
			var read []string
			for key, value := range cache.values {
				if p, err := summaries.Decode(value); !before[key] && err == nil {
					read = append(read, p.Dir)
				}
			}
			slices.Sort(read)
			if diff := cmp.Diff(edit.read, read); diff != "" {
				t.Errorf("packages read (-want +got):\n%s", diff)
			}
		})
	}
}

// A package with something to report is read each time, so that it is reported each
// time.
func TestRememberFlaws(t *testing.T) {
	dir := t.TempDir()
	fixtures.Write(t, dir, map[string]string{"go.mod": shopModule, "main.go": "package main\n\nfunc main() { x := }\n"})
	cache := &memory{values: map[string][]byte{}}
	for range 2 {
		if _, diags := scanDir(t, dir, Options{Cache: cache}); !strings.Contains(messages(diags), "syntax error") {
			t.Errorf("diagnostics: %s", messages(diags))
		}
	}
	if cache.puts != 0 {
		t.Errorf("%d values were kept, want none", cache.puts)
	}
}

// encoded makes summaries, which point at one another in circles, comparable.
func encoded(c Code) map[string]string {
	out := map[string]string{}
	for _, p := range c.Packages {
		out[p.Dir+" "+p.Name] = string(summaries.Encode(p))
	}
	return out
}

// Findings that are kept hold as long as the same modules are at hand.
func TestMachineSame(t *testing.T) {
	cache := t.TempDir()
	t.Setenv("GOMODCACHE", cache)
	t.Setenv("GOPROXY", "off")
	t.Setenv("GOTOOLCHAIN", "local")
	dir := t.TempDir()
	fixtures.Write(t, dir, remembered)
	code, _ := scanDir(t, dir, Options{Cache: &memory{values: map[string][]byte{}}})
	if code.Machine == nil || !code.Machine.Same(t.Context()) {
		t.Fatalf("the machine %+v is not itself", code.Machine)
	}
	fixtures.Write(t, cache, map[string]string{"example.org/driver@v1.2.3/driver.go": "package driver\n"})
	if code.Machine.Same(t.Context()) {
		t.Error("a module that was missing is there, and nothing is noticed")
	}
	t.Setenv("GOMODCACHE", t.TempDir())
	if code.Machine.Same(t.Context()) {
		t.Error("another module cache is not noticed")
	}
}
