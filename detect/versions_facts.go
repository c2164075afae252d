package detect

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/gosrc"
)

// Versions is what is pinned: client libraries, versions of APIs, protocols.
type Versions struct {
	Libraries []LibraryVersion  `json:"libraries"`
	APIs      []APIVersion      `json:"apis"`
	Protocols []ProtocolVersion `json:"protocols"`
}

// LibraryVersion is a client library as go.mod requires it.
type LibraryVersion struct {
	scanners.Position
	Module       string   `json:"module"`
	Version      string   `json:"version"`
	Integrations []string `json:"integrations"`
}

// APIVersion is the version of an API that code asks for.
type APIVersion struct {
	scanners.Position
	Integration string `json:"integration"`
	Kind        string `json:"kind"` // header, path, variable of the library
	Name        string `json:"name"` // the header, or the host
	Value       string `json:"value"`
}

// ProtocolVersion is the version of a protocol that a client is set to.
type ProtocolVersion struct {
	scanners.Position
	Integration string `json:"integration"`
	Setting     string `json:"setting"`
	Value       string `json:"value"`
}

func (g *planFacts) versions() Versions {
	return Versions{Libraries: g.libraryVersions(), APIs: g.apiVersions(), Protocols: g.protocolVersions()}
}

func (g *planFacts) libraryVersions() []LibraryVersion {
	used := map[string][]string{}
	for i := range g.r.Integrations {
		for _, l := range g.r.Integrations[i].Libraries {
			used[l] = append(used[l], g.r.Integrations[i].ID)
		}
	}
	out := []LibraryVersion{}
	for _, m := range g.facts.Modules.Modules {
		for _, q := range m.Requires {
			if ids := used[q.Path+"@"+q.Version]; len(ids) > 0 {
				slices.Sort(ids)
				out = append(out, LibraryVersion{Position: q.Position, Module: q.Path, Version: q.Version, Integrations: slices.Compact(ids)})
			}
		}
	}
	slices.SortFunc(out, func(a, b LibraryVersion) int {
		return cmp.Or(a.Position.Compare(b.Position), cmp.Compare(a.Module, b.Module))
	})
	return out
}

// versionPath is a path whose first parts name a version: /v1/charges, /api/v2,
// /2010-04-01.
var versionPath = regexp.MustCompile(`://[^/]+(?:/(?:api|rest))?/(v\d+(?:(?:alpha|beta)\d*)?(?:\.\d+)?|\d{4}-\d{2}(?:-\d{2})?)(?:/|$)`)

// apiVersions are versions in headers that code sets and in addresses that it calls.
func (g *planFacts) apiVersions() []APIVersion {
	out := []APIVersion{}
	g.eachFunc(func(f *gosrc.Func) {
		for _, c := range f.Calls {
			if len(c.Args) != 2 || !c.Method || !setsHeader(c.Callee) {
				continue
			}
			name, value := g.oneText(c.Args[0]), g.oneText(c.Args[1])
			if lower := strings.ToLower(name); value == "" || !strings.HasSuffix(lower, "-version") || strings.HasPrefix(lower, "sec-") || scanners.SecretValue(value) {
				continue
			}
			id := ""
			if ids := g.calledIn(f); len(ids) == 1 {
				id = ids[0]
			}
			out = append(out, APIVersion{Position: c.At, Integration: id, Kind: "header", Name: name, Value: scanners.Redact(value)})
		}
	})
	for _, pkg := range g.p.pkgs {
		if g.p.scope[pkg] != ScopeRuntime {
			continue
		}
		for _, s := range pkg.Strings {
			m := versionPath.FindStringSubmatch(s.Value)
			ep, ok := scanners.ParseEndpoint(s.Value)
			if m == nil || !ok {
				continue
			}
			id := "http:" + ep.Host
			if sys := g.p.cat.Host(ep.Host); sys != nil {
				id = sys.Slug
			}
			if g.byID[id] != nil {
				out = append(out, APIVersion{Position: s.At, Integration: id, Kind: "path", Name: ep.Host, Value: m[1]})
			}
		}
	}
	slices.SortFunc(out, func(a, b APIVersion) int { return cmp.Or(a.Position.Compare(b.Position), cmp.Compare(a.Name, b.Name)) })
	return slices.Compact(out)
}

func setsHeader(callee string) bool {
	switch callee[strings.LastIndexByte(callee, '.')+1:] {
	case "Set", "Add", "SetHeader":
		return true
	}
	return false
}

// protocolFields are settings of clients that choose a protocol's version.
var protocolFields = map[string]string{
	"github.com/IBM/sarama.Config.Version": "Kafka version", "github.com/Shopify/sarama.Config.Version": "Kafka version",
	"github.com/redis/go-redis/v9.Options.Protocol": "RESP version", "github.com/redis/go-redis/v9.UniversalOptions.Protocol": "RESP version",
	"github.com/eclipse/paho.mqtt.golang.ClientOptions.SetProtocolVersion": "MQTT version",
	"github.com/gocql/gocql.ClusterConfig.ProtoVersion":                    "CQL version",
	"crypto/tls.Config.MinVersion":                                         "least TLS version",
	"net/http.Transport.ForceAttemptHTTP2":                                 "HTTP/2",
}

func (g *planFacts) protocolVersions() []ProtocolVersion {
	found := map[ProtocolVersion]bool{}
	read := map[string]bool{}
	for _, s := range g.sites {
		if s.client == nil {
			continue
		}
		if key := constructText(s.client); key != "" {
			if read[s.id+" "+key] {
				continue
			}
			read[s.id+" "+key] = true
		}
		for _, st := range g.p.construct(s.client).steps {
			setting, ok := protocolFields[st.symbol]
			if !ok || st.at.File == "" {
				continue
			}
			found[ProtocolVersion{Position: st.at, Integration: s.id, Setting: setting, Value: g.protocolValue(&st)}] = true
		}
	}
	out := make([]ProtocolVersion, 0, len(found))
	for v := range found {
		out = append(out, v)
	}
	slices.SortFunc(out, func(a, b ProtocolVersion) int {
		return cmp.Or(a.Position.Compare(b.Position), cmp.Compare(a.Integration, b.Integration), cmp.Compare(a.Setting, b.Setting), cmp.Compare(a.Value, b.Value))
	})
	return out
}

func (g *planFacts) protocolValue(st *step) string {
	v := credentialOf(st) // the field's value or the last argument
	if v == nil {
		return ""
	}
	for _, o := range g.p.origins(v) {
		switch o.Kind {
		case gosrc.Const:
			return tlsVersion(o.Text)
		case gosrc.Global:
			return typeName(o.Name)
		}
	}
	return ""
}
