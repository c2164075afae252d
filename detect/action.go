package detect

import (
	"slices"
	"strings"
	"unicode"

	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/scanners/gosrc"
)

// Action says what a call does at the other side, which decides whether it can
// safely be made again and whether it should end soon.
type Action string

// The actions. Where the code does not tell, it is the empty string.
const (
	ActionRead    Action = "read"    // changes nothing
	ActionSet     Action = "set"     // done twice it has the effect of once: PUT, DELETE, SET
	ActionCreate  Action = "create"  // done twice it has its effect twice: POST, INSERT, publish
	ActionConnect Action = "connect" // opens a connection, or asks whether it stands
	ActionWait    Action = "wait"    // waits for what comes, on purpose: a consumer's read, a watch
	ActionLocal   Action = "local"   // waits for no answer of a peer: an acknowledgement, a UDP socket, a plugin
)

// action decides by what is surest: the HTTP method, the verb of the SQL, the
// name of the method.
func (j *judge) action(s *site) Action {
	pkg, name := catalog.SplitSymbol(s.symbol)
	method := name[strings.LastIndexByte(name, '.')+1:]
	switch pkg {
	case "net/http":
		return j.httpAction(s, method)
	case "net", "crypto/tls", "github.com/gorilla/websocket":
		if strings.HasPrefix(method, "Dial") {
			return j.dialAction(s)
		}
	case "net/rpc":
		if servesPlugins(s.call.Fn.Pkg) {
			return ActionLocal
		}
	}
	if opensStream(s) {
		return ActionWait
	}
	if makesFunction(s.call) {
		return ActionLocal
	}
	if sys := j.p.cat.System(s.system); sys != nil && (sys.Kind == "database" || sys.Slug == "sql") {
		if op, sql := j.sqlAction(s.call); sql {
			if op == "" && strings.HasPrefix(method, "Ping") {
				return ActionConnect
			}
			return op
		}
	}
	return namedAction(method)
}

// servesPlugins: the package speaks to plugins, processes that the program starts itself
// and ends with.
func servesPlugins(pkg *gosrc.Package) bool {
	return slices.ContainsFunc(pkg.Imports, func(i gosrc.Import) bool { return i.Path == "github.com/hashicorp/go-plugin" && !i.Test })
}

// makesFunction: the call gives back the function that makes the operation happen,
// as a client of go-kit does.
func makesFunction(c *gosrc.Call) bool {
	return len(c.Results) == 1 && strings.HasSuffix(c.Results[0], "/endpoint.Endpoint")
}

// opensStream: a generated method gives back the client's end of a gRPC stream:
// Orders_WatchClient, grpc.ServerStreamingClient.
func opensStream(s *site) bool {
	return s.sdk != nil && s.sdk.Name == "grpc" && len(s.call.Results) == 2 && strings.HasSuffix(s.call.Results[0], "Client")
}

// httpAction reads the method of the request.
func (j *judge) httpAction(s *site, method string) Action {
	switch method {
	case "Get", "Head":
		return ActionRead
	case "Post", "PostForm":
		return ActionCreate
	case "ServeHTTP":
		return ActionWait // a proxy passes on what the two ends say
	}
	var out Action
	for i, a := range s.call.Args {
		if i < len(s.call.Params) && s.call.Params[i] != "net/http.Request" {
			continue
		}
		for _, o := range j.p.origins(a) {
			op := j.requestAction(o, 0)
			if out != "" && op != out || op == "" {
				return ""
			}
			out = op
		}
	}
	return out
}

// maxCopies bounds how often a request is copied with another context; one that
// passes through a circle of calls is copied without end.
const maxCopies = 6

// requestAction is the action of a request that http.NewRequest made.
func (j *judge) requestAction(o *gosrc.Value, copies int) Action {
	if o.Kind != gosrc.Result || copies > maxCopies {
		return ""
	}
	at := -1
	switch c := o.Call; {
	case strings.HasSuffix(c.Callee, "http.NewRequestWithContext"):
		at = 1
	case strings.HasSuffix(c.Callee, "http.NewRequest"):
		at = 0
	case strings.HasSuffix(c.Callee, "http.Request.WithContext"), strings.HasSuffix(c.Callee, "http.Request.Clone"):
		var out Action
		for _, r := range j.p.origins(c.Recv) {
			if out = j.requestAction(r, copies+1); out == "" {
				return ""
			}
		}
		return out
	}
	if at < 0 || at >= len(o.Call.Args) {
		return ""
	}
	var out Action
	for _, m := range j.p.origins(o.Call.Args[at]) {
		op := Action("")
		if m.Kind == gosrc.Const {
			op = methodAction(m.Text)
		}
		if op == "" || out != "" && out != op {
			return ""
		}
		out = op
	}
	return out
}

