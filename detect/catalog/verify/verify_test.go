package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/fixtures"
)

// Two versions of a client library, one of a transport that it embeds.
var sources = map[string]string{
	"queue.test/client@v1.0.0/client.go": `package client

type Options struct{ ReadTimeout int }

func (Options) Removed() {}
`,
	"queue.test/client@v1.2.0/client.go": `package client

import (
	"time"

	"queue.test/wire"
	"elsewhere.test/unread"
)

const defaultReadTimeout =   5 * time.Second

var Default = New()

type Options struct {
	ReadTimeout time.Duration
	Net         struct{ Dial struct{ Timeout time.Duration } }
	Retry       wire.Retry
}

type Client struct {
	*wire.Conn
	base
}

type Odd struct{ unread.Thing }

type base struct{}

func (b *base) Ping() error { return nil }

func (c *Client[T]) Publish() error { return nil }

func New() *Client { return nil }
func NewSecure() *Client { return nil }
`,
	"queue.test/client@v1.2.0/admin/admin.go": `package admin

type Topics interface{ Drop(name string) error }
`,
	"queue.test/wire@v0.3.0/wire.go": `package wire

type Conn struct{}

func (Conn) Flush() error { return nil }

type Retry struct{ Max int }
`,
	"std/net/http/client.go": `package http

type Client struct{ Timeout int }
`,
}

func newVerifier(t *testing.T) *verifier {
	t.Helper()
	root := t.TempDir()
	fixtures.Write(t, root, sources)
	return &verifier{
		fetch: func(mod, version string) (string, error) {
			dir := filepath.Join(root, filepath.FromSlash(mod+"@"+version))
			if _, err := os.Stat(dir); err != nil {
				return "", fmt.Errorf("%s@%s: no such version", mod, version)
			}
			return dir, nil
		},
		std:    filepath.Join(root, "std"),
		goVer:  "go1.26.3",
		newest: map[string]string{"queue.test/client": "v1.2.0", "queue.test/wire": "v0.3.0", "queue.test/gone": "v1.0.0"},
	}
}

func TestCitations(t *testing.T) {
	good := catalog.Default{
		Value: "5s", Module: "queue.test/client", From: "v1.2.0", Until: "v1.2.0",
		Cite: []string{"v1.2.0/client.go:10"}, Text: "defaultReadTimeout = 5 * time.Second",
	}
	with := func(change func(*catalog.Default)) catalog.Default {
		d := good
		d.Cite = append([]string(nil), good.Cite...)
		change(&d)
		return d
	}
	tests := []struct {
		name string
		d    catalog.Default
		want string // part of the one fault; "" for none
	}{
		{"right, white space folded", good, ""},
		{"other text", with(func(d *catalog.Default) { d.Text = "3 * time.Second" }), `client.go:10 is "const defaultReadTimeout = 5 * time.Second", not "3 * time.Second"`},
		{"line moved", with(func(d *catalog.Default) { d.Cite[0] = "v1.2.0/client.go:11" }), `client.go:11 is ""`},
		{"line beyond the end", with(func(d *catalog.Default) { d.Cite[0] = "v1.2.0/client.go:900" }), "line 900 is cited"},
		{"no such file", with(func(d *catalog.Default) { d.Cite[0] = "v1.2.0/server.go:1" }), "v1.2.0 has no file server.go"},
		{"a file outside the module", with(func(d *catalog.Default) { d.Cite[0] = "v1.2.0/../wire@v0.3.0/wire.go:1" }), "has no file"},
		{"no such version", with(func(d *catalog.Default) { d.From, d.Until, d.Cite[0] = "v9.0.0", "v9.0.0", "v9.0.0/client.go:1" }), "no such version"},
		{"no line", with(func(d *catalog.Default) { d.Cite[0] = "v1.2.0/client.go" }), "want VERSION/FILE:LINE"},
		{"range named, not read", with(func(d *catalog.Default) { d.From = "v1.0.0" }), "no citation in v1.0.0"},
		{"range upside down", with(func(d *catalog.Default) {
			d.From, d.Until = "v1.2.0", "v1.0.0"
			d.Cite = append(d.Cite, "v1.0.0/client.go:3")
			d.Text = ""
		}), "needs value"},
		{"std of the installed Go", catalog.Default{
			Value: "none", Module: "std", From: "go1.26", Until: "go1.26", Cite: []string{"go1.26/net/http/client.go:3"}, Text: "Timeout int",
		}, ""},
		{"std of another Go", catalog.Default{
			Value: "none", Module: "std", From: "go1.20", Until: "go1.20", Cite: []string{"go1.20/net/http/client.go:9"}, Text: "gone",
		}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v := newVerifier(t)
			v.verify(claims{citations: []citation{{"entries/queue.yaml: timeout", tt.d}}})
			switch {
			case tt.want == "" && len(v.faults) > 0:
				t.Errorf("faults %q, want none", v.faults)
			case tt.want != "" && (len(v.faults) != 1 || !strings.Contains(v.faults[0], tt.want)):
				t.Errorf("faults %q, want one with %q", v.faults, tt.want)
			}
		})
	}
}

