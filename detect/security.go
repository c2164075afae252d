package detect

import (
	"cmp"
	"slices"
	"strings"

	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/gosrc"
)

// Security is how the program proves who it is, and what its connections are
// wrapped in.
type Security struct {
	Authentication []Authentication `json:"authentication"`
	TLS            []TLSSetting     `json:"tls"`
}

// Authentication is one way in which an integration's client authenticates. An
// integration may have several; one for which none is seen has method none_found.
type Authentication struct {
	scanners.Position
	Integration string `json:"integration"`
	Method      string `json:"method"`
	Detail      string `json:"detail"` // the symbol that shows it
	// Source is where the credential comes from: variable, file, secrets_manager,
	// literal, configuration, instance (the machine's own identity), unknown. Name is
	// the variable, field or manager; never the credential.
	Source string `json:"source"`
	Name   string `json:"name"`
	// Refresh names what renews the credential by itself; "" where nothing is seen to.
	Refresh string `json:"refresh"`
}

// TLSSetting is one setting of a connection's encryption.
type TLSSetting struct {
	scanners.Position
	Integration string `json:"integration"`
	Setting     string `json:"setting"`
	Value       string `json:"value"`
}

// security reads the construction of the clients and what stands beside the calls.
func (g *planFacts) security() Security {
	a := authSearch{g: g, seen: map[string]bool{}, tls: map[TLSSetting]bool{}, refresh: map[string]string{}}
	read := map[string]bool{}
	for _, s := range g.sites {
		a.beside(s)
		if s.client == nil {
			continue
		}
		key := s.id + " " + constructText(s.client)
		if key != s.id+" " && read[key] {
			continue
		}
		read[key] = true
		for _, st := range g.p.construct(s.client).steps {
			a.step(s.id, &st)
		}
	}
	a.variables()
	return Security{Authentication: a.sorted(), TLS: a.settings()}
}

// constructText names a client by what is shared by all values that hold it; "" for
// values that only equal themselves.
func constructText(v *gosrc.Value) string {
	if (v.Kind == gosrc.Field || v.Kind == gosrc.Global) && v.Name != "" {
		return v.Name
	}
	return ""
}

type authSearch struct {
	g       *planFacts
	found   []Authentication
	seen    map[string]bool
	tls     map[TLSSetting]bool
	refresh map[string]string
}

func (a *authSearch) add(id, method, detail string, at scanners.Position, credential *gosrc.Value) {
	key := id + " " + method + " " + detail
	if a.seen[key] || at.File == "" {
		return
	}
	a.seen[key] = true
	f := Authentication{Position: at, Integration: id, Method: method, Detail: detail, Source: "unknown"}
	if method == "iam" {
		f.Source = "instance"
	} else if credential != nil {
		f.Source, f.Name = a.g.credentialSource(credential)
	}
	a.found = append(a.found, f)
}

// step takes in one step of a client's construction.
func (a *authSearch) step(id string, st *step) {
	if st.symbol == "" {
		return
	}
	a.tlsStep(id, st)
	at := st.at
	for _, p := range a.g.know.Of(packageOf(st.symbol)) {
		switch {
		case p.Topic == "refresh" && p.Proves(st.symbol):
			a.refresh[id] = p.Name
		case p.Topic == "authentication" && p.Proves(st.symbol):
			a.add(id, p.What, shortSymbol(st.symbol), at, credentialOf(st))
			return
		}
	}
	if dsn := a.g.connectionString(id, st); dsn != nil {
		a.add(id, "connection_string", shortSymbol(st.symbol), at, dsn)
		return
	}
	if method := methodByName(st); method != "" {
		a.add(id, method, shortSymbol(st.symbol), at, credentialOf(st))
	}
}

// connectionString is the argument by which a store's or broker's client is told
// where to connect and as whom: sql.Open(driver, dsn), pgxpool.New(ctx, url).
func (g *planFacts) connectionString(id string, st *step) *gosrc.Value {
	if st.call == nil || st.call.Method {
		return nil
	}
	switch g.byID[id].Kind {
	case "database", "cache", "messaging", "search":
	default:
		return nil
	}
	_, name := catalog.SplitSymbol(st.symbol)
	if g.p.declared(st.symbol) || !connects(name) {
		return nil
	}
	lib := g.p.cat.Package(packageOf(st.symbol))
	if !g.p.sharedSQL(packageOf(st.symbol)) && (lib == nil || lib.System.Slug != g.byID[id].System) {
		return nil
	}
	for _, a := range slices.Backward(st.call.Args) {
		if a.Type == "string" || a.Kind == gosrc.Concat || isSprintf(a) {
			return a
		}
	}
	return nil
}

