package detect

import (
	"strings"

	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/scanners/gosrc"
)

// namedPackage: a package or file named for a product, talking a generic protocol
// to a configured peer, is that product's client: pubsub/solace, certs/openbao.go,
// cli/graphql_client.go, bindings/azure/signalr.
func (p *program) namedPackage(c *gosrc.Call) *catalog.System {
	base := strings.ToLower(strings.TrimSuffix(c.At.File[strings.LastIndexByte(c.At.File, '/')+1:], ".go"))
	if words := strings.Split(base, "_"); len(words) > 1 {
		// azure_pipelines_scaler.go: the first two words may be one name.
		if sys := p.cat.Folder(words[0] + "_" + words[1]); sys != nil {
			return sys
		}
	}
	return p.namedFolder(strings.ToLower(c.Fn.Pkg.Dir) + "/" + fileStem(c.At.File))
}

// namedFolder is the product that the deepest folder with a product's name names.
func (p *program) namedFolder(dir string) *catalog.System {
	parts := strings.Split(dir, "/")
	for i := len(parts) - 1; i >= 0; i-- {
		if i > 0 {
			if sys := p.cat.System(parts[i-1] + "." + parts[i]); sys != nil {
				return sys
			}
		}
		if sys := p.cat.System(parts[i]); sys != nil && productKind(sys.Kind) && (!commonWord[sys.Slug] || !protocolWord[sys.Slug] && p.families[strings.Join(parts[:i], "/")]) {
			return sys
		}
		if sys := p.cat.Folder(parts[i]); sys != nil {
			return sys
		}
		if sys := p.inRole(parts[i]); sys != nil {
			return sys
		}
	}
	return nil
}

// inRole is the product in a name that says too what the package is for:
// slacknotifier, gitlab-client, notification-splunk.
func (p *program) inRole(name string) *catalog.System {
	for _, role := range roles {
		product, ok := strings.CutSuffix(name, role)
		if !ok {
			product, ok = strings.CutPrefix(name, role+"-")
		}
		if product = strings.TrimRight(product, "-_"); !ok || product == "" {
			continue
		}
		if sys := p.cat.System(product); sys != nil && productKind(sys.Kind) && (!commonWord[sys.Slug] || clearRoles[role] && brand(sys)) {
			return sys
		}
		if sys := p.cat.Folder(product); sys != nil {
			return sys
		}
	}
	return nil
}

// brand: beside a clear role the common word is the product's name, and no thing that
// programs deal in (segments, columns, squares).
func brand(sys *catalog.System) bool {
	switch sys.Kind {
	case "notification", "observability", "platform", "scm":
		return !protocolWord[sys.Slug]
	}
	return false
}

// clearRoles are roles that a package has only towards a product.
var clearRoles = map[string]bool{"bot": true, "client": true, "notification": true, "notifier": true}

// roles are what packages around a product's client are named for.
var roles = []string{
	"adapter", "api", "bot", "client", "connector", "driver", "exporter", "fetcher", "gateway", "hook", "importer", "integration",
	"notification", "notifier", "notify", "plugin", "provider", "publisher", "reporter", "retriever", "sdk", "sender", "service", "sink", "source", "webhook",
}

// findFamilies finds the folders with one folder or file a product: plugins,
// providers, connectors. Among them a common word is a product's name too.
func (p *program) findFamilies() {
	members := map[string]map[string]bool{}
	note := func(path string) {
		dir, name := "", path
		if i := strings.LastIndexByte(path, '/'); i >= 0 {
			dir, name = path[:i], path[i+1:]
		}
		sys := p.cat.System(name)
		if sys == nil {
			sys = p.cat.Folder(name)
		}
		if sys == nil || !productKind(sys.Kind) || commonWord[sys.Slug] {
			return
		}
		if members[dir] == nil {
			members[dir] = map[string]bool{}
		}
		members[dir][name] = true
	}
	for _, pkg := range p.pkgs {
		dir := strings.ToLower(pkg.Dir)
		parts := strings.Split(dir, "/")
		for i := range parts {
			note(strings.Join(parts[:i+1], "/"))
		}
		for _, f := range pkg.Files {
			note(dir + "/" + fileStem(f.Path))
		}
	}
	p.families = map[string]bool{}
	for dir, names := range members {
		p.families[dir] = len(names) >= minFamily
	}
}

// minFamily is how many products make a folder one of products.
const minFamily = 4

// fileStem is a file's name up to its first underscore.
func fileStem(file string) string {
	base := strings.TrimSuffix(file[strings.LastIndexByte(file, '/')+1:], ".go")
	stem, _, _ := strings.Cut(base, "_")
	return strings.ToLower(stem)
}

func productKind(kind string) bool {
	switch kind {
	case "saas", "payment", "notification", "scm", "ai", "analytics", "featureflag", "auth", "observability", "search",
		"secrets", "graphql", "platform", "messaging":
		return true
	}
	return false
}

// protocolWord are the common words that stand for a protocol or a custom: among
// products too they name none.
var protocolWord = map[string]bool{
	"webhook": true, "ldap": true, "smtp": true, "imap": true, "opentelemetry": true, "openfeature": true, "mcp": true,
	"radius": true, "kerberos": true, "git": true, "amqp": true, "mqtt": true,
}

// commonWord are slugs that folders are also named for other reasons.
var commonWord = map[string]bool{
	"webhook": true, "ldap": true, "smtp": true, "line": true, "matrix": true,
	"split": true, "linear": true, "monday": true, "atom": true, "fly": true, "increase": true, "column": true, "together": true,
	"segment": true, "square": true, "permit": true, "imap": true, "opentelemetry": true, "prometheus": true,
	"openfeature": true, "statsd": true, "mcp": true, "radius": true, "kerberos": true, "opa": true, "dex": true,
	"sphinx": true, "replicate": true, "git": true, "splunk": true, "tempo": true, "loki": true, "grafana": true, "routable": true,
	"docker": true, "amqp": true, "mqtt": true, "box": true, "doppler": true, "square.": true,
}
