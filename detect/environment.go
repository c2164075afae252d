package detect

import (
	"path"
	"slices"
	"strings"

	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/gosrc"
)

// Environment says where code and files disagree about environment variables.
type Environment struct {
	// Undefined are variables that production code reads with os.Getenv, without a
	// default or a test, and that no file of the repository defines though its files
	// define most others.
	Undefined []VariableUse `json:"undefined"`
	// Unused are definitions for a program of the repository that its code does not
	// read.
	Unused []VariableUse `json:"unused"`
	// Unchecked are reads whose value goes into a client as it is, empty or not.
	Unchecked []VariableUse `json:"unchecked"`
}

// VariableUse is a place that reads or defines a variable.
type VariableUse struct {
	scanners.Position
	Name        string `json:"name"`
	Integration string `json:"integration,omitempty"`
	Function    string `json:"function,omitempty"` // that reads it
	Secret      bool   `json:"secret,omitempty"`
}

// environment compares the reads of production code with the files.
func (inv *inventory) environment(sites []*site, vars []Variable) Environment {
	e := Environment{Undefined: []VariableUse{}, Unused: []VariableUse{}, Unchecked: []VariableUse{}}
	reads := inv.p.getenvs()
	tested := inv.p.testedReads()
	e.Unchecked = inv.p.uncheckedReads(sites, reads, tested)
	if !inv.p.readsWholeEnvironment() {
		e.Undefined = inv.undefined(vars, reads, e.Unchecked)
		if !inv.otherLanguages() {
			e.Unused = inv.unused(vars)
		}
	}
	for _, list := range [][]VariableUse{e.Undefined, e.Unused, e.Unchecked} {
		slices.SortFunc(list, func(a, b VariableUse) int { return a.Position.Compare(b.Position) })
	}
	return e
}

// getenvs are the calls of os.Getenv in production code with the names they read.
func (p *program) getenvs() map[*gosrc.Call][]string {
	out := map[*gosrc.Call][]string{}
	p.eachCall(func(c *gosrc.Call) {
		if c.Callee != "os.Getenv" || len(c.Args) != 1 || !p.atWork(c.Fn) {
			return
		}
		for _, o := range p.origins(c.Args[0]) {
			if o.Kind == gosrc.Const && validVariable(o.Text) {
				out[c] = append(out[c], o.Text)
			}
		}
	})
	return out
}

// testedReads are the calls of os.Getenv whose result the code compares, measures,
// parses or has a default for, there or wherever the value ends up.
func (p *program) testedReads() map[*gosrc.Call]bool {
	out := map[*gosrc.Call]bool{}
	for _, pkg := range p.pkgs {
		for _, v := range pkg.Tested {
			p.markGetenv(v, out, 0)
		}
	}
	p.everyCall(func(c *gosrc.Call) {
		if c.Callee == "cmp.Or" || parses(c) {
			for _, a := range c.Args {
				p.markGetenv(a, out, 0)
			}
		}
	})
	return out
}

// parses: functions of the standard library that refuse an empty text.
func parses(c *gosrc.Call) bool {
	switch pkg, name := catalog.SplitSymbol(c.Callee); pkg {
	case "strconv", "time", "net", "net/netip", "encoding/base64", "encoding/hex", "os":
		return c.Error && name != "Getenv"
	}
	return false
}

func (p *program) markGetenv(v *gosrc.Value, out map[*gosrc.Call]bool, depth int) {
	if depth > 4 {
		return
	}
	for _, o := range p.origins(v) {
		switch {
		case o.Kind != gosrc.Result:
		case o.Call.Callee == "os.Getenv":
			out[o.Call] = true
		case packageOf(o.Call.Callee) == "strings":
			for _, a := range o.Call.Args {
				p.markGetenv(a, out, depth+1)
			}
		}
	}
}

