package rules

import (
	"cmp"
	"fmt"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/scanners"
)

var secretRules = []Rule{
	{
		ID: "config-secret-in-file", Category: Configuration, Severity: Critical, Since: "0.1.0",
		Title:     "Secret in a file of the repository",
		Rationale: "Everybody who has the repository, or ever had it, has the secret: the history keeps it after it is deleted.",
		Remedy:    "Replace the credential at its system, take it out of the file, and read it from the environment or a secret store.",
		Example:   "environment:\n  STRIPE_SECRET_KEY: ${STRIPE_SECRET_KEY:?}",
		Silent:    "The value is a reference, a placeholder, a test key or a password that people make up for their own machine, or the file is an example or for development.",
		check: literalSecrets(false, func(s detect.Secret) string {
			return s.Name + " has a value that looks like a working credential"
		}),
	},
	{
		ID: "config-secret-in-code", Category: Configuration, Severity: Critical, Since: "0.1.0",
		Title:     "Secret that stands in the code",
		Rationale: "It is in every copy of the repository and in every binary, the same for all environments, and can only be changed by a new build.",
		Remedy:    "Replace the credential at its system and read the new one from the environment or a secret store.",
		Example:   "key := os.Getenv(\"SIGNING_KEY\")\nif key == \"\" {\n\tlog.Fatal(\"SIGNING_KEY is not set\")\n}",
		Silent:    "The literal is a placeholder or short, it is no credential of a client or a key, or only tests and examples use it.",
		check: literalSecrets(true, func(s detect.Secret) string {
			return fmt.Sprintf("a literal is the %s", s.Name)
		}),
	},
}

// literalSecrets reports once for a file, or for a function.
func literalSecrets(code bool, say func(detect.Secret) string) func(*view, func(hit)) {
	return func(v *view, report func(hit)) {
		at := map[string]int{}
		var found []hit
		for _, s := range v.Secrets {
			if (s.Source == scanners.SourceGo) != code {
				continue
			}
			anchor := cmp.Or(s.Function, s.File)
			i, known := at[anchor]
			if !known {
				i, at[anchor] = len(found), len(found)
				found = append(found, hit{at: s.Position, integration: s.Integration, anchor: anchor, severity: Critical})
			}
			h := &found[i]
			if known {
				h.message += "; "
			}
			h.message += say(s)
			h.related = append(h.related, Related{s.Position, s.Name})
		}
		for _, h := range found {
			report(h)
		}
	}
}