func TestSymbols(t *testing.T) {
	const pkg = "queue.test/client"
	tests := []struct {
		name     string
		packages []string
		want     found
	}{
		{"New", []string{pkg}, yes},
		{"New*", []string{pkg}, yes},
		{"Old*", []string{pkg}, no},
		{"Connect", []string{pkg}, no},
		{"Options.ReadTimeout", []string{pkg}, yes},
		{"Options.WriteTimeout", []string{pkg}, no},
		{"Options.Net.Dial.Timeout", []string{pkg}, yes},
		{"Options.Retry.Max", []string{pkg}, yes},
		{"Options.Retry.Min", []string{pkg}, no},
		{"Options.", []string{pkg}, yes},
		{"Settings.*", []string{pkg}, no},
		{"Client.Publish", []string{pkg}, yes},
		{"Client.Pub*", []string{pkg}, yes},
		{"*.Publish", []string{pkg}, yes},
		{"*.Consume", []string{pkg}, no},
		{"Client.Ping", []string{pkg}, yes},      // promoted in the package
		{"Client.Flush", []string{pkg}, yes},     // promoted from another module
		{"Client.Subscribe", []string{pkg}, no},  // every embedded type was read
		{"Odd.Anything", []string{pkg}, unknown}, // one was not
		{"Default.Publish", []string{pkg}, unknown},
		{"Topics.Drop", []string{pkg}, no},
		{"Topics.Drop", []string{pkg + "/..."}, yes},
		{"Topics.Drop", []string{pkg, "queue.test/client/v0"}, unknown},
		{"Topics.Drop", []string{"queue.test/gone"}, unknown},
		{"net/http.Client.Timeout", []string{pkg}, yes},
		{"net/http.Client.Deadline", []string{pkg}, no},
		{"queue.test/wire.Conn.Flush", []string{pkg}, yes},
		{"queue.test/wire.Conn.Sync", []string{pkg}, no},
		{"unread.test/lib.Client.Do", []string{pkg}, unknown},
	}
	v := newVerifier(t)
	for _, tt := range tests {
		if got := v.exists(symbol{"", tt.name, tt.packages}); got != tt.want {
			t.Errorf("exists(%s in %v) = %d, want %d", tt.name, tt.packages, got, tt.want)
		}
	}
}