// uncheckedReads finds the untested reads in what the clients of calls are made of.
func (p *program) uncheckedReads(sites []*site, reads map[*gosrc.Call][]string, tested map[*gosrc.Call]bool) []VariableUse {
	out := []VariableUse{}
	seen := map[*gosrc.Call]bool{}
	note := func(s *site, v *gosrc.Value) {
		for _, c := range p.getenvIn(v, 0) {
			if seen[c] || tested[c] || c.Guarded || len(reads[c]) != 1 || !matters(reads[c][0]) || optionalCredential(s, reads[c][0], p.cat) {
				continue
			}
			seen[c] = true
			out = append(out, VariableUse{Position: c.At, Name: reads[c][0], Integration: s.id, Function: c.Fn.Name, Secret: scanners.SecretName(reads[c][0])})
		}
	}
	for _, s := range sites {
		if s.client == nil || p.scope[s.call.Fn.Pkg] != ScopeRuntime {
			continue
		}
		for _, st := range p.construct(s.client).steps {
			switch {
			case st.call != nil:
				for _, a := range st.call.Args {
					note(s, a)
				}
			case st.value != nil && st.value.Kind != gosrc.Composite:
				note(s, st.value)
			}
		}
	}
	return out
}

// getenvIn are the calls of os.Getenv that a text is made of.
func (p *program) getenvIn(v *gosrc.Value, depth int) []*gosrc.Call {
	var out []*gosrc.Call
	if depth > 3 {
		return nil
	}
	for _, o := range p.origins(v) {
		switch {
		case o.Kind == gosrc.Concat:
			for _, a := range o.Args {
				out = append(out, p.getenvIn(a, depth+1)...)
			}
		case o.Kind != gosrc.Result:
		case o.Call.Callee == "os.Getenv":
			out = append(out, o.Call)
		case o.Call.Callee == "fmt.Sprintf" || packageOf(o.Call.Callee) == "strings":
			for _, a := range o.Call.Args {
				out = append(out, p.getenvIn(a, depth+1)...)
			}
		}
	}
	return out
}

// matters: an address or a credential, without which a client cannot work, and none
// that libraries find by themselves.
func matters(name string) bool {
	return (isAddressName(name) || scanners.SecretName(name)) && !wellKnown(name)
}

// optionalCredential: caches and brokers run without a password as often as with one.
func optionalCredential(s *site, name string, cat *catalog.Catalog) bool {
	sys := cat.System(s.system)
	return sys != nil && (sys.Kind == "cache" || sys.Kind == "messaging") && scanners.SecretName(name) && !isAddressName(name)
}

// readsWholeEnvironment: code that reads all variables, or any by a rule, shows too
// little of which.
func (p *program) readsWholeEnvironment() bool {
	found := false
	p.eachCall(func(c *gosrc.Call) {
		switch pkg, name := catalog.SplitSymbol(c.Callee); {
		case c.Callee == "os.Environ", strings.HasPrefix(pkg, "github.com/knadh/koanf") && strings.HasPrefix(name, "Provider"),
			pkg == viperPackage && strings.HasSuffix(name, "AutomaticEnv"), pkg == "github.com/joho/godotenv" && name == "Read":
			found = true
		}
	})
	return found
}

// undefined finds, of the variables that go unchecked into clients, those that no
// file defines, in repositories whose files define most of what production code reads.
func (inv *inventory) undefined(vars []Variable, reads map[*gosrc.Call][]string, unchecked []VariableUse) []VariableUse {
	defined := map[string]bool{}
	for _, v := range vars {
		defined[v.Name] = len(v.Defined) > 0
	}
	for _, m := range inv.f.Kube.ConfigMaps {
		for _, d := range m.Data {
			defined[d.Name] = true
		}
	}
	known, all := map[string]bool{}, map[string]bool{}
	for _, names := range reads {
		for _, name := range names {
			if !wellKnown(name) {
				all[name] = true
				known[name] = defined[name]
			}
		}
	}
	out := []VariableUse{}
	n := 0
	for name := range all {
		if known[name] {
			n++
		}
	}
	if n < 3 || 3*n < 2*len(all) {
		return out
	}
	for _, u := range unchecked {
		if !defined[u.Name] {
			out = append(out, u)
		}
	}
	return out
}

