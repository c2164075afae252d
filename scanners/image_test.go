package scanners

import (
	"strings"
	"testing"
)

func TestImageName(t *testing.T) {
	digest := "@sha256:" + strings.Repeat("0123456789abcdef", 4)
	for image, want := range map[string]string{
		"":                                     "",
		"postgres:17":                          "postgres:17",
		"postgres" + digest:                    "postgres" + digest,
		"user:pass@registry.example.com/app:1": "registry.example.com/app:1",
		"user:p@ss@registry.example.com/app":   "registry.example.com/app",
		"user:pass@ghcr.io/app:1" + digest:     "ghcr.io/app:1" + digest,
	} {
		if got := ImageName(image); got != want {
			t.Errorf("ImageName(%q) = %q, want %q", image, got, want)
		}
	}
}
