package scanners

import (
	"net/netip"
	"strings"
)

// parseOpaque reads what has a scheme and no "//": files, sockets, Oracle's JDBC.
func parseOpaque(s string) (Endpoint, bool) {
	if strings.ContainsAny(s, " \t") {
		return Endpoint{}, false
	}
	if strings.HasPrefix(s, "/") && strings.HasSuffix(s, ".sock") {
		return Endpoint{Scheme: "unix"}, true
	}
	lower := strings.ToLower(s)
	if strings.HasPrefix(lower, "jdbc:oracle:") {
		at := strings.LastIndexByte(s, '@')
		addr, _, _ := strings.Cut(strings.TrimPrefix(s[at+1:], "//"), "/")
		if host, rest, ok := strings.Cut(addr, ":"); ok { // then :port:instance
			port, _, _ := strings.Cut(rest, ":")
			addr = host + ":" + port
		}
		host, port := hostPort(addr)
		return Endpoint{Scheme: "oracle", Host: host, Port: port}, at >= 0
	}
	scheme, rest, ok := strings.Cut(lower, ":")
	if ok && rest != "" && (scheme == "file" || scheme == "unix" && rest[0] == '/' || scheme == "sqlite" || scheme == "sqlite3") {
		return Endpoint{Scheme: scheme}, true
	}
	return Endpoint{}, false
}

// goNets are the network names that go-sql-driver/mysql and its users know.
var goNets = map[string]bool{"tcp": true, "tcp4": true, "tcp6": true, "unix": true, "cloudsql": true, "cloudsql-mysql": true}

// parseGoDSN reads the DSN of go-sql-driver/mysql, user:password@net(address)/name,
// as that driver does: from the end, for the password may hold anything. The
// form mysql://... of golang-migrate is read too.
func parseGoDSN(s string) (Endpoint, bool) {
	scheme := "mysql"
	if sc, rest, ok := cutScheme(s); ok && sc != "" {
		scheme, s = sc, rest
	}
	if i := strings.LastIndex(s, ")/"); i >= 0 {
		open := strings.LastIndexByte(s[:i], '(')
		if open < 0 {
			return Endpoint{}, false
		}
		network := s[strings.LastIndexByte(s[:open], '@')+1 : open]
		if !goNets[network] && !(isTemplate(network) && scheme == "mysql") {
			return Endpoint{}, false
		}
		e := Endpoint{Scheme: scheme}
		if network != "unix" {
			e.Host, e.Port = hostPort(s[open+1 : i])
		}
		return e, true
	}
	// user:password@/name: the driver's default address.
	user, name, ok := strings.Cut(s, "@/")
	name, _, _ = strings.Cut(name, "?")
	user, _, hasPassword := strings.Cut(user, ":")
	if ok && hasPassword && isWord(user) && isWord(name) && scheme == "mysql" {
		return Endpoint{Scheme: scheme}, true
	}
	return Endpoint{}, false
}

// parseKeyValues reads connection strings of keys and values: those of libpq
// ("host=db port=5432"), and those with semicolons (ADO, Azure, Npgsql).
func parseKeyValues(s string, depth int) (Endpoint, bool) {
	if !strings.Contains(s, "=") {
		return Endpoint{}, false
	}
	if kv, ok := semicolonPairs(s); ok {
		if e, ok := adoEndpoint(kv, depth); ok {
			return e, true
		}
	}
	kv, ok := libpqPairs(s)
	if !ok {
		return Endpoint{}, false
	}
	known := 0
	for _, k := range []string{"host", "hostaddr", "port", "user", "password", "dbname", "sslmode"} {
		if _, ok := kv[k]; ok {
			known++
		}
	}
	_, hasHost := kv["host"]
	_, hasName := kv["dbname"]
	if known < 2 || !hasHost && !hasName {
		return Endpoint{}, false
	}
	host, _ := hostPort(kv["host"])
	port, _, _ := strings.Cut(kv["port"], ",")
	return Endpoint{Scheme: "postgres", Host: host, Port: portOf(port)}, true
}

// libpqPairs reads key = value pairs, values in single quotes or without spaces.
// ok is false where anything else stands between them.
func libpqPairs(s string) (map[string]string, bool) {
	kv := map[string]string{}
	for s = strings.TrimSpace(s); s != ""; s = strings.TrimLeft(s, " \t") {
		key, rest, ok := strings.Cut(s, "=")
		key = strings.TrimSpace(key)
		if !ok || !isWord(key) {
			return nil, false
		}
		// After a key a space may follow only where a value does: "port= user=x"
		// leaves the port empty, as people build it from an unset variable.
		value, after := "", rest
		if strings.HasPrefix(rest, "'") {
			value, after, ok = cutQuoted(rest[1:])
			if !ok {
				return nil, false
			}
		} else if i := strings.IndexAny(rest, " \t"); i >= 0 {
			value, after = rest[:i], rest[i:]
		} else {
			value, after = rest, ""
		}
		kv[strings.ToLower(key)] = value
		s = after
	}
	return kv, true
}

