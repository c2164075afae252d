package detect

import (
	"cmp"
	"slices"

	"github.com/intscan/intscan/scanners"
)

// Channel is a topic, queue, subject, exchange, stream or task type that code
// publishes to, consumes from or declares.
type Channel struct {
	scanners.Position
	Integration string `json:"integration"`
	Kind        string `json:"kind"`
	// Name is "" where only the running program knows it. NameFrom says what it is:
	// code (the name itself), computed (its fixed part), variable or configuration
	// (what holds it).
	Name      string `json:"name"`
	NameFrom  string `json:"name_from"`
	Direction string `json:"direction"` // publish, consume, declare, use
	Call      string `json:"call"`
	Function  string `json:"function"`
}

// channels lists what is published and consumed, by place.
func (g *planFacts) channels(named []namedThing) []Channel {
	out := []Channel{}
	for _, n := range named {
		if !n.isChannel() {
			continue
		}
		c := Channel{
			Position: n.at, Integration: n.integration, Kind: n.kind, Name: n.name, NameFrom: cmp.Or(string(n.from), "unknown"),
			Direction: n.access, Call: n.call, Function: n.fn.Name,
		}
		if c.Direction == "define" {
			c.Direction = "declare"
		}
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b Channel) int {
		return cmp.Or(a.Position.Compare(b.Position), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Direction, b.Direction), cmp.Compare(a.Name, b.Name))
	})
	return slices.Compact(out)
}
