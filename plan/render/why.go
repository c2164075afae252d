package render

import (
	"io"

	"github.com/intscan/intscan/detect"
)

// Why writes how the verdicts of one call site came about: the call, how its
// client is made, and for each protection what decided, with the way there.
func Why(w io.Writer, s detect.CallSite, o TextOptions) error {
	p := newPage(o)
	p.line(cell{s.Position.Place(), bold}, cell{"  " + detect.ShortCall(s.Call), plain})
	p.line(cell{"  in " + detect.ShortCall(s.Function) + ", talks to " + s.Integration, dim})
	if len(s.Client) > 0 {
		p.head("Client", "how it is made")
		p.table(steps(s.Client))
	}
	p.head("Verdicts", "")
	for _, v := range allProtections(s) {
		if v.minor && v.verdict.Verdict == detect.Absent {
			continue
		}
		p.line(cell{"  " + v.name, plain}, cell{" " + string(v.verdict.Verdict), stateStyle(v.verdict.Verdict)}, cell{valueOf(v.verdict), plain})
		p.line(cell{"    " + v.verdict.Reason, dim})
		if v.verdict.File != "" {
			p.line(cell{"    decided at " + v.verdict.Position.Place(), dim})
		}
		p.table(steps(v.verdict.Path))
	}
	_, err := io.WriteString(w, p.buf.String())
	return err
}

type protection struct {
	name    string
	verdict detect.Verdict
	minor   bool // told only where there is one
}

func allProtections(s detect.CallSite) []protection {
	return []protection{
		{"timeout", s.Timeout, false}, {"retry", s.Retry, false}, {"monitoring", s.Monitoring, false},
		{"circuit breaker", s.Breaker, true}, {"bulkhead", s.Bulkhead, true},
		{"rate limit", s.RateLimit, true}, {"fallback", s.Fallback, true},
	}
}

func valueOf(v detect.Verdict) string {
	if v.Value == "" {
		return ""
	}
	return "  " + v.Value
}

func steps(list []detect.Step) [][]cell {
	var rows [][]cell
	for _, s := range list {
		rows = append(rows, []cell{{"      " + s.Position.Place(), plain}, {s.What, dim}})
	}
	return rows
}
