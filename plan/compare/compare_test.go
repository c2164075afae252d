package compare_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/plan/compare"
	"github.com/intscan/intscan/scanners"
)

// call is a call of redis whose timeout has the given state; all else is there.
func call(timeout detect.State) detect.CallSite {
	there := detect.Verdict{Verdict: detect.Present}
	return detect.CallSite{Integration: "redis", Scope: detect.ScopeRuntime, Timeout: detect.Verdict{Verdict: timeout}, Retry: there, Monitoring: there, Breaker: there}
}

func result(calls ...detect.CallSite) *detect.Result {
	return &detect.Result{
		Integrations: []detect.Integration{
			{ID: "redis", Kind: "cache", Direction: catalog.Outbound, Scope: detect.ScopeRuntime},
			{ID: "github", Kind: "scm", Direction: catalog.Outbound, Scope: detect.ScopeDevelopment},
		},
		CallSites: calls,
		APIs:      []detect.API{{Position: scanners.Position{File: "api/openapi.yaml", Line: 1}, Title: "Shop", Version: "1.4.0", Operations: 4, Direction: catalog.Inbound}},
	}
}

func TestCover(t *testing.T) {
	for _, tc := range []struct {
		name  string
		calls []detect.CallSite
		want  compare.Cover
	}{
		{"no call", nil, ""},
		{"all", []detect.CallSite{call(detect.Present), call(detect.Default)}, compare.All},
		{"unknown is no news", []detect.CallSite{call(detect.Unknown)}, compare.All},
		{"some", []detect.CallSite{call(detect.Present), call(detect.Absent)}, compare.Some},
		{"none", []detect.CallSite{call(detect.Absent), call(detect.Absent)}, compare.None},
	} {
		t.Run(tc.name, func(t *testing.T) {
			l := compare.Take(result(tc.calls...))
			if len(l.Integrations) != 1 || l.Integrations[0].Timeout != tc.want {
				t.Errorf("got %+v, want redis alone with timeout %q", l.Integrations, tc.want)
			}
		})
	}
}

func TestLockFile(t *testing.T) {
	l := compare.Take(result(call(detect.Absent), call(detect.Present)))
	data, err := l.Encode()
	if err != nil {
		t.Fatal(err)
	}
	want := `schema: intscan.lock/v1
integrations:
  - id: redis
    kind: cache
    direction: outbound
    scope: runtime
    timeout: some
    retry: all
    monitoring: all
    breaker: all
contracts:
  - file: api/openapi.yaml
    title: Shop
    version: 1.4.0
    direction: inbound
    operations: 4
`
	_, body, _ := strings.Cut(string(data), "commit.\n")
	if diff := cmp.Diff(want, body); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	again, err := compare.ParseLock(data)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(l, again); diff != "" {
		t.Errorf("what is read is not what was written (-want +got):\n%s", diff)
	}
	for _, bad := range []string{"", "schema: other/v1\n", "schema: intscan.lock/v1\nintegration: []\n", "schema: [\n",
		"schema: intscan.lock/v1\nintegrations: [{id: redis}, {id: redis}]\n", "schema: intscan.lock/v1\n---\nschema: intscan.lock/v1\n"} {
		if _, err := compare.ParseLock([]byte(bad)); err == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
}

func TestLocks(t *testing.T) {
	base := func() *compare.Lock { return compare.Take(result(call(detect.Present), call(detect.Present))) }
	for _, tc := range []struct {
		name   string
		change func(*compare.Lock)
		want   []compare.Change
	}{
		{"nothing", func(*compare.Lock) {}, []compare.Change{}},
		{"weaker", func(l *compare.Lock) { l.Integrations[0].Timeout = compare.Some },
			[]compare.Change{{Kind: compare.Weaker, Subject: "integration", Name: "redis", Detail: "timeout: all → some"}}},
		{"no call any more weakens nothing", func(l *compare.Lock) { l.Integrations[0].Timeout = "" }, []compare.Change{}},
		{"one more", func(l *compare.Lock) {
			l.Integrations = append(l.Integrations, compare.Integration{ID: "stripe", Kind: "payment", Timeout: compare.None})
		}, []compare.Change{{Kind: compare.Added, Subject: "integration", Name: "stripe", Detail: "payment, timeout none"}}},
		{"gone", func(l *compare.Lock) { l.Integrations = nil },
			[]compare.Change{{Kind: compare.Removed, Subject: "integration", Name: "redis", Detail: "cache"}}},
		{"more operations", func(l *compare.Lock) { l.Contracts[0].Operations = 5 },
			[]compare.Change{{Kind: compare.Changed, Subject: "contract", Name: "api/openapi.yaml", Detail: "operations: 4 → 5"}}},
		{"the worst first", func(l *compare.Lock) {
			l.Contracts = nil
			l.Integrations[0].Monitoring = compare.None
		}, []compare.Change{
			{Kind: compare.Weaker, Subject: "integration", Name: "redis", Detail: "monitoring: all → none"},
			{Kind: compare.Removed, Subject: "contract", Name: "api/openapi.yaml", Detail: "4 operations"},
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			after := base()
			tc.change(after)
			if diff := cmp.Diff(tc.want, compare.Locks(base(), after)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
