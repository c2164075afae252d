package catalog

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestExampleOfMajor: code that a person copies imports the version that they have.
func TestExampleOfMajor(t *testing.T) {
	const code = "import hub \"hub.test/go-hub/v7/hub\"\nimport \"hub.test/go-hub/v7\"\nimport \"hub.test/go-hubs/v7\"\n\nhub.New()\n"
	for _, tc := range []struct{ pkg, want string }{
		{"hub.test/go-hub/v9/hub", "import hub \"hub.test/go-hub/v9/hub\"\nimport \"hub.test/go-hub/v9\"\nimport \"hub.test/go-hubs/v7\"\n\nhub.New()\n"},
		{"hub.test/go-hub/v10", "import hub \"hub.test/go-hub/v10/hub\"\nimport \"hub.test/go-hub/v10\"\nimport \"hub.test/go-hubs/v7\"\n\nhub.New()\n"},
		{"hub.test/go-hub/hub", code},
		{"elsewhere.test/v9", code},
	} {
		p := Property{Example: code}
		if diff := cmp.Diff(tc.want, p.ExampleFor(tc.pkg)); diff != "" {
			t.Errorf("for %s (-want +got):\n%s", tc.pkg, diff)
		}
	}
}
