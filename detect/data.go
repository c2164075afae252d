package detect

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/gosrc"
)

// Data is what the repository keeps elsewhere: the tables, buckets and the like
// that it works on, how they are made, and how changes hold together.
type Data struct {
	Resources    []Resource     `json:"resources"`
	Migrations   []MigrationSet `json:"migrations"`
	Transactions []Transaction  `json:"transactions"`
	Outboxes     []Outbox       `json:"outboxes"`
}

// Resource is a table, collection, bucket, key or index that code works on.
type Resource struct {
	Integration string `json:"integration"`
	Kind        string `json:"kind"` // table, model, collection, bucket, key, index
	// Name is the name in code; of computed names the fixed part, with * for the rest,
	// of keys the prefix.
	Name string `json:"name"`
	// Sources say how the code names it: sql, generated sql, call, model, migration.
	Sources []string `json:"sources"`
	// Verbs are the SQL verbs, upper case.
	Verbs []string `json:"verbs"`
	// Reads, Writes and Defined are the places, Uses those that do not tell which.
	Reads   []scanners.Position `json:"reads"`
	Writes  []scanners.Position `json:"writes"`
	Uses    []scanners.Position `json:"uses"`
	Defined []scanners.Position `json:"defined"`
}

// Transaction is a place where a transaction begins.
type Transaction struct {
	scanners.Position
	Integration string `json:"integration"`
	Call        string `json:"call"`
	Function    string `json:"function"`
}

// Outbox is a sign of an outbox: a table named for it, or a message published in a
// function that also holds a transaction.
type Outbox struct {
	scanners.Position
	Kind        string `json:"kind"` // table, publish_in_transaction
	Name        string `json:"name"`
	Integration string `json:"integration"`
	Function    string `json:"function,omitempty"`
}

// resources are Resources in the making.
type resources map[[3]string]*Resource

func (rs resources) get(integration, kind, name string) *Resource {
	key := [3]string{integration, kind, name}
	r := rs[key]
	if r == nil {
		none := []scanners.Position{}
		r = &Resource{Integration: integration, Kind: kind, Name: name, Sources: []string{}, Verbs: []string{}, Reads: none, Writes: none, Uses: none, Defined: none}
		rs[key] = r
	}
	return r
}

func (r *Resource) note(access, source, verb string, at scanners.Position) {
	list := &r.Uses
	switch access {
	case "read":
		list = &r.Reads
	case "write":
		list = &r.Writes
	case "define":
		list = &r.Defined
	}
	if !slices.Contains(*list, at) {
		*list = append(*list, at)
	}
	if !slices.Contains(r.Sources, source) {
		r.Sources = append(r.Sources, source)
	}
	if verb != "" && !slices.Contains(r.Verbs, verb) {
		r.Verbs = append(r.Verbs, verb)
	}
}

// data gathers what is kept where.
func (g *planFacts) data(named []namedThing) Data {
	rs := resources{}
	for _, n := range named {
		if n.isResource() {
			source := "call"
			if n.kind == "model" {
				source = "model"
			}
			rs.get(n.integration, n.kind, n.name).note(n.access, source, "", n.at)
		}
	}
	g.statements(rs)
	d := Data{Migrations: g.migrations(rs), Transactions: g.transactions()}
	d.Outboxes = g.outboxes(rs, d.Transactions)
	d.Resources = rs.sorted()
	return d
}

func (rs resources) sorted() []Resource {
	out := make([]Resource, 0, len(rs))
	for _, r := range rs {
		for _, list := range []*[]scanners.Position{&r.Reads, &r.Writes, &r.Uses, &r.Defined} {
			slices.SortFunc(*list, scanners.Position.Compare)
		}
		slices.Sort(r.Sources)
		slices.Sort(r.Verbs)
		out = append(out, *r)
	}
	slices.SortFunc(out, func(a, b Resource) int {
		return cmp.Or(cmp.Compare(a.Integration, b.Integration), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name))
	})
	return out
}

// verbs are the verbs of fmt's formats.
var verbs = regexp.MustCompile(`%[-+# 0]*[\d.*\[\]]*[a-zA-Z]`)

// statements reads the SQL that calls are given: each statement's tables, with what
// is done to them.
func (g *planFacts) statements(rs resources) {
	for _, s := range g.sites {
		sys := g.p.cat.System(s.system)
		if sys == nil || sys.Kind != "database" {
			continue
		}
		source := "sql"
		if g.generator(s.call.At.File, s.call.Fn.Pkg) != "" {
			source = "generated sql"
		}
		for _, text := range g.sqlOf(s.call) {
			for _, t := range tablesIn(text.text) {
				rs.get(s.id, "table", t.name).note(t.access, source, t.verb, text.at)
			}
		}
	}
}

func (g *planFacts) generator(file string, pkg *gosrc.Package) string {
	for _, f := range pkg.Files {
		if f.Path == file {
			return f.Generator
		}
	}
	return ""
}

// sqlText is a statement where it stands: in the function that gives it to a wrapper
// as well as in the call itself.
type sqlText struct {
	text string
	at   scanners.Position
}