// otherLanguages: some image of the repository is built for code that is no Go, which
// may read what Go does not.
func (inv *inventory) otherLanguages() bool {
	for _, d := range inv.f.Docker {
		for _, s := range d.Stages {
			name := strings.ToLower(catalog.ImageName(s.From))
			for _, lang := range []string{"node", "python", "openjdk", "temurin", "gradle", "maven", "dotnet", "ruby", "php", "rust", "elixir", "bun", "deno"} {
				if words(strings.ReplaceAll(name, "/", "-"), map[string]bool{lang: true}) {
					return true
				}
			}
		}
	}
	return false
}

// unused finds the definitions that no code reads: in .env files of which the
// repository's Go code reads most, and for compose services that run its binaries.
func (inv *inventory) unused(vars []Variable) []VariableUse {
	read := map[string]bool{}
	for _, v := range vars {
		read[v.Name] = len(v.Reads) > 0
	}
	foreign := inv.foreignEnvFiles()
	out := []VariableUse{}
	for _, f := range inv.f.EnvFiles {
		var idle []VariableUse
		used := 0
		for _, v := range f.Variables {
			switch {
			case read[v.Name]:
				used++
			case !wellKnown(v.Name) && inv.p.cat.Variable(v.Name) == nil:
				idle = append(idle, VariableUse{Position: v.Position, Name: v.Name, Secret: v.Secret})
			}
		}
		if used >= 3 && used >= 2*len(idle) && !foreign[f.Path] {
			out = append(out, idle...)
		}
	}
	return out
}

// foreignEnvFiles are those that compose hands to images of others.
func (inv *inventory) foreignEnvFiles() map[string]bool {
	out := map[string]bool{}
	for _, pr := range inv.f.Projects {
		for _, s := range pr.Services {
			for _, f := range s.EnvFiles {
				if s.Build == nil {
					out[path.Clean(f)] = true
				}
			}
		}
	}
	return out
}

// wellKnown: the system, the container platform or client libraries set and read
// these themselves.
func wellKnown(name string) bool {
	for _, p := range []string{"AWS_", "OTEL_", "GOOGLE_", "GCP_", "GCLOUD_", "AZURE_", "KUBERNETES_", "COMPOSE_", "DOCKER_", "GITHUB_", "GITLAB_", "CI_", "XDG_", "LC_", "PG", "DD_", "SENTRY_", "VAULT_", "CONSUL_", "NOMAD_", "GO", "CGO_", "npm_", "NODE_", "VITE_", "NEXT_PUBLIC_", "REACT_APP_", "SSL_CERT_"} {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	switch strings.ToUpper(name) {
	case "HOME", "PATH", "USER", "USERNAME", "SHELL", "TERM", "TZ", "LANG", "PWD", "TMPDIR", "TEMP", "TMP", "HOSTNAME", "EDITOR", "VISUAL", "PAGER", "DISPLAY",
		"PORT", "CI", "DEBUG", "VERBOSE", "NO_COLOR", "COLORTERM", "FORCE_COLOR", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "KUBECONFIG", "POD_NAME", "POD_NAMESPACE",
		"POD_IP", "NODE_NAME", "NAMESPACE", "NOTIFY_SOCKET", "LISTEN_FDS", "LISTEN_PID", "JOURNAL_STREAM", "INVOCATION_ID", "SSH_AUTH_SOCK", "APPDATA",
		"LOCALAPPDATA", "USERPROFILE", "PROGRAMDATA", "SYSTEMROOT", "COMPUTERNAME", "DYNO", "FLY_REGION", "K_SERVICE", "K_REVISION", "VERSION", "COMMIT":
		return true
	}
	return false
}
