package scanners

// EndpointOf reads the endpoint out of the value of a variable or key. It knows
// more than ParseEndpoint, for the name says what the value is: that of SMTP_HOST
// is a host though it has no port, and that of BASIC_AUTH=user:8080 is none.
func EndpointOf(name, value string) *Endpoint {
	e, ok := ParseEndpoint(value)
	switch {
	case ok && e.Scheme == "" && SecretName(name) && !namesAddress(name):
		return nil
	case ok:
		return &e
	case !namesHost(name) || SecretName(name) || len(value) > 253:
		return nil
	}
	host := cleanHost(maskTemplates(value))
	if host == "" || host == "0.0.0.0" || notAHost[host] {
		return nil
	}
	return &Endpoint{Host: host}
}

// notAHost are words that stand in the place of a host.
var notAHost = map[string]bool{
	"true": true, "false": true, "yes": true, "no": true, "on": true, "off": true, "none": true, "null": true,
	"todo": true, "localhost:": true, "default": true, "auto": true,
}

var hostWords = map[string]bool{"host": true, "hostname": true, "hosts": true}

var addressWords = map[string]bool{
	"host": true, "hosts": true, "hostname": true, "addr": true, "addrs": true, "address": true, "addresses": true,
	"url": true, "uri": true, "dsn": true, "endpoint": true, "endpoints": true, "server": true, "servers": true,
	"broker": true, "brokers": true,
}

// namesHost reports whether the last word of name says that a host stands there.
func namesHost(name string) bool { return hostWords[lastWord(name)] }

func namesAddress(name string) bool { return addressWords[lastWord(name)] }

func lastWord(name string) string {
	ws := words(name)
	if len(ws) == 0 {
		return ""
	}
	return ws[len(ws)-1]
}
