package gate

import (
	"path"
	"strings"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/plan/rules"
	"github.com/intscan/intscan/scanners"
)

// callNames give the calls of a scan names that stay while code moves: the function
// and what it calls.
type callNames map[scanners.Position]string

func nameCalls(sites []detect.CallSite) callNames {
	out := make(callNames, len(sites))
	for i := range sites {
		out[sites[i].Position] = sites[i].Function + "\x00" + sites[i].Call
	}
	return out
}

// of names the calls that a finding is about; nil where it is about other things.
func (n callNames) of(f *rules.Finding) []string {
	var out []string
	for _, r := range f.Related {
		name, ok := n[r.Position]
		if !ok {
			return nil
		}
		out = append(out, name)
	}
	return out
}

// single counts the places of a finding each of which is a cause of its own: the calls
// of one function or package that share no client, the services of one file. It is 0
// where the cause is one, such as a client, however many calls go through it.
func (n callNames) single(f *rules.Finding) int {
	if wide(f.Anchor) {
		return len(f.Related)
	}
	_, anchor := demand(f.Anchor)
	function, _, _ := strings.Cut(n[f.Position], "\x00")
	if anchor != f.File && anchor != path.Dir(f.File) && (anchor != function || function == "") {
		return 0
	}
	for _, r := range f.Related {
		if r.Position == f.Position {
			return len(f.Related)
		}
	}
	return 0
}

// wide: the finding stands for all causes in the repository.
func wide(anchor string) bool { return anchor == rules.AllCalls || anchor == rules.AllClients }

// demand takes an anchor apart: what a policy finds lacking, and the place.
func demand(anchor string) (lacking, place string) {
	if lacking, place, ok := strings.Cut(anchor, ": "); ok {
		return lacking, place
	}
	return "", anchor
}

// past is what a revision knows of its calls beside the findings.
type past struct {
	calls   map[string]int            // by name
	flagged map[string]map[string]int // by rule and name
	names   map[string][]string       // by fingerprint
	files   map[string]map[string]int // by fingerprint and file, the places
}

func newPast(findings []rules.Finding, names callNames) *past {
	p := &past{calls: map[string]int{}, names: map[string][]string{}, files: map[string]map[string]int{}}
	for _, name := range names {
		p.calls[name]++
	}
	p.flagged = flag(findings, names)
	for i := range findings {
		f := &findings[i]
		p.names[f.Fingerprint], p.files[f.Fingerprint] = names.of(f), map[string]int{}
		for _, r := range f.Related {
			p.files[f.Fingerprint][r.File]++
		}
	}
	return p
}

// flag counts how often the findings of a rule are about a call.
func flag(findings []rules.Finding, names callNames) map[string]map[string]int {
	out := map[string]map[string]int{}
	for i := range findings {
		f := &findings[i]
		if f.Suppressed != nil {
			continue
		}
		key := ruleKey(f.Rule, f.Anchor)
		if out[key] == nil {
			out[key] = map[string]int{}
		}
		for _, name := range names.of(f) {
			out[key][name]++
		}
	}
	return out
}

// ruleKey tells the demands of one policy apart.
func ruleKey(rule, anchor string) string {
	lacking, _ := demand(anchor)
	return rule + "\x00" + lacking
}
