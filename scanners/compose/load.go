package compose

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/template"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/intscan/intscan/scanners"
	"github.com/sirupsen/logrus"
	"go.yaml.in/yaml/v4"
)

// quiet stops compose-go from writing its warnings to the standard error stream
// of the person who scans.
var quiet = sync.OnceFunc(func() { logrus.SetOutput(io.Discard) })

// load gives files to compose-go and returns its merged services. All that would
// make it look beyond the bytes it is given is off: includes and extended files
// are resolved before, env and label files are not read, paths are not made
// absolute, variables are not taken from the environment.
func load(ctx context.Context, vars variables, contents ...[]byte) (services types.Services, err error) {
	quiet()
	// It panics on some values of a wrong type. That is a rejection like others,
	// whose cause can be found, not a reason to give up the project.
	defer func() {
		if r := recover(); r != nil {
			services, err = nil, errors.New("a value is of the wrong type")
		}
	}()
	details := types.ConfigDetails{WorkingDir: ".", Environment: types.Mapping(maps.Clone(vars))}
	for i, content := range contents {
		details.ConfigFiles = append(details.ConfigFiles, types.ConfigFile{Filename: fmt.Sprintf("file %d", i+1), Content: content})
	}
	project, err := loader.LoadWithContext(ctx, details, func(o *loader.Options) {
		o.SkipInclude = true
		o.SkipResolveEnvironment = true
		o.SkipResolveLabels = true
		o.ResolvePaths = false
		o.SkipConsistencyCheck = true
		o.SkipValidation = true
		o.Profiles = []string{"*"}
		o.SetProjectName("project", true)
		o.Interpolate.LookupValue = func(string) (string, bool) { return "", false }
		o.Interpolate.Substitute = func(text string, _ template.Mapping) (string, error) {
			out, _ := vars.expand(text)
			return out, nil
		}
	})
	if err != nil {
		return nil, err
	}
	return project.AllServices(), nil
}

// separate are the attributes of services that compose-go is not given. Ports and
// environment are read from the YAML alone: compose-go expands each port range to
// its ports, and rejects a file for a port whose variable has no value here. The
// others are nobody's facts, and what is not given is not quoted in an error.
var separate = []string{
	"ports", "expose", "environment", "command", "entrypoint", "labels", "annotations", "secrets", "configs",
	"logging", "develop", "post_start", "pre_stop", "pre_start", "sysctls", "provider",
}

// merging are the top-level keys that compose-go is given.
var merging = map[string]bool{"services": true, "volumes": true, "networks": true}

// services merges the project with compose-go. Where it rejects the files, what
// it rejects is found, reported at its line and left out; where that does not
// help, the result is nil.
func (m *merged) services(ctx context.Context) types.Services {
	var trees []*yaml.Node
	for _, d := range m.docs {
		root := clone(d.root)
		for k := range pairs(d.root) {
			if !merging[k.Value] {
				remove(root, k.Value)
			}
		}
		for _, s := range pairs(get(root, "services")) {
			for _, key := range separate {
				remove(s, key)
			}
			for _, key := range []string{"args", "secrets", "labels", "ssh"} {
				remove(get(s, "build"), key)
			}
		}
		trees = append(trees, root)
	}
	services, err := m.loadTrees(ctx, trees)
	if err == nil {
		return services
	}
	if !m.prune(ctx, trees) {
		m.warn(m.position(err), "compose rejects the project: %s", oneLine(err))
	}
	if services, err = m.loadTrees(ctx, trees); err == nil {
		return services
	}
	for _, t := range trees {
		for _, k := range slices.Collect(keys(t)) {
			if k != "services" {
				remove(t, k)
			}
		}
	}
	if services, err = m.loadTrees(ctx, trees); err != nil {
		m.warn(m.position(err), "compose cannot merge the project (%s); its services are reported as each file has them", oneLine(err))
		return nil
	}
	return services
}

func (m *merged) loadTrees(ctx context.Context, trees []*yaml.Node) (types.Services, error) {
	var contents [][]byte
	for _, t := range trees {
		if len(t.Content) == 0 {
			continue
		}
		b, err := yaml.Dump(t)
		if err != nil {
			return nil, err
		}
		contents = append(contents, b)
	}
	return load(ctx, m.vars, contents...)
}

