package rules

import (
	"fmt"
	"strings"

	"github.com/intscan/intscan/scanners"
)

var versionRules = []Rule{
	{
		ID: "version-client-retired", Category: Versions, Severity: Medium, Since: "0.1.0",
		Title:     "Client library that its makers gave up or replaced",
		Rationale: "A retired library gets no fixes: not for security, nor for changes on the other side of the wire, which go on without it.",
		Remedy:    "Move to the successor that the finding names.",
		Example:   "go get github.com/rabbitmq/amqp091-go",
		Silent:    "Only tests or tools import the library, or the catalog has no line of its makers that says it is retired.",
		check:     retiredLibraries,
	},
}

func retiredLibraries(v *view, report func(hit)) {
	for _, r := range v.RetiredLibraries {
		since := ""
		if r.Since != "" {
			since = " since " + r.Since
		}
		h := hit{
			at: r.Position, integration: r.Integration, anchor: r.Library, phase: v.gravestPhase(r.Integration),
			message: fmt.Sprintf("%s is retired%s: %s (%s); %s %s it", strings.TrimSpace(r.Module+" "+r.Version), since, r.Why, r.Source, scanners.Count(len(r.Imports), "package"), agree(len(r.Imports), "imports", "import")),
			remedy:  "Move to " + r.Successor + ".",
			example: "go get " + r.Successor,
		}
		if strings.Contains(r.Successor, " ") {
			h.example = "// " + r.Successor
		}
		if len(r.Imports) == 1 {
			h.message = strings.Replace(h.message, "import it", "imports it", 1)
		}
		for _, i := range r.Imports {
			h.related = append(h.related, Related{i.Position, "imports " + i.What})
		}
		report(h)
	}
}
