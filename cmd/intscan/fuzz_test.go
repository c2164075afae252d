package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/intscan/intscan/plan/compare"
	"github.com/intscan/intscan/plan/render"
)

// FuzzReport: a report that somebody edited is refused or can be compared and shown,
// and gains nothing over itself.
func FuzzReport(f *testing.F) {
	for _, name := range []string{"nogo", "grpcpair"} {
		data, err := os.ReadFile(filepath.Join(fixtureDir, name+".want.json"))
		if err != nil {
			f.Fatal(err)
		}
		var short bytes.Buffer
		if err := json.Compact(&short, data); err != nil {
			f.Fatal(err)
		}
		f.Add(short.Bytes())
	}
	f.Add([]byte(`{"schema":"intscan.report/v1","findings":[{"related":[{}]}],"call_sites":[{}],"integrations":[{},{"id":"a"}],"apis":[{}]}`))
	f.Add([]byte(`{"schema":"intscan.report/v1","gate":null,"coverage":null,"plan":null}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := parseReport(data)
		if err != nil {
			return
		}
		d := difference(r, r)
		if len(d.Changes)+len(d.Gained) > 0 {
			t.Errorf("it differs from itself: %+v, %+v", d.Changes, d.Gained)
		}
		d.Gained = r.Findings
		for _, write := range []func(io.Writer, *compare.Diff) error{
			render.DiffMarkdown,
			func(w io.Writer, d *compare.Diff) error { return render.Diff(w, d, render.TextOptions{}) },
			func(w io.Writer, d *compare.Diff) error { return render.EncodeJSON(w, d) },
		} {
			if err := write(io.Discard, d); err != nil {
				t.Error(err)
			}
		}
	})
}
