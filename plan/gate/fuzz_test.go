package gate_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/intscan/intscan/plan/gate"
	"github.com/intscan/intscan/plan/rules"
)

// FuzzParseBaseline: a file is refused or holds findings, which match themselves by
// whatever they have, and pruned by nothing stay what they are.
func FuzzParseBaseline(f *testing.F) {
	whole := finding("3", rules.WholeModule+"example.com/shop", rules.High)
	data, err := json.Marshal(gate.NewBaseline([]rules.Finding{finding("1", "p.A", rules.High), finding("2", "http.Client in p/q", rules.Low), whole}, nil))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(data))
	f.Add(`{"schema":"intscan.report/v1","findings":[{"rule":"r","fingerprint":"1","anchor":"a: p.A","file":"a.go","line":3,"places":-1}]}`)
	f.Add(`{"schema":"intscan.baseline/v1","findings":null}`)
	f.Add(`[]`)
	f.Fuzz(func(t *testing.T, text string) {
		b, err := gate.ParseBaseline([]byte(text))
		if (b == nil) == (err == nil) {
			t.Fatalf("baseline %v and error %v", b, err)
		}
		if err != nil {
			return
		}
		var same []rules.Finding
		for _, e := range b.Findings {
			f := finding(e.Fingerprint, e.Anchor, rules.High)
			f.Rule, f.Integration, f.File, f.Message = e.Rule, e.Integration, e.File, e.Message
			same = append(same, f)
		}
		m := b.Match(same, nil)
		if len(m.Known) != len(same) || len(m.Stale) != 0 {
			t.Errorf("%d of %d findings known, %d stale", len(m.Known), len(same), len(m.Stale))
		}
		again, err := json.Marshal(b)
		if err != nil {
			t.Fatal(err)
		}
		read, err := gate.ParseBaseline(again)
		if err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
		if diff := cmp.Diff(b.Findings, read.Findings); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}