// sqlOf are the SQL texts among a call's first arguments.
func (g *planFacts) sqlOf(c *gosrc.Call) []sqlText {
	var out []sqlText
	for i, a := range c.Args {
		if i > 3 {
			break
		}
		if a.Type != "" && a.Type != "string" {
			continue
		}
		for _, o := range g.p.origins(a) {
			text := ""
			switch {
			case o.Kind == gosrc.Const:
				text = o.Text
			case o.Kind == gosrc.Concat || isSprintf(o):
				text = g.textOf(o, 0)
			}
			if t := (sqlText{text, o.At}); sqlStart.MatchString(text) && t.at.File != "" && !slices.Contains(out, t) {
				out = append(out, t)
			}
		}
	}
	return out
}

var (
	sqlStart   = regexp.MustCompile(`(?i)^(\s|--[^\n]*\n|/\*[^*]*\*/|\()*(SELECT|INSERT|UPDATE|DELETE|WITH|REPLACE|MERGE|UPSERT|CREATE|ALTER|DROP|TRUNCATE|COPY|CALL|LOCK)\b`)
	sqlQuoted  = regexp.MustCompile(`'(?:[^']|'')*'`)
	sqlComment = regexp.MustCompile(`--[^\n]*|/\*(?s:.*?)\*/`)
	sqlCTE     = regexp.MustCompile(`(?i)(?:\bWITH\s+(?:RECURSIVE\s+)?|,\s*)(\w+)(?:\s*\([\w\s,]*\))?\s+AS\s+(?:NOT\s+)?(?:MATERIALIZED\s+)?\(`)
	sqlTable   = regexp.MustCompile("(?i)\\b(FROM|JOIN|INSERT\\s+(?:OR\\s+\\w+\\s+|IGNORE\\s+)?INTO|REPLACE\\s+INTO|MERGE\\s+INTO|UPSERT\\s+INTO|UPDATE|DELETE\\s+FROM|TRUNCATE(?:\\s+TABLE)?|CREATE\\s+(?:UNLOGGED\\s+|TEMP(?:ORARY)?\\s+)?TABLE(?:\\s+IF\\s+NOT\\s+EXISTS)?|ALTER\\s+TABLE(?:\\s+IF\\s+EXISTS)?(?:\\s+ONLY)?|DROP\\s+TABLE(?:\\s+IF\\s+EXISTS)?|COPY|LOCK\\s+TABLE)\\s+(?:ONLY\\s+)?([\"`\\[]?[A-Za-z_][\\w$]*[\"`\\]]?(?:\\.[\"`\\[]?[A-Za-z_][\\w$]*[\"`\\]]?)*)(\\s*\\()?")
	sqlSpace   = regexp.MustCompile(`\s+`)
)

// sqlUse is one table in a statement.
type sqlUse struct{ name, verb, access string }

// sqlWords follow FROM or UPDATE without being tables.
var sqlWords = map[string]bool{
	"select": true, "set": true, "lateral": true, "unnest": true, "values": true, "nowait": true, "skip": true, "of": true, "only": true,
	"where": true, "on": true, "cascade": true, "no": true, "generate_series": true, "json_each": true, "dual": true, "excluded": true,
	"current_timestamp": true, "now": true, "returning": true, "each": true, "as": true, "if": true, "table": true, "end": true,
}

// tablesIn lists the tables of a statement. Names of common table expressions,
// functions and unknown parts are none.
func tablesIn(sql string) []sqlUse {
	sql = sqlQuoted.ReplaceAllString(sqlComment.ReplaceAllString(sql, " "), "''")
	own := map[string]bool{}
	for _, m := range sqlCTE.FindAllStringSubmatch(sql, -1) {
		own[strings.ToLower(m[1])] = true
	}
	var out []sqlUse
	for _, m := range sqlTable.FindAllStringSubmatchIndex(sql, -1) {
		verb := strings.ToUpper(sqlSpace.ReplaceAllString(sql[m[2]:m[3]], " "))
		name := strings.NewReplacer(`"`, "", "`", "", "[", "", "]", "").Replace(sql[m[4]:m[5]])
		lower := strings.ToLower(name)
		called := m[6] >= 0 && (verb == "FROM" || verb == "JOIN") // a function that gives rows
		cut := m[5] < len(sql) && sql[m[5]] == '*'                // the rest of the name is not known
		if sqlWords[lower] || own[lower] || called || cut || notTable(sql[:m[2]], verb) {
			continue
		}
		u := sqlUse{name: name, verb: strings.Fields(verb)[0], access: "write"}
		switch u.verb {
		case "FROM", "JOIN":
			u.verb, u.access = "SELECT", "read"
			if before := strings.ToUpper(strings.TrimSpace(sql[:m[2]])); strings.HasSuffix(before, "DELETE") {
				u.verb, u.access = "DELETE", "write"
			}
		case "CREATE", "ALTER", "DROP":
			u.access = "define"
		}
		if !slices.Contains(out, u) {
			out = append(out, u)
		}
	}
	return out
}

