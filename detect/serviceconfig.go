package detect

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/intscan/intscan/scanners/gosrc"
)

// methodConfig is one entry of a gRPC service config's methodConfig. It holds for
// the methods that its names name, and without a name for none.
type methodConfig struct {
	Name []struct {
		Service string `json:"service"`
		Method  string `json:"method"`
	} `json:"name"`
	Timeout     string `json:"timeout"`
	RetryPolicy *struct {
		MaxAttempts int `json:"maxAttempts"`
	} `json:"retryPolicy"`
}

// serviceConfig says what a key of the client's gRPC service config does for the
// method that the site calls.
func (j *judge) serviceConfig(s *site, c *construction, key string) bound {
	for _, st := range c.steps {
		if st.call == nil || !strings.HasSuffix(st.symbol, "grpc.WithDefaultServiceConfig") || len(st.call.Args) == 0 {
			continue
		}
		os, _ := j.p.flow(st.call.Args[0], st.way)
		for _, o := range os {
			if value, ok := j.configured(s, o.v, key); ok {
				return bound{state: Present, value: value, reason: "the service config has " + key, at: st.at}
			}
		}
	}
	return bound{}
}

// configured reads a service config. Of one that is put together at run time only
// its parts are known, not what they hold for.
func (j *judge) configured(s *site, o *gosrc.Value, key string) (value string, ok bool) {
	var config struct {
		MethodConfig []methodConfig `json:"methodConfig"`
	}
	if o.Kind != gosrc.Const || json.Unmarshal([]byte(o.Text), &config) != nil {
		return "", j.mentions(o, strconv.Quote(key), 0)
	}
	m := methodOf(config.MethodConfig, s.symbol)
	switch {
	case m == nil:
	case key == "timeout" && m.Timeout != "":
		if d, err := time.ParseDuration(m.Timeout); err == nil {
			return d.String(), true
		}
		return "", true
	case key == "retryPolicy" && m.RetryPolicy != nil:
		return strconv.Itoa(m.RetryPolicy.MaxAttempts), true
	}
	return "", false
}

// methodOf is the entry that holds for a generated client's method, such as
// seatpb.SeatsClient.Hold: that of the method, else of its service, else of all
// (google.golang.org/grpc v1.83.1 clientconn.go: getMethodConfig).
func methodOf(configs []methodConfig, symbol string) *methodConfig {
	rest := symbol[strings.LastIndexByte(symbol, '/')+1:]
	rest, method := cutLast(rest)
	_, client := cutLast(rest)
	var ofService, ofAll *methodConfig
	for i := range configs {
		for _, n := range configs[i].Name {
			_, service := cutLast(n.Service)
			switch {
			case service == "" && n.Method == "":
				ofAll = &configs[i]
			case !strings.EqualFold(service+"Client", client):
			case n.Method == method:
				return &configs[i]
			case n.Method == "":
				ofService = &configs[i]
			}
		}
	}
	if ofService != nil {
		return ofService
	}
	return ofAll
}

// cutLast cuts at the last dot.
func cutLast(s string) (before, after string) {
	i := strings.LastIndexByte(s, '.')
	if i < 0 {
		return "", s
	}
	return s[:i], s[i+1:]
}

// mentions: a text, or a part of one, has the words.
func (j *judge) mentions(o *gosrc.Value, words string, depth int) bool {
	if o.Kind == gosrc.Const {
		return strings.Contains(o.Text, words)
	}
	if depth > 3 {
		return false
	}
	args := o.Args
	if o.Kind == gosrc.Result {
		args = o.Call.Args
	}
	for _, a := range args {
		for _, x := range j.p.origins(a) {
			if x != o && j.mentions(x, words, depth+1) {
				return true
			}
		}
	}
	return false
}