// maxTrials bounds the loads made to find a fault.
const maxTrials = 500

// prune removes each attribute that compose-go rejects by itself, and reports it.
func (m *merged) prune(ctx context.Context, trees []*yaml.Node) bool {
	trials, found := 0, false
	bad := func(tree *yaml.Node) error {
		if trials++; trials > maxTrials || ctx.Err() != nil {
			return nil
		}
		_, err := m.loadTrees(ctx, []*yaml.Node{tree})
		return err
	}
	drop := func(d *document, from *yaml.Node, key *yaml.Node, what string, err error) {
		found = true
		m.warn(d.position(key), "compose rejects %s%s; left out", what, reason(key.Value, err))
		remove(from, key.Value)
	}
	for i, t := range trees {
		d := m.docs[i]
		services := get(t, "services")
		for k, v := range pairs(clone(services)) {
			own := get(services, k.Value)
			from := m.origin[d.service(k.Value)]
			if from == nil {
				from = d
			}
			if v.Kind != yaml.MappingNode || k.Value == "" {
				drop(d, services, k, "service "+k.Value, fmt.Errorf("must be a mapping"))
				continue
			}
			remove(v, "extends")
			if bad(wrap("services", k.Value, v)) == nil {
				continue
			}
			for key, value := range pairs(v) {
				attr := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
				set(attr, key.Value, value)
				if err := bad(wrap("services", k.Value, attr)); err != nil {
					drop(from, own, key, fmt.Sprintf("%q of service %s", key.Value, strings.TrimPrefix(k.Value, borrowed)), err)
				}
			}
		}
		for k, v := range pairs(clone(t)) {
			if k.Value == "services" && v.Kind == yaml.MappingNode {
				continue
			}
			one := wrap("services", "x", wrap("image", "", nil))
			set(one, k.Value, v)
			if err := bad(one); err != nil {
				drop(d, t, k, fmt.Sprintf("top-level %q", k.Value), err)
			}
		}
	}
	return found
}

// wrap makes {outer: {inner: value}}, or {outer: x} without an inner key.
func wrap(outer, inner string, value *yaml.Node) *yaml.Node {
	at := &yaml.Node{}
	out := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	if inner == "" {
		set(out, outer, scalar("x", at))
		return out
	}
	in := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	set(in, inner, value)
	set(out, outer, in)
	return out
}

// wordy are the attributes whose errors quote no value that could be a secret.
var wordy = map[string]bool{
	"restart": true, "depends_on": true, "deploy": true, "networks": true, "volumes": true, "healthcheck": true,
	"image": true, "profiles": true, "stop_grace_period": true, "mem_limit": true, "cpus": true, "ulimits": true,
	"read_only": true, "privileged": true, "init": true, "tty": true, "scale": true, "container_name": true,
}

func reason(attribute string, err error) string {
	if !wordy[attribute] {
		return ""
	}
	return ": " + oneLine(err)
}

// quoted is what errors quote from the file: it may be a secret.
var quoted = regexp.MustCompile(`"(\\.|[^"\\])*"`)

func oneLine(err error) string {
	text := strings.Join(strings.Fields(err.Error()), " ")
	text = scanners.Redact(quoted.ReplaceAllString(text, `"..."`))
	if len(text) > 300 {
		text = text[:300] + "..."
	}
	return text
}

// position is where the error of a whole project is reported: the service it
// names, or the file.
func (m *merged) position(err error) scanners.Position {
	text := err.Error()
	for _, d := range m.main {
		for k := range pairs(d.services()) {
			if strings.Contains(text, "services."+k.Value+".") || strings.Contains(text, fmt.Sprintf("%q", k.Value)) {
				return d.position(k)
			}
		}
	}
	return m.main[0].position(m.main[0].root)
}

func keys(n *yaml.Node) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for k := range pairs(n) {
			if !yield(k.Value) {
				return
			}
		}
	}
}
