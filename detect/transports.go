package detect

import (
	"github.com/intscan/intscan/scanners/gosrc"
)

// transportBound: the operation is handed a transport of its library, whose HTTP client
// bounds it: client.Connect(ctx, &mcp.StreamableClientTransport{HTTPClient: hc}, nil).
func (j *judge) transportBound(s *site) bound {
	if s.lib == nil {
		return bound{}
	}
	for _, a := range s.call.Args {
		for _, o := range j.p.origins(a) {
			if o.Kind != gosrc.Composite || !inLibrary(s, o.Type+".HTTPClient") {
				continue
			}
			st := j.p.construct(o).find(func(symbol string) bool { return symbol == httpTimeout })
			if st == nil || st.value == nil {
				continue
			}
			if value, zero := j.p.durationAt(located{st.value, st.way}); !zero {
				return bound{state: Present, value: value, reason: "the HTTP client of its transport bounds it", at: st.at}
			}
		}
	}
	return bound{}
}