// notTable: EXTRACT(EPOCH FROM x), SUBSTRING(x FROM 2), IS DISTINCT FROM x, DO
// UPDATE SET, FOR UPDATE and ON UPDATE name no table.
func notTable(before, verb string) bool {
	before = strings.ToUpper(strings.TrimSpace(before))
	switch verb {
	case "FROM":
		if strings.HasSuffix(before, "DISTINCT") && (strings.HasSuffix(before, "IS DISTINCT") || strings.HasSuffix(before, "IS NOT DISTINCT")) {
			return true
		}
		open := strings.LastIndexByte(before, '(')
		return open > strings.LastIndex(before, "SELECT") && open > strings.LastIndex(before, "DELETE") && open > strings.LastIndexByte(before, ')') &&
			sqlFromFunc.MatchString(before[:open])
	case "UPDATE":
		return strings.HasSuffix(before, "FOR") || strings.HasSuffix(before, "DO") || strings.HasSuffix(before, " ON") || strings.HasSuffix(before, "KEY") ||
			strings.HasSuffix(before, "AFTER") || strings.HasSuffix(before, "BEFORE") || strings.HasSuffix(before, " OR") || strings.HasSuffix(before, " OF")
	}
	return false
}

var sqlFromFunc = regexp.MustCompile(`(EXTRACT|SUBSTRING|TRIM|OVERLAY|POSITION)\s*$`)

// transactions are the calls that begin one, of a library or a wrapper.
func (g *planFacts) transactions() []Transaction {
	out := []Transaction{}
	g.eachFunc(func(f *gosrc.Func) {
		for _, c := range f.Calls {
			if !beginsTransaction(g.p, c) {
				continue
			}
			out = append(out, Transaction{
				Position: c.At, Call: shortSymbol(c.Callee), Function: f.Name, Integration: g.transactionOf(c),
			})
		}
	})
	slices.SortFunc(out, func(a, b Transaction) int { return cmp.Or(a.Position.Compare(b.Position), cmp.Compare(a.Call, b.Call)) })
	return slices.Compact(out)
}

func (g *planFacts) transactionOf(c *gosrc.Call) string {
	if s := g.siteOf[c]; s != nil {
		return s.id
	}
	if lib := g.p.cat.Package(packageOf(c.Callee)); lib != nil && lib.NamedBy == "" && lib.System.Kind == "database" {
		return g.integrationOf(lib.System.Slug, c.Fn)
	}
	return g.integrationOf(catalog.AnyDatabase, c.Fn)
}

// beginsTransaction: methods of database libraries that are named for it.
func beginsTransaction(p *program, c *gosrc.Call) bool {
	if !c.Method || p.declared(c.Callee) {
		return false
	}
	switch c.Callee[strings.LastIndexByte(c.Callee, '.')+1:] {
	case "Begin", "BeginTx", "BeginTxx", "Beginx", "BeginFunc", "BeginTxFunc", "MustBegin", "RunInTx", "Transaction", "WithTransaction",
		"StartTransaction", "ReadWriteTransaction", "RunTransaction", "TransactWriteItems", "RunInTransaction":
	default:
		return false
	}
	lib := p.cat.Package(packageOf(c.Callee))
	return p.sharedSQL(packageOf(c.Callee)) || lib != nil && lib.System.Kind == "database"
}

// sharedSQL: packages that serve any SQL database (database/sql, sqlx, gorm).
func (p *program) sharedSQL(importPath string) bool {
	if p.cat.Package(importPath) != nil {
		return false
	}
	sdk := p.cat.SDKOf(importPath)
	return sdk != nil && sdk.Name == "database-sql"
}

// outboxes are tables named for one, and messages published where a transaction is
// open.
func (g *planFacts) outboxes(rs resources, txs []Transaction) []Outbox {
	out := []Outbox{}
	for _, r := range rs {
		if words := strings.ToLower(r.Name); (r.Kind == "table" || r.Kind == "model" || r.Kind == "collection") && strings.Contains(words, "outbox") {
			at := slices.Concat(r.Defined, r.Writes, r.Reads, r.Uses)
			out = append(out, Outbox{Position: at[0], Kind: "table", Name: r.Name, Integration: r.Integration})
		}
	}
	begins := map[string]bool{}
	for _, t := range txs {
		begins[t.Function] = true
	}
	for _, s := range g.sites {
		if sys := g.p.cat.System(s.system); sys != nil && sys.Kind == "messaging" && begins[s.call.Fn.Name] && publishes(s.symbol) {
			out = append(out, Outbox{Position: s.at(), Kind: "publish_in_transaction", Name: shortSymbol(s.symbol), Integration: s.id, Function: s.call.Fn.Name})
		}
	}
	slices.SortFunc(out, func(a, b Outbox) int { return cmp.Or(a.Position.Compare(b.Position), cmp.Compare(a.Name, b.Name)) })
	return out
}

func publishes(symbol string) bool {
	name := symbol[strings.LastIndexByte(symbol, '.')+1:]
	for _, word := range []string{"Publish", "Send", "Produce", "Write", "Enqueue", "Put"} {
		if strings.HasPrefix(name, word) {
			return true
		}
	}
	return false
}
