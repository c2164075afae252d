// Package config reads the configuration files of applications (YAML, JSON, TOML,
// properties) for two things: values that point somewhere, and keys that hold
// secrets. Of the values it keeps the endpoint and nothing else.
//
// Files that have a scanner of their own (compose, OpenAPI, Kubernetes, .env) and
// those of development tools are left out. Which system an endpoint belongs to is
// for package detect to say.
package config

import (
	"context"
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/intscan/intscan/scanners"
)

// Name is the scanner's name in diagnostics.
const Name = "config"

// What is larger is data, not configuration.
const (
	maxSize    = 256 << 10
	maxFiles   = 2000
	maxEntries = 1000 // of one file
	maxDepth   = 100
	maxKey     = 500 // bytes of a dotted path
	parseTime  = 5 * time.Second
)

// Entry is a key of a configuration file whose value points somewhere or is secret.
type Entry struct {
	Key      string             `json:"key"` // dotted path; items of lists as brokers[0]
	Position scanners.Position  `json:"position"`
	Endpoint *scanners.Endpoint `json:"endpoint,omitempty"`
	Secret   bool               `json:"secret,omitempty"`  // by its key or by the shape of its value
	Literal  bool               `json:"literal,omitempty"` // the value is a working credential as it stands
}

// Scan reads the configuration files of the tree, in order of their paths.
func Scan(ctx context.Context, tree *scanners.Tree) ([]Entry, []scanners.Diagnostic) {
	var entries []Entry
	var diags []scanners.Diagnostic
	files := 0
	for _, f := range tree.Files() {
		if !IsConfigFile(f.Path) || f.Size > maxSize {
			continue
		}
		if ctx.Err() != nil {
			return entries, append(diags, diagnostic(f.Path, 0, "the scan was cut short before this file"))
		}
		if files++; files > maxFiles {
			return entries, append(diags, diagnostic(f.Path, 0, fmt.Sprintf("this file and the configuration files after it were not read: there are over %d", maxFiles)))
		}
		b, err := tree.ReadFile(f.Path)
		if err != nil {
			diags = append(diags, diagnostic(f.Path, 0, "file cannot be read"))
			continue
		}
		es, ds := Parse(ctx, f.Path, b)
		entries = append(entries, es...)
		diags = append(diags, ds...)
	}
	return entries, diags
}

func diagnostic(file string, line int, message string) scanners.Diagnostic {
	return scanners.Diagnostic{
		Severity: scanners.SeverityWarning, Scanner: Name,
		Position: scanners.Position{File: file, Line: line}, Message: message,
	}
}

// Parse reads one configuration file, by the format that its name says. Files
// that turn out to belong to another scanner give nothing.
func Parse(ctx context.Context, name string, b []byte) ([]Entry, []scanners.Diagnostic) {
	read := readers[format(name)]
	if read == nil || strings.IndexByte(string(b), 0) >= 0 {
		return nil, nil
	}
	type result struct {
		leaves []leaf
		fault  *fault
	}
	r, err := scanners.Guard(ctx, parseTime, func(context.Context) (result, error) {
		leaves, fault := read(b)
		return result{leaves, fault}, nil
	})
	switch {
	case err != nil:
		return nil, []scanners.Diagnostic{diagnostic(name, 0, "file was not read: "+scanners.Redact(err.Error()))}
	case r.fault != nil && strings.Contains(string(b), "{{"):
		return nil, []scanners.Diagnostic{diagnostic(name, r.fault.line, "file is a template and was not read: "+r.fault.message)}
	case r.fault != nil:
		return nil, []scanners.Diagnostic{diagnostic(name, r.fault.line, "file was not read: "+r.fault.message)}
	}
	entries := entriesOf(name, r.leaves)
	if len(entries) > maxEntries {
		d := diagnostic(name, entries[maxEntries].Position.Line, fmt.Sprintf("keys from here on were left out: the file has over %d that point somewhere or are secret", maxEntries))
		return entries[:maxEntries], []scanners.Diagnostic{d}
	}
	return entries, nil
}

// fault says why a file was not read.
type fault struct {
	line    int
	message string
}

// leaf is a scalar value of a file. It does not leave this package.
type leaf struct {
	parent string // dotted path of what it stands in
	name   string // last key of the path, "brokers" for brokers[0]
	index  string // "[0]"
	value  string
	text   bool // a string or a number; no boolean, null or date
	line   int
	column int
}

func (l leaf) key() string { return join(l.parent, l.name) + l.index }

func join(parent, key string) string {
	if scanners.SecretValue(key) { // a map with tokens for keys
		key = "[redacted]"
	}
	switch {
	case len(key) > maxKey || len(parent)+len(key) > maxKey:
		// Long keys, nested, would take memory without bound.
		return strings.TrimSuffix(parent, "…") + "…"
	case parent == "":
		return key
	}
	return parent + "." + key
}

func entriesOf(file string, leaves []leaf) []Entry {
	ports := map[string]string{}
	for _, l := range leaves {
		if strings.EqualFold(l.name, "port") && l.index == "" {
			ports[l.parent] = l.value
		}
	}
	var out []Entry
	for _, l := range leaves {
		if !l.text || l.line == 0 { // line 0: the whole document is one word
			continue
		}
		e := Entry{
			Key:      l.key(),
			Position: scanners.Position{File: file, Line: l.line, Column: l.column},
			Endpoint: scanners.EndpointOf(l.name, l.value),
			Secret:   scanners.SecretName(l.name) || scanners.SecretValue(l.value),
			Literal:  scanners.LiteralSecret(l.name, l.value),
		}
		if e.Endpoint != nil && e.Endpoint.Port == 0 && e.Endpoint.Scheme == "" { // host: db, port: 5432
			if p, ok := scanners.ParseEndpoint("localhost:" + ports[l.parent]); ok {
				e.Endpoint.Port = p.Port
			}
		}
		if e.Endpoint != nil || e.Secret {
			out = append(out, e)
		}
	}
	return out
}

// format is the format of a file by the end of its name, also before .example
// and the like.
func format(name string) string {
	base := strings.ToLower(path.Base(name))
	ext := strings.TrimPrefix(path.Ext(base), ".")
	if templateEnds[ext] {
		ext = strings.TrimPrefix(path.Ext(strings.TrimSuffix(base, "."+ext)), ".")
	}
	return ext
}

var templateEnds = map[string]bool{"example": true, "sample": true, "dist": true, "template": true, "tmpl": true, "tpl": true, "default": true}

var readers = map[string]func([]byte) ([]leaf, *fault){
	"yaml": readYAML, "yml": readYAML, "json": readJSON, "toml": readTOML,
	"properties": readProperties, "ini": readProperties, "conf": readProperties, "cfg": readProperties, "cnf": readProperties,
}
