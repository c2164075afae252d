package detect

import (
	"cmp"
	"slices"
	"strings"

	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/gosrc"
)

// Server is a place where an http.Server starts to serve, with the bounds on how
// long a slow client may hold it.
type Server struct {
	scanners.Position
	Call string `json:"call"`
	// Function is where it starts to serve, Made where the http.Server is filled in
	// (the call itself, where net/http makes one), Address the literal one that it
	// listens on.
	Function          string  `json:"function"`
	Made              Step    `json:"made"`
	Address           string  `json:"address,omitempty"`
	ReadHeaderTimeout Verdict `json:"read_header_timeout"`
	ReadTimeout       Verdict `json:"read_timeout"`
	WriteTimeout      Verdict `json:"write_timeout"`
	IdleTimeout       Verdict `json:"idle_timeout"`
}

// servers judges the HTTP servers of production code. A ReadTimeout bounds the
// header and, where no IdleTimeout is set, the idle time as well (net/http, Go
// 1.26, server.go: readHeaderTimeout, idleTimeout).
func (j *judge) servers() []Server {
	out := []Server{}
	j.p.eachCall(func(c *gosrc.Call) {
		switch name, ok := strings.CutPrefix(c.Callee, "net/http."); {
		case !ok || j.p.unused(c.Fn.Pkg):
		case name == "ListenAndServe" || name == "ListenAndServeTLS" || name == "Serve" || name == "ServeTLS":
			none := Verdict{Verdict: Absent, Reason: "http." + name + " serves without any bound", Position: c.At}
			out = append(out, Server{
				Position: c.At, Call: c.Callee, Function: c.Fn.Name, Made: Step{Position: c.At, What: shortSymbol(c.Callee)}, Address: j.firstText(c.Args),
				ReadHeaderTimeout: none, ReadTimeout: none, WriteTimeout: none, IdleTimeout: none,
			})
		case strings.HasPrefix(name, "Server.ListenAndServe") || strings.HasPrefix(name, "Server.Serve"):
			out = append(out, j.server(c))
		}
		if fw := j.p.cat.Framework(packageOf(c.Callee)); fw != nil && catalog.Matches(fw.Serves, c.Callee) && !j.p.unused(c.Fn.Pkg) {
			out = append(out, j.frameworkServer(c, fw))
		}
	})
	slices.SortFunc(out, func(a, b Server) int { return cmp.Or(a.Position.Compare(b.Position), cmp.Compare(a.Call, b.Call)) })
	return out
}

// frameworkServer is a server that a framework makes by itself.
func (j *judge) frameworkServer(c *gosrc.Call, fw *catalog.Framework) Server {
	unknown := Verdict{Verdict: Unknown, Reason: "the framework decides"}
	s := Server{
		Position: c.At, Call: c.Callee, Function: c.Fn.Name, Made: Step{Position: c.At, What: shortSymbol(c.Callee)}, Address: j.firstText(c.Args),
		ReadHeaderTimeout: unknown, ReadTimeout: unknown, WriteTimeout: unknown, IdleTimeout: unknown,
	}
	if c.Recv != nil {
		made := j.p.construct(c.Recv)
		if step := made.find(func(symbol string) bool { return catalog.Matches(fw.Header.By, symbol) }); step != nil {
			value, _ := j.p.durationAt(located{step.value, step.way})
			s.ReadHeaderTimeout = Verdict{Verdict: Present, Value: value, Reason: shortSymbol(step.symbol) + " is set", Position: step.at}
			return s
		}
		if len(made.steps) == 0 {
			return s // it comes from outside the repository's code
		}
	}
	switch d := j.p.pickDefault(fw.Header.Defaults, packageOf(c.Callee)); {
	case d == nil:
	case d.Value == "none":
		s.ReadHeaderTimeout = Verdict{Verdict: Absent, Reason: shortSymbol(c.Callee) + " serves without any bound", Position: c.At}
	default:
		s.ReadHeaderTimeout = Verdict{Verdict: Default, Value: d.Value, Reason: d.Module + " sets it by itself"}
	}
	return s
}

func (j *judge) server(c *gosrc.Call) Server {
	made := j.p.construct(c.Recv)
	field := func(name string) Verdict {
		step := made.find(func(symbol string) bool { return symbol == "net/http.Server."+name })
		switch {
		case step != nil:
			value, _ := j.p.durationAt(located{step.value, step.way})
			return Verdict{Verdict: Present, Value: value, Reason: name + " is set", Position: step.at}
		case len(made.steps) == 0:
			return Verdict{Verdict: Unknown, Reason: "the server comes from outside the repository's code"}
		}
		return Verdict{Verdict: Absent, Reason: name + " is not set"}
	}
	s := Server{
		Position: c.At, Call: c.Callee, Function: c.Fn.Name, Made: Step{Position: c.At, What: shortSymbol(c.Callee)},
		ReadHeaderTimeout: field("ReadHeaderTimeout"), ReadTimeout: field("ReadTimeout"),
		WriteTimeout: field("WriteTimeout"), IdleTimeout: field("IdleTimeout"),
	}
	for _, st := range made.steps {
		switch {
		case st.symbol == "net/http.Server" && st.value != nil:
			s.Made = Step{Position: st.at, What: "http.Server"}
		case st.symbol == "net/http.Server.Addr" && st.value != nil:
			s.Address = j.firstText([]*gosrc.Value{st.value})
		}
	}
	if s.ReadTimeout.Verdict == Present {
		for _, v := range []*Verdict{&s.ReadHeaderTimeout, &s.IdleTimeout} {
			if v.Verdict == Absent {
				*v = s.ReadTimeout
				v.Reason = "ReadTimeout bounds it too"
			}
		}
	}
	return s
}

// firstText is the constant that the first of some values is or begins with; ""
// where it is not known.
func (j *judge) firstText(vs []*gosrc.Value) string {
	if len(vs) == 0 {
		return ""
	}
	os := j.p.origins(vs[0])
	if len(os) != 1 {
		return ""
	}
	return j.leading(os[0], 0)
}
