package gate_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/plan/gate"
	"github.com/intscan/intscan/plan/rules"
	"github.com/intscan/intscan/scanners"
)

// version is what a scan found of package rates: its calls, each in a function of its
// name, and the findings on some of them.
type version struct {
	calls    []detect.CallSite
	findings []rules.Finding
}

// in makes a version with the calls of some functions; a word may come twice.
func in(functions string) *version {
	v := &version{}
	for i, name := range strings.Fields(functions) {
		v.calls = append(v.calls, detect.CallSite{Position: scanners.Position{File: "rates/rates.go", Line: 10 * (i + 1)},
			Function: "example.com/shop/rates." + name, Call: "net/http.Client.Do", Integration: "http"})
	}
	return v
}

// finds adds a finding on the calls of some functions.
func (v *version) finds(rule, anchor, functions string) *version {
	f := rules.Finding{Rule: rule, Anchor: anchor, Integration: "http", Message: "m", Fingerprint: rule + " " + anchor, Severity: rules.High,
		Position: scanners.Position{File: "rates/rates.go", Line: 5}}
	for i := range v.calls {
		name := v.calls[i].Function[strings.LastIndexByte(v.calls[i].Function, '.')+1:]
		if strings.Contains(" "+functions+" ", " "+name+" ") {
			f.Related = append(f.Related, rules.Related{Position: v.calls[i].Position})
		}
	}
	if !strings.Contains(anchor, " in ") {
		f.Position = f.Related[0].Position // each call is a cause
	}
	v.findings = append(v.findings, f)
	return v
}

// TestGrowth: what a change adds to a finding is new, though the finding is not; what
// only has another cause is not new.
func TestGrowth(t *testing.T) {
	const rule, client, wrapped = "timeout-http-client", "http.Client in rates", "http.Client in transport"
	for _, tc := range []struct {
		name   string
		before *version
		after  *version
		want   []string // line and message of what counts
		file   []string // the same with a baseline file
	}{
		{"the same", in("A B").finds(rule, client, "A"), in("A B").finds(rule, client, "A"), nil, nil},
		{"one more call through a client that is known", in("A").finds(rule, client, "A"), in("A B").finds(rule, client, "A B"), nil, nil},
		{"a call that lost what protected it", in("A B").finds(rule, client, "A"), in("A B").finds(rule, client, "A B"),
			[]string{"5 m (1 more than before: rates/rates.go:20)"}, nil},
		{"calls moved to another client", in("A B").finds(rule, client, "A B"), in("A B").finds(rule, wrapped, "A B"), nil, nil},
		{"some of them", in("A B").finds(rule, client, "A B"), in("A B").finds(rule, client, "A").finds(rule, wrapped, "B"), nil, []string{"5 m"}},
		{"a new client with a call of its own", in("A").finds(rule, client, "A"), in("A B").finds(rule, client, "A").finds(rule, wrapped, "B"),
			[]string{"5 m"}, []string{"5 m"}},
		{"another client takes a call that was known and one that was bounded", in("A B").finds(rule, client, "A"), in("A B").finds(rule, wrapped, "A B"),
			[]string{"5 m (1 more than before: rates/rates.go:20)"}, nil},
		{"the like by another rule", in("A").finds("retry-missing", client, "A"), in("A").finds(rule, client, "A"), []string{"5 m"}, []string{"5 m"}},
		{"one more call of its own", in("A").finds(rule, "rates", "A"), in("A B").finds(rule, "rates", "A B"),
			[]string{"20 m (1 more than before: rates/rates.go:20)"}, []string{"10 m (1 more than before)"}},
		{"a call renamed", in("A B").finds(rule, "rates", "A B"), in("A C").finds(rule, "rates", "A C"), nil, nil},
		{"a second call in the same function", in("A").finds(rule, "example.com/shop/rates.A", "A"), in("A A").finds(rule, "example.com/shop/rates.A", "A"),
			[]string{"20 m (1 more than before: rates/rates.go:20)"}, []string{"10 m (1 more than before)"}},
		{"one more client where none is bounded", in("A B").finds("timeout-none", rules.AllCalls, "A B"), in("A B C").finds("timeout-none", rules.AllCalls, "A B C"),
			[]string{"30 m (1 more than before: rates/rates.go:30)"}, []string{"10 m (1 more than before)"}},
		{"so many that they are told of as one", in("A B").finds(rule, client, "A").finds("timeout-sdk", wrapped, "B"), in("A B").finds("timeout-none", rules.AllCalls, "A B"), nil, nil},
		{"and one more", in("A").finds(rule, client, "A"), in("A B").finds("timeout-none", rules.AllCalls, "A B"),
			[]string{"10 m (1 more than before)"}, []string{"10 m (1 more than before)"}},
		{"so few that they are told of alone", in("A B").finds("timeout-none", rules.AllCalls, "A B"), in("A B").finds(rule, client, "A").finds("timeout-sdk", wrapped, "B"), nil, nil},
		{"another integration that no trace shows", in("A").finds("monitoring-client", "http", "A"), in("A B").finds("monitoring-client", rules.AllClients, "A B"),
			[]string{"10 m (1 more than before)"}, []string{"10 m (1 more than before)"}},
		{"a limit of a policy that is gone altogether", in("A").finds("policy-quick", "timeout too long: example.com/shop/rates.A", "A"),
			in("A").finds("policy-quick", "no timeout: example.com/shop/rates.A", "A"), []string{"10 m"}, []string{"10 m"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			revision := gate.NewBaseline(tc.before.findings, tc.before.calls)
			file := &gate.Baseline{Schema: gate.BaselineSchema, Findings: revision.Findings}
			if diff := cmp.Diff(tc.want, counting(tc.after, revision)); diff != "" {
				t.Errorf("since a revision (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tc.file, counting(tc.after, file)); diff != "" {
				t.Errorf("by a baseline file (-want +got):\n%s", diff)
			}
		})
	}
}

func counting(v *version, b *gate.Baseline) []string {
	all := append([]rules.Finding{}, v.findings...)
	gate.Limits{}.Apply(all, v.calls, b)
	var out []string
	for _, f := range all {
		if !f.Known {
			_, line, _ := strings.Cut(f.Position.String(), ":")
			out = append(out, line+" "+f.Message)
		}
	}
	return out
}

// TestPruneSinglePlaces: a place that is mended leaves the baseline, too.
func TestPruneSinglePlaces(t *testing.T) {
	before, after := in("A B").finds("timeout-http-client", "rates", "A B"), in("A").finds("timeout-http-client", "rates", "A")
	b := gate.NewBaseline(before.findings, before.calls)
	pruned := b.Prune(b.Match(after.findings, after.calls))
	if len(pruned.Findings) != 1 || pruned.Findings[0].Places != 1 {
		t.Errorf("got %+v, want one finding with one place", pruned.Findings)
	}
}
