package detect

import (
	"slices"
	"strings"

	"github.com/intscan/intscan/scanners/gosrc"
)

// instances tells apart several instances of one system where the code does: by
// the environment variables that their clients' addresses come from.
// ANALYTICS_DATABASE_URL beside DATABASE_URL gives "postgresql:analytics" beside
// "postgresql". Sites whose client shows no variable, and systems with one
// instance, keep the system's own name.
func (p *program) instances(sites []*site) {
	labels := map[string]map[string]bool{}
	of := map[*site]string{}
	for _, s := range sites {
		if s.client == nil || !p.hasInstances(s.system) {
			continue
		}
		label, found := p.instanceLabel(s)
		if !found {
			continue
		}
		of[s] = label
		if labels[s.system] == nil {
			labels[s.system] = map[string]bool{}
		}
		labels[s.system][label] = true
	}
	for _, s := range sites {
		s.id = s.system
		if label := of[s]; label != "" && len(labels[s.system]) > 1 && len(labels[s.system]) <= maxInstances {
			s.id += ":" + label
		}
	}
}

// hasInstances: a program has several stores and brokers of one kind; of protocols
// and products it has peers, which are named otherwise.
func (p *program) hasInstances(slug string) bool {
	sys := p.cat.System(slug)
	if sys == nil {
		return false
	}
	switch sys.Kind {
	case "database", "cache", "messaging", "search", "storage":
		return true
	}
	return false
}

// maxInstances: more are no instances but a mistake in following them.
const maxInstances = 8

// instanceLabel is what is particular in the name of the variable that holds the
// address of the site's client; found is false where no variable is seen.
func (p *program) instanceLabel(s *site) (label string, found bool) {
	var names []string
	note := func(v *gosrc.Value) {
		for _, o := range p.origins(v) {
			if n := p.variableOf(o); n != "" && isAddressName(n) && !slices.Contains(names, n) {
				names = append(names, n)
			}
		}
	}
	for _, st := range p.construct(s.client).steps {
		if st.call != nil {
			for _, a := range st.call.Args {
				note(a)
			}
		} else if st.value != nil && st.value.Kind != gosrc.Composite {
			note(st.value)
		}
	}
	if len(names) != 1 {
		return "", false
	}
	return p.particular(names[0], s.system), true
}

// variableOf is the environment variable that a value is read from.
func (p *program) variableOf(o *gosrc.Value) string {
	switch {
	case o.Kind == gosrc.Field:
		return p.tags[o.Name].Name
	case o.Kind == gosrc.Result && (o.Call.Callee == "os.Getenv" || o.Call.Callee == "os.LookupEnv") && len(o.Call.Args) == 1:
		for _, c := range p.origins(o.Call.Args[0]) {
			if c.Kind == gosrc.Const {
				return c.Text
			}
		}
	}
	return ""
}

// addressWords end the names of variables that hold addresses.
var addressWords = []string{"URL", "URI", "DSN", "ADDR", "ADDRESS", "HOST", "HOSTS", "ENDPOINT", "BROKERS", "SERVERS", "ADDRS", "DATABASE", "DB"}

func isAddressName(name string) bool {
	words := strings.Split(strings.ToUpper(name), "_")
	return slices.Contains(addressWords, words[len(words)-1])
}

// particular drops from a variable's name the words for addresses and those that
// name the system: what is left tells the instance.
func (p *program) particular(name, system string) string {
	var left []string
	for word := range strings.SplitSeq(strings.ToUpper(name), "_") {
		switch sys := p.cat.Variable(word); {
		case slices.Contains(addressWords, word), word == "CONNECTION", word == "STRING", word == "SERVER":
		case sys != nil && (sys.Slug == system || sys.Speaks == system):
		default:
			left = append(left, strings.ToLower(word))
		}
	}
	return strings.Join(left, "_")
}
