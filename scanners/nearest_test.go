package scanners_test

import (
	"testing"

	"github.com/intscan/intscan/scanners"
)

func TestEditDistance(t *testing.T) {
	for _, tc := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"a", "", 1}, {"formt", "format", 1}, {"format", "format", 0}, {"kitten", "sitting", 3}} {
		if got := scanners.EditDistance(tc.a, tc.b); got != tc.want {
			t.Errorf("EditDistance(%q, %q) = %d, want %d", tc.a, tc.b, got, tc.want)
		}
	}
}

func TestNearest(t *testing.T) {
	names := []string{"timeout-database", "timeout-http-client", "retry-missing"}
	for given, want := range map[string]string{
		"timeout-databse": "timeout-database", "retry-mising": "retry-missing", "xyz": "", "": "",
	} {
		if got := scanners.Nearest(given, names); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", given, got, want)
		}
	}
}
