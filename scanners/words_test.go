package scanners

import "testing"

func TestCount(t *testing.T) {
	for _, tt := range []struct{ got, want string }{
		{Count(1, "call"), "1 call"}, {Count(0, "call"), "0 calls"}, {Count(12, "call"), "12 calls"},
		{CountAs(1, "binary", "binaries"), "1 binary"}, {CountAs(2, "binary", "binaries"), "2 binaries"},
	} {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}
