package detect

import (
	"slices"
	"strings"

	"github.com/intscan/intscan/scanners/gosrc"
)

// awaited is the bound of an operation whose end is waited for in a select beside a
// timer, or beside a context that has a deadline: that of a token which the
// operation returns, or of a goroutine which sends its result.
func (j *judge) awaited(s *site) bound {
	for i := range s.call.Fn.Selects {
		sel := &s.call.Fn.Selects[i]
		token := slices.ContainsFunc(sel.Cases, func(c gosrc.SelectCase) bool { return ofCall(c.Channel, s.call) })
		if b := j.limit(sel); token && b.state == Present {
			return b
		}
	}
	if b := j.sentInTime(s.call); b.state == Present {
		return b
	}
	return j.waiting.into(s.call.Fn, 0)
}

// ofCall: the channel is a method's result on what the call returned: token.Done().
func ofCall(ch *gosrc.Value, call *gosrc.Call) bool {
	if ch.Kind != gosrc.Result || ch.Call.Recv == nil {
		return false
	}
	recv := ch.Call.Recv
	return recv.Kind == gosrc.Result && recv.Call == call
}

// sentInTime: the call stands in a goroutine whose result another function waits
// for no longer than it is set.
func (j *judge) sentInTime(c *gosrc.Call) bound {
	if !c.Fn.Lit || c.Fn.Parent == nil || len(c.Fn.Sends) == 0 {
		return bound{}
	}
	for i := range c.Fn.Parent.Selects {
		sel := &c.Fn.Parent.Selects[i]
		sent := slices.ContainsFunc(sel.Cases, func(w gosrc.SelectCase) bool { return slices.Contains(c.Fn.Sends, w.Channel) })
		if b := j.limit(sel); sent && b.state == Present {
			return b
		}
	}
	return bound{}
}

// limit is the bound on what a select waits for.
func (j *judge) limit(sel *gosrc.Select) bound {
	for _, c := range sel.Cases {
		if !c.Leaves {
			continue
		}
		ch := c.Channel
		switch {
		case ch.Kind == gosrc.Result && ch.Call.Callee == "time.After" && len(ch.Call.Args) == 1:
			return j.timer(ch.Call, sel)
		case ch.Kind == gosrc.Field && ch.Name == "time.Timer.C" && ch.X != nil:
			for _, o := range j.p.origins(ch.X) {
				if o.Kind == gosrc.Result && strings.HasPrefix(o.Call.Callee, "time.New") && len(o.Call.Args) == 1 {
					return j.timer(o.Call, sel)
				}
			}
		case ch.Kind == gosrc.Result && ch.Call.Callee == "context.Context.Done":
			if b := j.deadlines.context(ch.Call.Recv); b.state == Present {
				return b
			}
		}
	}
	return bound{}
}

func (j *judge) timer(made *gosrc.Call, sel *gosrc.Select) bound {
	value, _ := j.p.duration(made.Args[0])
	return bound{state: Present, value: value, reason: "waited for no longer than a timer runs", at: sel.At}
}
