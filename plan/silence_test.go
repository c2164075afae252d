package plan

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/plan/rules"
	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/suppress"
)

func place(file string, line int) scanners.Position { return scanners.Position{File: file, Line: line} }

func directive(file string, first, last int, reason string, names ...string) suppress.Directive {
	return suppress.Directive{Position: place(file, first), Rules: names, Reason: reason, First: first, Last: last}
}

// A finding on a client in New with calls in Get and Put.
func timeoutFinding() []rules.Finding {
	return []rules.Finding{{Rule: "timeout-http-client", Position: place("client.go", 5), Related: []rules.Related{
		{Position: place("client.go", 20)}, {Position: place("client.go", 40)},
	}}}
}

func TestSilence(t *testing.T) {
	calls := []detect.CallSite{{Position: place("client.go", 20)}, {Position: place("client.go", 40)}}
	const rule = "timeout-http-client"
	for _, tc := range []struct {
		name       string
		directives []suppress.Directive
		calls      []detect.CallSite
		reason     string // "" where the finding stays
		told       []string
	}{
		{"at its own place", []suppress.Directive{directive("client.go", 4, 5, "a job", rule)}, calls, "a job", nil},
		{"in another file", []suppress.Directive{directive("other.go", 4, 5, "a job", rule)}, calls, "", []string{"intscan:ignore timeout-http-client silences nothing here any more; drop it"}},
		{"another rule", []suppress.Directive{directive("client.go", 5, 5, "a job", "retry-missing")}, calls, "", []string{"intscan:ignore retry-missing silences nothing here any more; drop it"}},
		{"all calls", []suppress.Directive{directive("client.go", 20, 20, "one", rule), directive("client.go", 39, 45, "two", rule)}, calls, "one", nil},
		{"one of the calls", []suppress.Directive{directive("client.go", 20, 20, "one", rule)}, calls, "", nil},
		{"the places are no calls", []suppress.Directive{directive("client.go", 20, 45, "one", rule)}, nil, "", nil},
		{"the inner one gives the reason", []suppress.Directive{directive("client.go", 1, 50, "file", rule), directive("client.go", 5, 5, "line", rule)}, calls, "line",
			[]string{"intscan:ignore timeout-http-client silences nothing here any more; drop it"}},
		{"misspelt", []suppress.Directive{directive("client.go", 5, 5, "a job", "timeout-http-clint")}, calls, "",
			[]string{"intscan:ignore names the rule timeout-http-clint, which does not exist; did you mean timeout-http-client?"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := &Report{Findings: timeoutFinding()}
			r.CallSites = tc.calls
			s := newSilencer(tc.directives, r)
			s.known = append(s.known, "retry-missing")
			s.apply(r.Findings)
			got := ""
			if f := r.Findings[0].Suppressed; f != nil {
				got = f.Reason
			}
			if got != tc.reason {
				t.Errorf("suppressed with the reason %q, want %q", got, tc.reason)
			}
			var told []string
			for _, d := range s.diagnostics(func(string) bool { return true }) {
				told = append(told, d.Message)
			}
			if diff := cmp.Diff(tc.told, told); diff != "" {
				t.Errorf("diagnostics (-want +got):\n%s", diff)
			}
		})
	}
}

func TestUnusedIsNotToldOfRulesThatDidNotRun(t *testing.T) {
	s := newSilencer([]suppress.Directive{directive("client.go", 5, 5, "a job", "timeout-http-client")}, &Report{})
	if got := s.diagnostics(func(string) bool { return false }); len(got) > 0 {
		t.Errorf("told: %+v", got)
	}
}
