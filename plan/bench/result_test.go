package main

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestWriteRows(t *testing.T) {
	var b strings.Builder
	rows := []row{
		timed("discovery", []usage{{wall: 3 * time.Second}}, "go/parser", []usage{{wall: time.Second}}, 3),
		timed("scan", []usage{{wall: 2 * time.Second, cpu: 1}}, "noctx", []usage{{wall: 4 * time.Second, cpu: 10}}, 0.25),
	}
	if err := writeRows(&b, rows, []string{"scan: gosec is not counted"}); err != nil {
		t.Fatal(err)
	}
	want := `what       intscan  beside            ratio  limit        by CPU
discovery  3.00 s   go/parser 1.00 s  3.00   3.00   ok    -
scan       2.00 s   noctx 4.00 s      0.50   0.25   over  0.10

scan: gosec is not counted
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func TestMedian(t *testing.T) {
	for _, test := range []struct {
		values []time.Duration
		want   time.Duration
	}{
		{[]time.Duration{7}, 7},
		{[]time.Duration{9, 1, 4}, 4},
		{[]time.Duration{8, 2, 100, 4}, 6},
	} {
		if got := median(test.values); got != test.want {
			t.Errorf("median of %v: got %v, want %v", test.values, got, test.want)
		}
	}
}

// A row that names a peer without a version would compare with something else
// every month.
func TestPeersArePinned(t *testing.T) {
	for _, p := range peers {
		if _, version, _ := strings.Cut(p.pkg, "@"); !strings.HasPrefix(version, "v") {
			t.Errorf("%s: version %q", p.name, version)
		}
	}
}