// A whole catalog with one fault of each kind, to the printed report.
func TestReport(t *testing.T) {
	files := map[string]string{
		"entries/queue.yaml": `
system: queue
name: Queue
kind: messaging
libraries:
  - packages: [queue.test/client]
    sdk: wire
    operations: [Client.Publish, Client.Consume]
    results: {New: Client, NewSecure: SecureClient}
    timeout:
      by: [Options.ReadTimeout, Conn.Flush, Options.Removed]
      defaults:
        - {value: 5s, module: queue.test/client, from: v1.2.0, until: v1.2.0, cite: ["v1.2.0/client.go:10"], text: "5 * time.Second"}
        - {value: 5s, module: queue.test/client, from: v1.0.0, until: v1.0.0, cite: ["v1.0.0/client.go:3"], text: "5 * time.Second"}
  - packages: [unread.test/lib]
    operations: [Client.Do]
`,
		"sdks/wire.yaml": `
sdk: wire
packages: [queue.test/wire]
retry:
  by: [Retry.Max, Options.ReadTimeout, Retry.Often]
  defaults:
    - {value: none, module: std, from: go1.20, until: go1.20, cite: ["go1.20/net/http/client.go:3"], text: anything}
`,
		"toolkits/pester.yaml": "toolkit: pester\nrole: retry\npackages: [queue.test/client/admin]\nruns: [Topics.Drop]\nwraps: [Topics.Keep]\n",
	}
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	cat, err := catalog.Load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	v := newVerifier(t)
	all := collect(cat)
	v.newest, v.older = lookupVersions(all, map[string][]string{"queue.test/wire": {"v0.3.0"}, "queue.test/client": {"v1.0.0"}})
	v.verify(all)
	var got bytes.Buffer
	v.report(&got, true)
	want := `entries/queue.yaml: operations: no Client.Consume in queue.test/client, queue.test/wire
entries/queue.yaml: results: no SecureClient in queue.test/client, queue.test/wire
entries/queue.yaml: timeout 5s (queue.test/client): v1.0.0/client.go:3 is "type Options struct{ ReadTimeout int }", not "5 * time.Second"
sdks/wire.yaml: retry.by: no Retry.Often in queue.test/wire, queue.test/client
toolkits/pester.yaml: wraps: no Topics.Keep in queue.test/client/admin
not checked: entries/queue.yaml: operations: Client.Do
std of go1.20: not checked, the installed Go is go1.26.3
1 cited lines and 10 symbols found, 0 examples type-checked, 1 symbols not checked, 5 faults
`
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
	if n := len(all.matching(regexp.MustCompile("^toolkits/")).symbols); n != 2 {
		t.Errorf("the toolkits claim %d symbols, want 2", n)
	}
}

func TestPins(t *testing.T) {
	cache := t.TempDir()
	for _, dir := range []string{"queue.test/!client@v1.9.0", "queue.test/!client@v1.10.0", "queue.test/!client@v1.11.0/only/docs", "queue.test/private@v1.0.0"} {
		dir = filepath.Join(cache, filepath.FromSlash(dir))
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(dir, "docs") {
			if err := os.WriteFile(filepath.Join(dir, "a.go"), []byte("package a\n"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	file := filepath.Join(t.TempDir(), "modules.txt")
	c := claims{symbols: []symbol{{"", "New", []string{"queue.test/Client", "net/http", "queue.test/absent", "queue.test/private"}}}}
	get := func(mod, version string) (string, error) {
		if mod == "queue.test/private" {
			return "", fmt.Errorf("%s: not found", mod)
		}
		return "", nil
	}
	if err := writePins(file, map[string][]string{"a.test/x": {"v0.1.0", "v0.2.0"}}, c, cache, get); err != nil {
		t.Fatal(err)
	}
	got, err := readPins(file)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{"a.test/x": {"v0.1.0", "v0.2.0"}, "queue.test/Client": {"v1.10.0"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("pins (-want +got):\n%s", diff)
	}
	if err := os.WriteFile(file, []byte("queue.test/client latest\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := readPins(file); err == nil {
		t.Error("a pin that is no version was read without an error")
	}
}

// TestRefusedModule: what a proxy does not serve is named as not checked, and only
// where it is listed.
func TestRefusedModule(t *testing.T) {
	d := catalog.Default{Value: "5s", Module: "queue.test/refused", From: "v1.0.0", Until: "v1.0.0", Cite: []string{"v1.0.0/client.go:1"}, Text: "5 * time.Second"}
	for _, listed := range []bool{true, false} {
		v := newVerifier(t)
		if listed {
			v.refused = map[string]bool{d.Module: true}
		}
		v.verify(claims{citations: []citation{{"entries/queue.yaml: timeout", d}}})
		var out strings.Builder
		v.report(&out, false)
		named := strings.Contains(out.String(), "queue.test/refused: not checked, it could not be had: 1 cited line")
		if named != listed || (len(v.faults) == 0) != listed {
			t.Errorf("listed %t: faults %q, report %q", listed, v.faults, out.String())
		}
	}
}

func TestRefusedListIsRead(t *testing.T) {
	got, err := readRefused("refused.txt")
	if err != nil {
		t.Fatal(err)
	}
	cited := map[string]bool{}
	for _, x := range collect(catalog.Shipped()).citations {
		cited[x.Module] = true
	}
	for mod := range got {
		if !cited[mod] {
			t.Errorf("%s is listed and nothing cites it", mod)
		}
	}
	if len(got) == 0 {
		t.Error("the list is empty")
	}
}
