package compose

import (
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/intscan/intscan/scanners"
	"go.yaml.in/yaml/v4"
)

// hosts are the names by which the services of the project reach each other.
func (m *merged) hosts(services types.Services) map[string]bool {
	out := map[string]bool{}
	for _, d := range m.docs {
		for k := range pairs(d.services()) {
			out[k.Value] = true
		}
	}
	for _, s := range services {
		out[s.ContainerName], out[s.Hostname] = true, true
		for _, n := range s.Networks {
			if n != nil {
				for _, a := range n.Aliases {
					out[a] = true
				}
			}
		}
	}
	delete(out, "")
	return out
}

// environment reads the variables of a service. Values live no longer than this.
func (m *merged) environment(service string, hosts map[string]bool) []Variable {
	var out []Variable
	seen := map[string]bool{}
	add := func(l layer, at *yaml.Node, name, value string, given bool) {
		name, _ = m.vars.expand(name)
		if name == "" || seen[name] {
			return
		}
		seen[name] = true
		v := Variable{Position: l.at(at), Name: name}
		expanded, refs := m.vars.reveal(value)
		if !given {
			expanded = m.vars[name] // passed on from the project's .env
			refs = []reference{{name: name}}
		}
		for _, r := range refs {
			if !r.invalid && !slices.Contains(v.References, r.name) {
				v.References = append(v.References, r.name)
			}
		}
		v.Secret = scanners.SecretName(name) || scanners.SecretValue(expanded)
		v.Literal = scanners.LiteralSecret(name, value)
		v.Endpoint = endpoint(name, expanded, hosts)
		out = append(out, v)
	}
	for _, l := range m.layers(service, "environment") {
		for k, v := range pairs(l.value) {
			add(l, k, k.Value, text(v), v.Tag != "!!null")
		}
		for _, n := range items(l.value) {
			name, value, given := strings.Cut(text(n), "=")
			add(l, n, name, value, given)
			if n.Kind != yaml.ScalarNode {
				m.warn(l.at(n), "service %s: an entry of environment is no text; compose rejects it", service)
			}
			for k, v := range pairs(n) { // "- KEY: value" is a common slip
				add(l, k, k.Value, text(v), true)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Variable) int { return a.Position.Compare(b.Position) })
	return out
}

// endpoint is where the value of a variable points. Unlike elsewhere, a bare word
// does where it is the name of a service of the project.
func endpoint(name, value string, hosts map[string]bool) *scanners.Endpoint {
	value = strings.TrimSpace(value)
	if e := scanners.EndpointOf(name, value); e != nil {
		return e
	}
	if hosts[value] && !scanners.SecretName(name) && !harmlessName(name) {
		return &scanners.Endpoint{Host: value}
	}
	return nil
}

// notHosts are the last words of names whose values often equal a service's name
// and point nowhere: POSTGRES_DB=app beside a service app.
var notHosts = map[string]bool{
	"db": true, "database": true, "dbname": true, "name": true, "user": true, "username": true, "schema": true,
	"env": true, "environment": true, "mode": true, "type": true, "driver": true, "dialect": true, "engine": true,
	"provider": true, "backend": true, "exporter": true, "level": true, "namespace": true, "vhost": true, "bucket": true,
	"topic": true, "queue": true, "realm": true, "role": true, "profile": true, "profiles": true, "service": true,
}

func harmlessName(name string) bool {
	name = strings.ToLower(name)
	return notHosts[name[strings.LastIndexAny(name, "_-.")+1:]]
}

// command is the harmless beginning of what a service runs, as the file writes it.
func (m *merged) command(service string) []string {
	var words []string
	for _, attribute := range []string{"entrypoint", "command"} {
		if ls := m.layers(service, attribute); len(ls) > 0 {
			if n := ls[0].value; n.Kind == yaml.ScalarNode {
				words = append(words, strings.Fields(text(n))...)
			} else {
				for _, item := range items(n) {
					words = append(words, text(item))
				}
			}
		}
	}
	return safeWords(words)
}

// maxWords bounds what is kept of a command.
const maxWords = 12

// safeWords keeps the program, the plain lower-case words that follow it, and after
// those only the names of long flags: their values may be secrets.
func safeWords(words []string) []string {
	var out []string
	plainWords := true
	for i, w := range words {
		flag, _, _ := strings.Cut(w, "=")
		switch {
		case len(out) >= maxWords || len(flag) > 64 || strings.ContainsAny(flag, "$\"'`;|&()<>@:"):
			plainWords = false
		case i == 0 && !strings.Contains(w, "="):
			out = append(out, w)
		case plainWords && strings.Trim(w, "abcdefghijklmnopqrstuvwxyz-") == "" && w[0] != '-' && !scanners.SecretValue(w):
			out = append(out, w)
		case strings.HasPrefix(flag, "--") && strings.Trim(flag[2:], "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") == "":
			plainWords = false
			out = append(out, flag)
		default:
			plainWords = false
		}
	}
	return out
}

// references are the variables that the scalars below n interpolate.
func (d *document) references(n *yaml.Node) []Reference {
	var out []Reference
	if n.Kind == yaml.ScalarNode && strings.Contains(n.Value, "$") {
		_, refs := variables{}.expand(n.Value)
		for _, r := range refs {
			if !r.invalid {
				out = append(out, Reference{d.position(n), r.name, r.hasDefault, r.required})
			}
		}
	}
	for i, c := range n.Content {
		if n.Kind != yaml.MappingNode || i%2 == 1 {
			out = append(out, d.references(c)...)
		}
	}
	return out
}
