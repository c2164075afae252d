// Package kubernetes reads manifests: which workloads run which images with
// which variables and probes, and the services, config maps and secrets beside
// them. Helm templates are read where they become YAML once their actions are
// taken out; what an action would have put in is unknown.
//
// Nothing is rendered: no values, overlays or defaults are put in.
package kubernetes

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path"
	"regexp"
	"strings"

	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/yamlnode"
)

// Name is the scanner's name in diagnostics.
const Name = "kubernetes"

const (
	maxSize  = 2 << 20
	maxFiles = 20_000
)

// Result is what the manifests of a tree say, in order of files and lines.
type Result struct {
	Workloads  []Workload  `json:"workloads,omitempty"`
	Services   []Service   `json:"services,omitempty"`
	ConfigMaps []ConfigMap `json:"config_maps,omitempty"`
	Secrets    []Secret    `json:"secrets,omitempty"`
}

// Workload is what runs containers.
type Workload struct {
	Kind       string            `json:"kind"` // Deployment, CronJob, ...
	Name       string            `json:"name,omitempty"`
	Namespace  string            `json:"namespace,omitempty"`
	Position   scanners.Position `json:"position"`
	Replicas   string            `json:"replicas,omitempty"` // as written; "" where not set or left to a template
	Containers []Container       `json:"containers,omitempty"`
}

// Container is one container of a workload.
type Container struct {
	Name      string            `json:"name,omitempty"`
	Image     string            `json:"image,omitempty"` // "*" for what a template puts in
	Init      bool              `json:"init,omitempty"`  // it runs before the others, to its end
	Position  scanners.Position `json:"position"`
	Env       []Variable        `json:"env,omitempty"`
	EnvFrom   []Reference       `json:"env_from,omitempty"`
	Liveness  bool              `json:"liveness,omitempty"`
	Readiness bool              `json:"readiness,omitempty"`
	Startup   bool              `json:"startup,omitempty"`
	CPU       string            `json:"cpu,omitempty"`    // the limits, as written
	Memory    string            `json:"memory,omitempty"` //
}

// Variable is a variable of a container, or a key of a config map.
type Variable struct {
	Name     string             `json:"name"`
	Position scanners.Position  `json:"position"`
	From     *Reference         `json:"from,omitempty"` // where its value comes from
	Secret   bool               `json:"secret,omitempty"`
	Literal  bool               `json:"literal,omitempty"` // the value is a working credential as it stands
	Endpoint *scanners.Endpoint `json:"endpoint,omitempty"`
}

// Reference names a config map or secret, and a key of it or none for all.
type Reference struct {
	Kind string `json:"kind"` // ConfigMap or Secret
	Name string `json:"name,omitempty"`
	Key  string `json:"key,omitempty"`
}

// Service is a name under which workloads are reached.
type Service struct {
	Name         string            `json:"name,omitempty"`
	Namespace    string            `json:"namespace,omitempty"`
	Position     scanners.Position `json:"position"`
	Ports        []int             `json:"ports,omitempty"`
	ExternalName string            `json:"external_name,omitempty"` // a host outside the cluster that it stands for
}

// ConfigMap is a set of values. Of each value the endpoint is kept.
type ConfigMap struct {
	Name     string            `json:"name,omitempty"`
	Position scanners.Position `json:"position"`
	Data     []Variable        `json:"data,omitempty"`
}

// Secret is the name of a secret; nothing of its content is kept.
type Secret struct {
	Name     string            `json:"name,omitempty"`
	Position scanners.Position `json:"position"`
}

// Scan reads all manifests of the tree, in order of their paths.
func Scan(ctx context.Context, tree *scanners.Tree) (Result, []scanners.Diagnostic) {
	var r Result
	var diags []scanners.Diagnostic
	files := 0
	for _, f := range tree.Files() {
		ext := strings.ToLower(path.Ext(f.Path))
		if ext != ".yaml" && ext != ".yml" || f.Size > maxSize {
			continue // a manifest cannot be larger than etcd takes, 1.5 MiB
		}
		if ctx.Err() != nil {
			return r, append(diags, diagnostic(f.Path, 0, "the scan was cut short before this file"))
		}
		b, err := tree.ReadFile(f.Path)
		if err != nil || !isManifest(b) {
			continue
		}
		if files++; files > maxFiles {
			return r, append(diags, diagnostic(f.Path, 0, fmt.Sprintf("this file and the manifests after it were not read: there are over %d", maxFiles)))
		}
		one, ds := Parse(f.Path, b)
		r.Workloads = append(r.Workloads, one.Workloads...)
		r.Services = append(r.Services, one.Services...)
		r.ConfigMaps = append(r.ConfigMaps, one.ConfigMaps...)
		r.Secrets = append(r.Secrets, one.Secrets...)
		diags = append(diags, ds...)
	}
	return r, diags
}

func diagnostic(file string, line int, message string) scanners.Diagnostic {
	return scanners.Diagnostic{
		Severity: scanners.SeverityWarning, Scanner: Name,
		Position: scanners.Position{File: file, Line: line}, Message: message,
	}
}

var (
	apiVersionLine = regexp.MustCompile(`(?m)^["']?apiVersion["']?[ \t]*:`)
	kindLine       = regexp.MustCompile(`(?m)^["']?kind["']?[ \t]*:`)
)

// isManifest looks for the two keys that every manifest has.
func isManifest(b []byte) bool {
	return bytes.IndexByte(b, 0) < 0 && kindLine.Match(b) && apiVersionLine.Match(b)
}

// Parse reads the documents of one file. Those of kinds that say nothing here
// are passed over.
func Parse(file string, b []byte) (Result, []scanners.Diagnostic) {
	r := reader{file: file}
	docs, err := yamlnode.Parse(b)
	if err != nil && bytes.Contains(b, []byte("{{")) {
		// A template is no YAML, so a fault in what is left of it is none of the author's.
		docs, _ = yamlnode.Parse(withoutActions(b))
		err = nil
	}
	for _, d := range docs {
		r.object(d, 0)
	}
	var ye *yamlnode.Error
	if errors.As(err, &ye) {
		return r.Result, []scanners.Diagnostic{diagnostic(file, ye.Line, "manifests from the faulty one on were not read: "+ye.Message)}
	}
	return r.Result, nil
}

// action stands for what a template would put in. ParseEndpoint takes it for
// unknown text too.
const action = "<template>"

var (
	actionLine = regexp.MustCompile(`(?m)^[ \t]*(?:\{\{[^{}\n]*\}\}[ \t]*)+\r?$`)
	actions    = regexp.MustCompile(`\{\{[^{}\n]*\}\}`)
	comments   = regexp.MustCompile(`(?s)\{\{-?\s*/\*.*?\*/\s*-?\}\}`)
)

// withoutActions takes the actions out of a template and keeps its lines: those
// of nothing but actions become empty, elsewhere a placeholder stands in.
func withoutActions(b []byte) []byte {
	b = comments.ReplaceAllFunc(b, func(m []byte) []byte { return bytes.Repeat([]byte("\n"), bytes.Count(m, []byte("\n"))) })
	b = actionLine.ReplaceAll(b, nil)
	return actions.ReplaceAll(b, []byte(action))
}
