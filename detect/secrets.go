package detect

import (
	"slices"
	"strings"

	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/gosrc"
)

// Secret is a credential that stands in the repository as it is. Where, never what.
type Secret struct {
	scanners.Position
	Source      scanners.Source `json:"source"`
	Name        string          `json:"name"` // of the variable, key, field or parameter
	Integration string          `json:"integration,omitempty"`
	Function    string          `json:"function,omitempty"`
}

// secrets finds them in files that are no examples, and among the constants that
// production code hands over as credentials.
func (inv *inventory) secrets(sites []*site) []Secret {
	out := []Secret{}
	inv.eachSetting(func(s setting) {
		if s.literal && !s.example && inv.deployed(s.at.File) {
			out = append(out, Secret{Position: s.at, Source: s.source, Name: s.name, Integration: inv.integrationOf(s.name)})
		}
	})
	ids := inv.p.idsByMaker(sites)
	for _, symbol := range sortedKeys(inv.p.stores) {
		if !inv.p.known(symbol) || !scanners.SecretName(symbol[strings.LastIndexByte(symbol, '.')+1:]) {
			continue
		}
		for _, st := range inv.p.stores[symbol] {
			if inv.p.inProduction(st.Fn) {
				inv.p.literalCredential(st.Value, shortSymbol(symbol), ids[st.At], st.Fn, &out)
			}
		}
	}
	inv.p.eachCall(func(c *gosrc.Call) {
		if !inv.p.inProduction(c.Fn) {
			return
		}
		for i, name := range credentialArguments(c) {
			if name != "" && i < len(c.Args) {
				inv.p.literalCredential(c.Args[i], name, ids[c.At], c.Fn, &out)
			}
		}
	})
	slices.SortFunc(out, func(a, b Secret) int { return a.Position.Compare(b.Position) })
	return slices.CompactFunc(out, func(a, b Secret) bool { return a.Position == b.Position })
}

func (inv *inventory) integrationOf(name string) string {
	if sys := inv.p.cat.Variable(name); sys != nil && inv.found[inv.spoken(sys)] != nil {
		return inv.spoken(sys)
	}
	return ""
}

// credentialArguments names the arguments of a call that hold a credential, by
// index; "" for the others.
func credentialArguments(c *gosrc.Call) []string {
	switch _, name := catalog.SplitSymbol(c.Callee); {
	case c.Callee == "net/http.Request.SetBasicAuth":
		return []string{"", "password of SetBasicAuth"}
	case c.Callee == "net/http.Header.Set" || c.Callee == "net/http.Header.Add":
		if len(c.Args) == 2 && c.Args[0].Kind == gosrc.Const && credentialHeaders[strings.ToLower(c.Args[0].Text)] {
			return []string{"", "header " + c.Args[0].Text}
		}
	case strings.HasSuffix(name, "Token.SignedString"):
		return []string{"key of SignedString"}
	case c.Callee == "crypto/hmac.New":
		return []string{"", "key of hmac.New"}
	case c.Callee == "database/sql.Open" || c.Callee == "github.com/jmoiron/sqlx.Open" || c.Callee == "github.com/jmoiron/sqlx.Connect":
		return []string{"", "connection string"}
	}
	return nil
}

var credentialHeaders = map[string]bool{"authorization": true, "x-api-key": true, "api-key": true, "x-auth-token": true, "private-token": true}

// literalCredential notes the constants that a credential may be.
func (p *program) literalCredential(v *gosrc.Value, name, id string, fn *gosrc.Func, out *[]Secret) {
	values := p.origins(v)
	if strings.HasPrefix(name, "key of ") {
		values = []*gosrc.Value{v} // any text may be a key: only the one that stands there
	}
	for _, o := range values {
		text := strings.TrimPrefix(strings.TrimPrefix(o.Text, "Bearer "), "Basic ")
		if o.Kind == gosrc.Const && o.At.File != "" && hardCoded(name, text) {
			*out = append(*out, Secret{Position: o.At, Source: scanners.SourceGo, Name: name, Integration: id, Function: fn.Name})
		}
	}
}

// hardCoded: a credential that works as it stands, or in a connection string any
// password that is no placeholder.
func hardCoded(name, text string) bool {
	if strings.HasPrefix(name, "key of ") {
		return len(text) >= 8 && !strings.ContainsAny(text, "%{}<>")
	}
	if strings.HasSuffix(strings.ToLower(name), "writekey") {
		return false // analytics give it to every browser
	}
	return scanners.LiteralSecret("password", text)
}