func cutQuoted(s string) (value, after string, ok bool) {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '\'':
			return s[:i], s[i+1:], true
		}
	}
	return "", "", false
}

func semicolonPairs(s string) (map[string]string, bool) {
	if !strings.Contains(s, ";") {
		return nil, false
	}
	kv := map[string]string{}
	for piece := range strings.SplitSeq(s, ";") {
		key, value, ok := strings.Cut(piece, "=")
		key = strings.ToLower(strings.Join(strings.Fields(key), ""))
		if !ok || !isWord(key) {
			continue // a password may hold semicolons
		}
		if _, seen := kv[key]; !seen {
			kv[key] = strings.TrimSpace(value)
		}
	}
	first, _, _ := strings.Cut(s, "=")
	return kv, isWord(strings.ReplaceAll(strings.TrimSpace(first), " ", "_"))
}

func adoEndpoint(kv map[string]string, depth int) (Endpoint, bool) {
	for _, k := range []string{"endpoint", "blobendpoint", "queueendpoint", "tableendpoint", "ingestionendpoint", "accountendpoint"} {
		if v := kv[k]; v != "" {
			return parseEndpoint(v, depth+1)
		}
	}
	if suffix, account := kv["endpointsuffix"], kv["accountname"]; account != "" {
		if suffix == "" {
			suffix = "core.windows.net"
		}
		return Endpoint{Scheme: httpScheme(kv["defaultendpointsprotocol"]), Host: cleanHost("*." + suffix)}, true
	}
	if h, ok := kv["host"]; ok && (has(kv, "database") || has(kv, "username") || has(kv, "userid")) {
		host, _ := hostPort(h)
		return Endpoint{Scheme: "postgres", Host: host, Port: portOf(kv["port"])}, true
	}
	for _, k := range []string{"server", "datasource", "address", "addr", "networkaddress"} {
		v, ok := kv[k]
		if !ok || len(kv) < 2 {
			continue
		}
		v = strings.TrimPrefix(strings.ToLower(v), "tcp:")
		v, port, _ := strings.Cut(v, ",")
		v, _, _ = strings.Cut(v, `\`) // named instance
		host, p := hostPort(v)
		if p == 0 {
			p = portOf(strings.TrimSpace(port))
		}
		if p == 0 {
			p = portOf(kv["port"])
		}
		scheme := "sqlserver"
		if p == 3306 {
			scheme = "mysql"
		}
		return Endpoint{Scheme: scheme, Host: host, Port: p}, true
	}
	return Endpoint{}, false
}

func has(kv map[string]string, k string) bool { _, ok := kv[k]; return ok }

func httpScheme(s string) string {
	if strings.EqualFold(s, "http") {
		return "http"
	}
	return "https"
}

// parseAddress reads host:port, lists of them, and host:port/path.
//
// "postgres:17" and "12:30" have that shape too and are an image and a time, so
// a one-word host needs a port that is no version, and a host of digits none.
func parseAddress(s string) (Endpoint, bool) {
	piece, rest := s, ""
	if i := strings.IndexAny(s, ",; "); i >= 0 {
		piece, rest = s[:i], s[i:]
	}
	if strings.HasPrefix(rest, " ") {
		return Endpoint{}, false
	}
	if at := strings.LastIndexByte(piece, '@'); at >= 0 {
		if eq := strings.IndexByte(piece, '='); eq >= 0 && eq < at {
			return Endpoint{}, false
		}
		piece = piece[at+1:]
	} else if strings.Contains(rest, "@") && !strings.Contains(rest, "=") {
		return Endpoint{}, false // the comma may stand in a password
	}
	if i := strings.IndexAny(piece, "/?#"); i >= 0 {
		piece = piece[:i]
	}
	if v6, after, ok := cutIPv6(piece); ok {
		port := portOf(strings.TrimPrefix(after, ":"))
		return Endpoint{Host: v6, Port: port}, port > 0 && v6 != "::"
	}
	host, p, ok := strings.Cut(piece, ":")
	host, port := cleanHost(host), portOf(p)
	if !ok || host == "" || host == "0.0.0.0" { // that one is listened on, not talked to
		return Endpoint{}, false
	}
	ip, err := netip.ParseAddr(host)
	isIP := err == nil && ip.Is4()
	switch {
	case port == 0:
		return Endpoint{Host: host}, unknownPort(p) && (isIP || host == "localhost")
	case isIP || host == "localhost":
	case strings.Trim(host, "0123456789.-") == "":
		return Endpoint{}, false
	case !strings.Contains(host, ".") && port < 80 && port != 25 && port != 53:
		return Endpoint{}, false
	case strings.HasSuffix(host, ".go"): // main.go:12
		return Endpoint{}, false
	}
	return Endpoint{Host: host, Port: port}, true
}
