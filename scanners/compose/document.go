package compose

import (
	"bytes"
	"errors"
	"io"
	"path"
	"strings"

	"github.com/intscan/intscan/scanners"
	"go.yaml.in/yaml/v4"
	"go.yaml.in/yaml/v4/plugin/loaderlimits"
)

// maxFileSize is the size of the largest compose file that is read.
const maxFileSize = 1 << 20

// document is one compose file as a plain tree.
type document struct {
	file  string
	root  *yaml.Node // a mapping
	diags []scanners.Diagnostic
	index map[string]*yaml.Node // services by name
}

func (d *document) dir() string { return path.Dir(d.file) }

func (d *document) services() *yaml.Node { return get(d.root, "services") }

// service finds the entry of a service, nil where there is none.
func (d *document) service(name string) *yaml.Node { return d.index[name] }

func (d *document) makeIndex() {
	d.index = map[string]*yaml.Node{}
	for k, v := range pairs(d.services()) {
		d.index[k.Value] = v
	}
}

// addService adds an entry that is not there yet.
func (d *document) addService(name string, entry *yaml.Node) {
	services := d.services()
	services.Content = append(services.Content, scalar(name, entry), entry)
	d.index[name] = entry
}

func (d *document) position(n *yaml.Node) scanners.Position {
	if n == nil {
		return scanners.Position{File: d.file}
	}
	return scanners.Position{File: d.file, Line: n.Line, Column: n.Column}
}

func (d *document) copy() *document {
	c := &document{file: d.file, root: clone(d.root)}
	c.makeIndex()
	return c
}

func diagnostic(severity scanners.Severity, at scanners.Position, text string) scanners.Diagnostic {
	return scanners.Diagnostic{Severity: severity, Scanner: "compose", Position: at, Message: text}
}

// parse reads the bytes of a compose file into a plain tree. root is nil where the
// file is no YAML mapping; the diagnostics say why.
func parse(file string, content []byte) *document {
	d := &document{file: file}
	fail := func(err error) *document {
		at := scanners.Position{File: file}
		text := err.Error()
		var f *fault
		var le *yaml.LoadError
		switch {
		case errors.As(err, &f):
			at.Line, at.Column = f.line, f.column
		case errors.As(err, &le):
			text = "not valid YAML: " + oneLine(errors.New(le.Message))
			at.Line, at.Column = le.Mark.Line, le.Mark.Column
			if at.Line == 0 {
				at.Line, at.Column = le.ContextMark.Line, le.ContextMark.Column
			}
		}
		d.diags = append(d.diags, diagnostic(scanners.SeverityError, at, text))
		return d
	}
	if len(content) > maxFileSize {
		return fail(errors.New("over 1 MiB, too large for a compose file; not read"))
	}
	loader, err := yaml.NewLoader(bytes.NewReader(content), yaml.WithUniqueKeys(false),
		yaml.WithPlugin(loaderlimits.New(loaderlimits.DepthValue(2*maxDepth))))
	if err != nil {
		return fail(err)
	}
	var first yaml.Node
	if err := loader.Load(&first); err == io.EOF {
		d.diags = append(d.diags, diagnostic(scanners.SeverityInfo, scanners.Position{File: file}, "has no content but comments"))
		return d
	} else if err != nil {
		return fail(err)
	}
	root, repeats, err := flatten(&first)
	if err != nil {
		return fail(err)
	}
	if root.Kind != yaml.MappingNode {
		return fail(faultAt(root, "the top level is not a mapping; not a compose file"))
	}
	for _, r := range repeats {
		d.diags = append(d.diags, diagnostic(scanners.SeverityWarning, scanners.Position{File: file, Line: r.line, Column: r.column}, r.text))
	}
	var second yaml.Node
	if loader.Load(&second) == nil {
		d.diags = append(d.diags, diagnostic(scanners.SeverityWarning, d.position(&second),
			"a second YAML document begins here; only the first one was read"))
	}
	d.root = root
	d.firstVersion()
	d.makeIndex()
	return d
}

// firstVersion wraps a file of the format before version 2, whose services stand at
// the top level, into today's format.
func (d *document) firstVersion() {
	if get(d.root, "services") != nil || get(d.root, "include") != nil || get(d.root, "version") != nil {
		return
	}
	n := 0
	for _, v := range pairs(d.root) {
		if get(v, "image") == nil && get(v, "build") == nil {
			return
		}
		n++
	}
	if n == 0 {
		return
	}
	services := *d.root
	d.root = &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: services.Line, Column: services.Column}
	set(d.root, "services", &services)
	d.diags = append(d.diags, diagnostic(scanners.SeverityInfo, d.position(&services),
		"services stand at the top level, the format before version 2; docker compose rejects it today"))
}

// topLevel are the keys of a compose file.
var topLevel = map[string]bool{
	"version": true, "name": true, "services": true, "volumes": true, "networks": true, "configs": true,
	"secrets": true, "include": true, "models": true, "jobs": true,
}

// looksLikeCompose tells a compose file of an unusual name from the many other
// YAML files that have services at their top level.
func (d *document) looksLikeCompose() bool {
	if d.root == nil || !d.knownKeys() {
		return false
	}
	made := 0
	for _, s := range pairs(d.services()) {
		if s.Kind != yaml.MappingNode {
			return false
		}
		image, build := get(s, "image"), get(s, "build")
		if image != nil && image.Kind != yaml.ScalarNode {
			return false
		}
		if image != nil || build != nil {
			made++
		}
	}
	return made > 0
}

// knownKeys reports whether all top-level keys are those of compose files.
func (d *document) knownKeys() bool {
	for k := range pairs(d.root) {
		if !topLevel[k.Value] && !strings.HasPrefix(k.Value, "x-") {
			return false
		}
	}
	return true
}

// defines reports whether a service entry can stand alone.
func defines(service *yaml.Node) bool {
	for _, key := range []string{"image", "build", "provider"} {
		if get(service, key) != nil {
			return true
		}
	}
	return false
}
