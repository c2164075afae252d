package scanners

import "strings"

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
	case SecretName(name) || !namesHost(name) && !namesAddress(name):
		return nil
	}
	first, _, _ := strings.Cut(value, ",")
	host := cleanHost(maskTemplates(strings.TrimSpace(first)))
	switch {
	case host == "" || host == "0.0.0.0" || notAHost[host]:
		return nil
	case !namesHost(name) && !strings.Contains(strings.Trim(host, "0123456789."), "."):
		return nil // S3_ENDPOINT=s3.example.com is a host, WRITE_ENDPOINT=orders may be a path
	}
	return &Endpoint{Host: host}
}

// notAHost are words that stand in the place of a host.
var notAHost = set("true false yes no on off none null todo default auto")

var hostWords = set("host hosts hostname hostnames")

var addressWords = set("host hosts hostname addr addrs address addresses url uri dsn endpoint endpoints server servers broker brokers domain")

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
