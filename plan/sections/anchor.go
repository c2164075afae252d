package sections

import (
	"crypto/sha256"
	"fmt"
	"strings"
)

// Anchor is the ID of an integration's section in the document, for each integration
// another one: what an anchor cannot hold becomes a dash, and a sum of the whole tells
// those apart that look the same then.
func Anchor(integration string) string {
	system, instance, _ := strings.Cut(integration, ":")
	exact := !strings.Contains(system, "-") && !strings.Contains(instance, ":")
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' || r == '.' || r == '_' {
			return r
		}
		exact = false
		return '-'
	}, strings.ReplaceAll(integration, ":", "-"))
	if exact {
		return "integration-" + name
	}
	sum := sha256.Sum256([]byte(integration))
	return fmt.Sprintf("integration-%s-%x", name, sum[:3])
}