// connects: functions that open a connection, make a client, or read the string that
// says to where.
func connects(name string) bool {
	for _, w := range []string{"Open", "Connect", "Dial", "MustConnect", "MustOpen", "Parse"} {
		if strings.HasPrefix(name, w) {
			return true
		}
	}
	rest, ok := strings.CutPrefix(name, "New")
	return ok && (rest == "" || strings.Contains(rest, "Client") || strings.Contains(rest, "Conn") || strings.Contains(rest, "Pool") || strings.Contains(rest, "DB"))
}

// credentialOf is the value that carries the credential: a field's, or the last
// argument.
func credentialOf(st *step) *gosrc.Value {
	switch {
	case st.call != nil && len(st.call.Args) > 0:
		// Names and scopes are written in code beside what is secret.
		for _, a := range slices.Backward(st.call.Args) {
			if a.Kind != gosrc.Const {
				return a
			}
		}
		return st.call.Args[len(st.call.Args)-1]
	case st.call == nil:
		return st.value
	}
	return nil
}

// methodByName tells the method by the name of an option or field of a library's
// client: WithAPIKey, Options.Password, Config.AccessToken.
func methodByName(st *step) string {
	_, name := catalog.SplitSymbol(st.symbol)
	last := name[strings.LastIndexByte(name, '.')+1:]
	for _, prefix := range []string{"With", "Set", "Use"} {
		last = strings.TrimPrefix(last, prefix)
	}
	switch last {
	case "APIKey", "ApiKey", "Apikey", "APIToken", "ApiToken", "Key":
		if last == "Key" {
			return ""
		}
		return "api_key"
	case "Token", "AccessToken", "AuthToken", "BearerToken":
		return "bearer"
	case "BasicAuth":
		return "basic"
	case "Password", "Passwd":
		return "password"
	case "SecretAccessKey", "AccessKeyID", "AccessKey", "SecretKey":
		return "access_key"
	}
	return ""
}

// beside reads what a function sets on a request that it sends.
func (a *authSearch) beside(s *site) {
	for _, c := range s.call.Fn.Calls {
		name := c.Callee[strings.LastIndexByte(c.Callee, '.')+1:]
		switch {
		case (name == "Set" || name == "Add" || name == "SetHeader") && len(c.Args) == 2 && c.Method:
			a.header(s.id, c)
		case name == "SetBasicAuth" && len(c.Args) == 2:
			a.add(s.id, "basic", shortSymbol(c.Callee), c.At, c.Args[1])
		}
	}
}

func (a *authSearch) header(id string, c *gosrc.Call) {
	header := strings.ToLower(a.g.oneText(c.Args[0]))
	switch {
	case header == "authorization":
		value := strings.ToLower(a.g.textOf(c.Args[1], 0))
		method := "authorization_header"
		for _, scheme := range []string{"bearer", "basic", "token"} {
			if strings.HasPrefix(value, scheme+" ") || strings.HasPrefix(value, scheme+"*") {
				method = map[string]string{"bearer": "bearer", "basic": "basic", "token": "bearer"}[scheme]
			}
		}
		a.add(id, method, "header Authorization", c.At, a.credentialPart(c.Args[1]))
	case strings.HasSuffix(header, "api-key") || strings.HasSuffix(header, "apikey") || strings.HasSuffix(header, "auth-token") ||
		strings.HasSuffix(header, "access-token") || strings.HasSuffix(header, "private-token") || strings.HasSuffix(header, "-auth-key"):
		a.add(id, "api_key", "header "+header, c.At, c.Args[1])
	}
}

// credentialPart is what follows the scheme in "Bearer " + token.
func (a *authSearch) credentialPart(v *gosrc.Value) *gosrc.Value {
	for _, o := range a.g.p.origins(v) {
		switch {
		case o.Kind == gosrc.Concat && len(o.Args) > 0:
			return o.Args[len(o.Args)-1]
		case isSprintf(o):
			return o.Call.Args[len(o.Call.Args)-1]
		}
	}
	return v
}

