package detect

import (
	"slices"
	"strings"

	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/gosrc"
)

// InsecureKind says what an insecure connection lacks.
type InsecureKind string

// The kinds of insecure connections.
const (
	InsecureCertificates InsecureKind = "certificates" // the peer's certificate is not verified
	InsecureHTTP         InsecureKind = "http"         // plain HTTP to a host outside
	InsecureDatabase     InsecureKind = "database"     // a connection string that switches TLS off
)

// Insecure is a connection that others on the network can read or take over.
type Insecure struct {
	scanners.Position
	Kind        InsecureKind `json:"kind"`
	Integration string       `json:"integration,omitempty"`
	Host        string       `json:"host,omitempty"`
	// Name is the function, or the variable or key, that makes it so.
	Name string `json:"name"`
}

// insecure gathers what production code and files say of their connections.
func (inv *inventory) insecure(sites []*site) []Insecure {
	out := []Insecure{}
	add := func(i Insecure) {
		if !slices.ContainsFunc(out, func(o Insecure) bool { return o.Position == i.Position && o.Kind == i.Kind }) {
			out = append(out, i)
		}
	}
	ids := inv.p.idsByMaker(sites)
	for _, st := range inv.p.stores[skipVerify] {
		if id := ids[st.At]; inv.p.skipsVerification(st) && inv.calls(id) {
			add(Insecure{Position: st.At, Kind: InsecureCertificates, Integration: id, Name: st.Fn.Name})
		}
	}
	for _, s := range sites {
		if !inv.p.inProduction(s.call.Fn) {
			continue
		}
		for _, a := range s.peers {
			if a.scheme == "http" && externalHost(a.host) {
				add(Insecure{Position: a.at, Kind: InsecureHTTP, Integration: s.id, Host: a.host, Name: s.call.Fn.Name})
			}
		}
		if s.client != nil {
			for _, at := range inv.p.plainConnections(s) {
				add(Insecure{Position: at, Kind: InsecureDatabase, Integration: s.id, Name: s.call.Fn.Name})
			}
		}
	}
	inv.eachSetting(func(set setting) {
		e := set.endpoint
		if e == nil || !inv.deployed(set.at.File) || !externalHost(e.Host) {
			return
		}
		switch {
		case e.Plain:
			add(Insecure{Position: set.at, Kind: InsecureDatabase, Host: e.Host, Name: set.name})
		case e.Scheme == "http" && set.read:
			add(Insecure{Position: set.at, Kind: InsecureHTTP, Host: e.Host, Name: set.name})
		}
	})
	slices.SortFunc(out, func(a, b Insecure) int { return a.Position.Compare(b.Position) })
	return out
}

// calls: a client goes to an integration with the setting. A probe that only looks
// at what the other side offers goes to none but the network.
func (inv *inventory) calls(id string) bool {
	system, _, _ := strings.Cut(id, ":")
	sys := inv.p.cat.System(system)
	return id != "" && system != "tcp" && system != "udp" && (sys == nil || sys.Kind != "network")
}

const skipVerify = "crypto/tls.Config.InsecureSkipVerify"

// skipsVerification: verification is always off: the constant true, in no branch,
// in a function that somebody calls outside of one, with no check of its own instead.
func (p *program) skipsVerification(st gosrc.Store) bool {
	if st.Guarded || !p.inProduction(st.Fn) || st.Value.Kind != gosrc.Const || st.Value.Text != "true" {
		return false
	}
	for _, own := range []string{"VerifyPeerCertificate", "VerifyConnection"} {
		for _, o := range p.stores["crypto/tls.Config."+own] {
			if o.Fn == st.Fn {
				return false
			}
		}
	}
	callers := p.callers[st.Fn]
	return len(callers) == 0 || slices.ContainsFunc(callers, func(c *gosrc.Call) bool { return !c.Guarded })
}

// plainConnections are the literals in the construction of a site's client that
// switch TLS off, where the host beside them is not the machine itself.
func (p *program) plainConnections(s *site) []scanners.Position {
	var out []scanners.Position
	var text func(v *gosrc.Value, depth int)
	text = func(v *gosrc.Value, depth int) {
		if depth > 3 {
			return
		}
		for _, o := range p.origins(v) {
			switch o.Kind {
			case gosrc.Const:
				if scanners.PlainConnection(o.Text) && !localConnection(o.Text) && !slices.Contains(out, o.At) {
					out = append(out, o.At)
				}
			case gosrc.Concat:
				for _, a := range o.Args {
					text(a, depth+1)
				}
			case gosrc.Result:
				if o.Call.Callee == "fmt.Sprintf" && len(o.Call.Args) > 0 {
					text(o.Call.Args[0], depth+1)
				}
			}
		}
	}
	for _, st := range p.construct(s.client).steps {
		if strings.HasSuffix(st.symbol, ".DialFunc") || strings.HasSuffix(st.symbol, ".Dialer") {
			return nil // a dialer of the repository's choice encrypts
		}
		if st.call != nil {
			for _, a := range st.call.Args {
				if isData(a.Type) || a.Type == "" {
					text(a, 0)
				}
			}
		} else if st.value != nil && st.value.Kind != gosrc.Composite && isData(st.value.Type) {
			text(st.value, 0)
		}
	}
	return out
}

func localConnection(text string) bool {
	e, ok := scanners.ParseEndpoint(text)
	return ok && isLocal(e.Host) || strings.Contains(text, "host=localhost") || strings.Contains(text, "host=/")
}

// setting is a variable or key that a file sets.
type setting struct {
	name     string
	at       scanners.Position
	source   scanners.Source
	endpoint *scanners.Endpoint
	literal  bool
	example  bool
	read     bool // production code reads a variable of this name
}

// eachSetting visits what the files of all kinds set.
func (inv *inventory) eachSetting(visit func(setting)) {
	read := map[string]bool{}
	for _, names := range inv.p.getenvs() {
		for _, n := range names {
			read[n] = true
		}
	}
	for _, t := range inv.p.tags {
		read[t.Name] = true
	}
	for _, f := range inv.f.EnvFiles {
		for _, v := range f.Variables {
			visit(setting{v.Name, v.Position, scanners.SourceEnv, v.Endpoint, v.Literal, f.Example, read[v.Name]})
		}
	}
	for _, c := range inv.f.Config {
		visit(setting{c.Key, c.Position, scanners.SourceConfig, c.Endpoint, c.Literal, false, false})
	}
	for _, pr := range inv.f.Projects {
		for _, s := range pr.Services {
			for _, v := range s.Environment {
				visit(setting{v.Name, v.Position, scanners.SourceCompose, v.Endpoint, v.Literal, false, read[v.Name]})
			}
		}
	}
	for _, d := range inv.f.Docker {
		for _, v := range d.Env {
			visit(setting{v.Name, v.Position, scanners.SourceDockerfile, v.Endpoint, v.Literal, false, read[v.Name]})
		}
	}
	for _, w := range inv.f.Kube.Workloads {
		for _, c := range w.Containers {
			for _, v := range c.Env {
				visit(setting{v.Name, v.Position, scanners.SourceKubernetes, v.Endpoint, v.Literal, false, read[v.Name]})
			}
		}
	}
	for _, m := range inv.f.Kube.ConfigMaps {
		for _, v := range m.Data {
			visit(setting{v.Name, v.Position, scanners.SourceKubernetes, v.Endpoint, v.Literal, false, read[v.Name]})
		}
	}
}
