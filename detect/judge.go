package detect

import (
	"cmp"
	"slices"

	"github.com/intscan/intscan/scanners/gosrc"
)

// judge decides the three verdicts of each call site.
type judge struct {
	p          *program
	deadlines  *deadlines
	recording  map[*gosrc.Func]recorded
	retrying   map[*gosrc.Func]bound
	busy       map[*gosrc.Func]bool
	around     map[*gosrc.Func]recorded
	busyAround map[*gosrc.Func]bool
	made       map[*site]*construction
	siteFuncs  map[*gosrc.Func]bool // functions that hold a call site
}

func newJudge(p *program, sites []*site) *judge {
	j := &judge{
		p: p, deadlines: newDeadlines(p), recording: map[*gosrc.Func]recorded{},
		retrying: map[*gosrc.Func]bound{}, busy: map[*gosrc.Func]bool{}, made: map[*site]*construction{},
		around: map[*gosrc.Func]recorded{}, busyAround: map[*gosrc.Func]bool{}, siteFuncs: map[*gosrc.Func]bool{},
	}
	for _, s := range sites {
		j.siteFuncs[s.call.Fn] = true
	}
	return j
}

func (j *judge) callSites(sites []*site) []CallSite {
	out := make([]CallSite, 0, len(sites))
	for _, s := range sites {
		out = append(out, CallSite{
			System: s.system, Integration: s.system, Position: s.at(),
			Call: s.symbol, Function: s.call.Fn.Name,
			Timeout: j.timeout(s), Retry: j.retry(s), Monitoring: j.monitoring(s),
		})
	}
	slices.SortFunc(out, func(a, b CallSite) int {
		return cmp.Or(a.Position.Compare(b.Position), cmp.Compare(a.System, b.System), cmp.Compare(a.Call, b.Call))
	})
	return slices.CompactFunc(out, func(a, b CallSite) bool { return a.Position == b.Position && a.Call == b.Call })
}