// oneText is the text of a value that is one constant.
func (g *planFacts) oneText(v *gosrc.Value) string {
	if os := g.p.origins(v); len(os) == 1 && os[0].Kind == gosrc.Const {
		return os[0].Text
	}
	return ""
}

// credentialSource says where a credential comes from.
func (g *planFacts) credentialSource(v *gosrc.Value) (source, name string) {
	return g.sourceOf(v, 0)
}

func (g *planFacts) sourceOf(v *gosrc.Value, depth int) (source, name string) {
	for _, o := range g.p.origins(v) {
		if n := g.p.variableOf(o); n != "" {
			return "variable", n
		}
		switch o.Kind {
		case gosrc.Const:
			switch {
			case o.Text == "":
			case v.Kind == gosrc.Field && g.p.declared(v.Name): // a default of what may be configured
				source, name = "configuration", shortSymbol(v.Name)
			default:
				source = cmp.Or(source, "literal")
			}
		case gosrc.Field:
			if o.Name != "" && !strings.Contains(o.Name, "@") {
				if source == "configuration" && name != shortSymbol(o.Name) {
					return source, "" // one of several
				}
				source, name = "configuration", shortSymbol(o.Name)
			}
		case gosrc.Result:
			callee := o.Call.Callee
			switch {
			case strings.HasPrefix(callee, "os.ReadFile") || strings.HasPrefix(callee, "io/ioutil.ReadFile"):
				return "file", ""
			case g.managerOf(callee) != "":
				return "secrets_manager", g.managerOf(callee)
			case packageOf(callee) == viperPackage && len(o.Call.Args) == 1:
				return "configuration", g.oneText(o.Call.Args[0])
			}
			if depth < 4 && len(o.Call.Args) > 0 && passesText(o.Call) {
				if s, n := g.sourceOf(o.Call.Args[len(o.Call.Args)-1], depth+1); s != "unknown" && s != "literal" {
					return s, n
				}
			}
		case gosrc.Composite, gosrc.List, gosrc.Concat:
			if depth < 4 {
				for _, a := range slices.Concat(o.Args, fieldValues(o)) {
					if s, n := g.sourceOf(a, depth+1); s == "variable" || s == "configuration" || s == "file" || s == "secrets_manager" {
						return s, n
					}
				}
			}
		}
	}
	return cmp.Or(source, "unknown"), name
}

// passesText: functions whose result is made of the text that they are given last.
func passesText(c *gosrc.Call) bool {
	return wrapsText(c) || strings.HasPrefix(c.Callee, "fmt.Sprint") || strings.HasPrefix(c.Callee, "strings.") || strings.HasPrefix(c.Callee, "golang.org/x/oauth2.")
}

func fieldValues(o *gosrc.Value) []*gosrc.Value {
	var out []*gosrc.Value
	for _, f := range o.Fields {
		out = append(out, f.Value)
	}
	return out
}

func (g *planFacts) managerOf(callee string) string {
	for _, p := range g.know.Of(packageOf(callee)) {
		if p.Topic == "secrets_managers" {
			return p.Name
		}
	}
	return ""
}

// variables adds, for integrations whose clients show no credential, the secret
// variable that configures them; a connection string carries its password along.
func (a *authSearch) variables() {
	shown := map[string]bool{}
	for _, f := range a.found {
		shown[f.Integration] = true
	}
	for i := range a.g.r.Integrations {
		in := &a.g.r.Integrations[i]
		if shown[in.ID] || in.Scope != ScopeRuntime || in.Direction == catalog.Inbound {
			continue
		}
		method, variable := "none_found", ""
		var at scanners.Position
		for _, v := range a.g.r.Variables {
			if v.Integration != in.ID && !slices.Contains(in.Variables, v.Name) || len(v.Reads) == 0 || !v.Secret {
				continue
			}
			method, variable, at = "by_variable", v.Name, v.Reads[0]
			if name := strings.ToUpper(v.Name); strings.HasSuffix(name, "URL") || strings.HasSuffix(name, "DSN") || strings.HasSuffix(name, "URI") {
				method = "connection_string"
			}
			break
		}
		f := Authentication{Position: at, Integration: in.ID, Method: method, Source: "unknown"}
		if variable != "" {
			f.Source, f.Name, f.Detail = "variable", variable, "variable "+variable
		} else if len(in.Evidence) > 0 {
			f.Position = in.Evidence[0].Position
		}
		a.found = append(a.found, f)
	}
}