// methodAction goes by RFC 9110, section 9.2.2: which methods are idempotent.
func methodAction(method string) Action {
	switch strings.ToUpper(method) {
	case "", "GET", "HEAD", "OPTIONS":
		return ActionRead
	case "PUT", "DELETE":
		return ActionSet
	case "POST", "PATCH":
		return ActionCreate
	}
	return ""
}

// dialAction: a UDP or Unix socket is opened without a word from a peer far away.
// The default dialer of gorilla/websocket has a bound on the handshake (v1.5.0,
// client.go:142: HandshakeTimeout: 45 * time.Second).
func (j *judge) dialAction(s *site) Action {
	if s.call.Recv != nil && slices.ContainsFunc(j.p.origins(s.call.Recv), func(o *gosrc.Value) bool { return strings.HasSuffix(o.Name, "websocket.DefaultDialer") }) {
		return ""
	}
	for _, a := range s.call.Args {
		for _, o := range j.p.origins(a) {
			if o.Kind == gosrc.Const && (strings.HasPrefix(o.Text, "udp") || strings.HasPrefix(o.Text, "unix")) {
				return ActionLocal
			}
		}
	}
	return ActionConnect
}

// sqlAction reads the verb of the statement, where the call takes one; sql is
// false for calls without a text (an ORM's).
func (j *judge) sqlAction(c *gosrc.Call) (op Action, sql bool) {
	for _, a := range c.Args {
		if a.Type != "string" && a.Kind != gosrc.Const {
			continue
		}
		texts := j.p.origins(a)
		for _, o := range texts {
			got := statementAction(j.leading(o, 0))
			if got == "" || op != "" && got != op {
				return "", len(texts) > 0 && a.Type == "string"
			}
			op = got
		}
		return op, true
	}
	return "", false
}

// leading is the text that a value begins with: of a concatenation or a
// fmt.Sprintf its first part.
func (j *judge) leading(o *gosrc.Value, depth int) string {
	first := o
	switch {
	case o.Kind == gosrc.Const:
		return o.Text
	case depth > 4:
		return ""
	case o.Kind == gosrc.Concat && o.Name == "+" && len(o.Args) > 0:
		first = o.Args[0]
	case o.Kind == gosrc.Result && o.Call.Callee == "fmt.Sprintf" && len(o.Call.Args) > 0:
		first = o.Call.Args[0]
	default:
		return ""
	}
	if os := j.p.origins(first); len(os) == 1 && os[0] != o {
		return j.leading(os[0], depth+1)
	}
	return ""
}

func statementAction(sql string) Action {
	fields := strings.FieldsFunc(strings.ToUpper(withoutComments(sql)), func(r rune) bool { return !unicode.IsLetter(r) })
	if len(fields) == 0 {
		return ""
	}
	switch fields[0] {
	case "SELECT", "SHOW", "EXPLAIN", "VALUES":
		return ActionRead
	case "WITH":
		if slices.Contains(fields, "INSERT") {
			return ActionCreate
		}
		if slices.Contains(fields, "UPDATE") || slices.Contains(fields, "DELETE") || slices.Contains(fields, "MERGE") {
			return ActionSet
		}
		return ActionRead
	case "INSERT":
		if slices.Contains(fields, "CONFLICT") || slices.Contains(fields, "DUPLICATE") {
			return ActionSet
		}
		return ActionCreate
	case "REPLACE", "DELETE", "MERGE", "UPSERT", "TRUNCATE", "DROP":
		return ActionSet
	}
	return "" // UPDATE may count up; the rest is not known
}

func withoutComments(sql string) string {
	for {
		sql = strings.TrimSpace(sql)
		switch {
		case strings.HasPrefix(sql, "--"):
			_, rest, _ := strings.Cut(sql, "\n")
			sql = rest
		case strings.HasPrefix(sql, "/*"):
			_, rest, _ := strings.Cut(sql, "*/")
			sql = rest
		default:
			return sql
		}
	}
}
