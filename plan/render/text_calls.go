package render

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/scanners"
)

// tally sums the verdicts of one integration's call sites.
type tally struct {
	name  string
	sites []detect.CallSite
	// absent and unknown count sites by protection: timeout, retry, monitoring.
	absent, unknown [3]int
}

func verdicts(s detect.CallSite) [3]detect.Verdict {
	return [3]detect.Verdict{s.Timeout, s.Retry, s.Monitoring}
}

var protections = [3]string{"timeout", "retry", "monitoring"}

func (t *text) tallies() []*tally {
	byID := map[string]*tally{}
	var all []*tally
	for _, s := range t.r.CallSites {
		id := cmp.Or(s.Integration, s.System)
		y := byID[id]
		if y == nil {
			y = &tally{name: t.nameOfID(id)}
			byID[id] = y
			all = append(all, y)
		}
		y.sites = append(y.sites, s)
		for i, v := range verdicts(s) {
			switch v.Verdict {
			case detect.Absent:
				y.absent[i]++
			case detect.Unknown:
				y.unknown[i]++
			}
		}
	}
	// Worst first: a call that never ends hurts more than one that is not
	// repeated, and that more than one that nobody sees.
	slices.SortStableFunc(all, func(a, b *tally) int {
		return cmp.Or(cmp.Compare(b.absent[0], a.absent[0]), cmp.Compare(b.absent[1], a.absent[1]),
			cmp.Compare(b.absent[2], a.absent[2]), cmp.Compare(a.name, b.name))
	})
	return all
}

func (t *text) calls() {
	all := t.tallies()
	if len(all) == 0 {
		return
	}
	t.head("Calls", "what happens when the other side does not answer; worst first")
	shown := t.limit(len(all), capCalls)
	var rows [][]cell
	for _, y := range all[:shown] {
		row := []cell{{y.name, bold}, {scanners.Count(len(y.sites), "call"), plain}}
		for i := range protections {
			row = append(row, y.verdictCell(i))
		}
		worst := worstSite(y.sites)
		rows = append(rows, append(row, cell{worst.Position.Place(), plain}))
	}
	t.table(rows)
	t.more(len(all) - shown)
	if t.o.Verbose {
		t.everyCall()
	}
}

func (y *tally) verdictCell(i int) cell {
	absent, unknown := y.absent[i], y.unknown[i]
	switch {
	case absent > 0 && unknown > 0:
		return cell{fmt.Sprintf("%s %d absent, %d unknown", protections[i], absent, unknown), bad}
	case absent > 0:
		return cell{fmt.Sprintf("%s %d absent", protections[i], absent), bad}
	case unknown > 0:
		return cell{fmt.Sprintf("%s %d unknown", protections[i], unknown), warn}
	}
	return cell{protections[i] + " ok", good}
}

// worstSite is the call that lacks the most, the first of them.
func worstSite(sites []detect.CallSite) detect.CallSite {
	lacks := func(s detect.CallSite) (n int) {
		for i, v := range verdicts(s) {
			if v.Verdict == detect.Absent {
				n += 4 - i
			}
		}
		return n
	}
	return slices.MaxFunc(sites, func(a, b detect.CallSite) int { return cmp.Compare(lacks(a), lacks(b)) })
}

func (t *text) everyCall() {
	t.head("Every call", "")
	for _, s := range t.r.CallSites {
		t.line(cell{"  ", plain}, cell{s.Position.Place(), plain}, cell{"  " + t.nameOfID(cmp.Or(s.Integration, s.System)), bold},
			cell{"  " + detect.ShortCall(s.Call), dim})
		for i, v := range verdicts(s) {
			where := ""
			if v.File != "" {
				where = " (" + v.Position.Place() + ")"
			}
			t.line(cell{"      ", plain}, cell{fmt.Sprintf("%-12s", protections[i]), dim},
				cell{strings.TrimSpace(fmt.Sprintf("%-8s %s", v.Verdict, v.Value)), stateStyle(v.Verdict)},
				cell{prefixed("  ", v.Reason) + where, dim})
		}
	}
}

func stateStyle(s detect.State) style {
	switch s {
	case detect.Absent:
		return bad
	case detect.Unknown:
		return warn
	}
	return good
}