func (a *authSearch) sorted() []Authentication {
	out := a.found
	if out == nil {
		out = []Authentication{}
	}
	for i := range out {
		switch out[i].Method {
		case "oauth2_client_credentials", "oauth2_authorization_code", "oauth2_jwt", "iam", "bearer", "vault_login", "github_app", "service_account_key", "oidc":
			out[i].Refresh = a.refresh[out[i].Integration]
		}
	}
	slices.SortFunc(out, func(x, y Authentication) int {
		return cmp.Or(cmp.Compare(x.Integration, y.Integration), x.Position.Compare(y.Position), cmp.Compare(x.Method, y.Method), cmp.Compare(x.Detail, y.Detail))
	})
	// One credential shows in several steps: a token, what holds it, its field.
	seen := map[[4]string]bool{}
	return slices.DeleteFunc(out, func(f Authentication) bool {
		key := [4]string{f.Integration, f.Method, f.Source, f.Name}
		again := seen[key]
		seen[key] = true
		return again
	})
}

// tlsFields are settings of crypto/tls that the plan shows, with what to say where
// the value is no constant.
var tlsFields = map[string]string{
	"crypto/tls.Config.InsecureSkipVerify": "", "crypto/tls.Config.MinVersion": "", "crypto/tls.Config.RootCAs": "set",
	"crypto/tls.Config.Certificates": "set", "crypto/tls.Config.ServerName": "set", "crypto/tls.Config.GetClientCertificate": "set",
	"google.golang.org/grpc.WithTransportCredentials": "", "google.golang.org/grpc.WithInsecure": "off",
	"google.golang.org/grpc/credentials/insecure.NewCredentials": "off", "google.golang.org/grpc/credentials.NewTLS": "on",
	"google.golang.org/grpc/credentials.NewClientTLSFromFile": "on", "google.golang.org/grpc/credentials.NewClientTLSFromCert": "on",
	"net/http.Transport.TLSClientConfig": "set",
}

func (a *authSearch) tlsStep(id string, st *step) {
	value, ok := tlsFields[st.symbol]
	if !ok {
		if mode := sslMode(a.g, st); mode != "" && mode != "*" && st.at.File != "" {
			a.tls[TLSSetting{Position: st.at, Integration: id, Setting: "sslmode", Value: scanners.Redact(mode)}] = true
		}
		return
	}
	if value == "" {
		if st.symbol == "google.golang.org/grpc.WithTransportCredentials" || st.value == nil {
			return
		}
		value = cmp.Or(tlsVersion(a.g.oneText(st.value)), "configured")
	}
	if st.at.File != "" {
		a.tls[TLSSetting{Position: st.at, Integration: id, Setting: shortSymbol(st.symbol), Value: value}] = true
	}
}

// tlsVersion names the constants of crypto/tls (Go 1.26 common.go: VersionTLS10 =
// 0x0301 and so on).
func tlsVersion(text string) string {
	switch text {
	case "769":
		return "TLS 1.0"
	case "770":
		return "TLS 1.1"
	case "771":
		return "TLS 1.2"
	case "772":
		return "TLS 1.3"
	}
	return text
}

// sslMode is the sslmode of a connection string among a call's arguments.
func sslMode(g *planFacts, st *step) string {
	if st.call == nil {
		return ""
	}
	for _, a := range st.call.Args {
		if a.Type != "string" && a.Kind != gosrc.Const && a.Kind != gosrc.Concat {
			continue
		}
		for _, o := range g.p.origins(a) {
			if _, after, ok := strings.Cut(g.textOf(o, 0), "sslmode="); ok {
				mode, _, _ := strings.Cut(strings.NewReplacer("&", " ", "'", " ").Replace(after), " ")
				return mode
			}
		}
	}
	return ""
}

func (a *authSearch) settings() []TLSSetting {
	out := []TLSSetting{}
	for s := range a.tls {
		out = append(out, s)
	}
	slices.SortFunc(out, func(x, y TLSSetting) int {
		return cmp.Or(cmp.Compare(x.Integration, y.Integration), x.Position.Compare(y.Position), cmp.Compare(x.Setting, y.Setting), cmp.Compare(x.Value, y.Value))
	})
	return out
}
