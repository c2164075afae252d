package detect

import (
	"strconv"
	"time"

	"github.com/intscan/intscan/scanners/gosrc"
)

// firstWait is how long a retry waits before its second attempt, "" where that is not
// known. Of a wait that is made of a duration and the number of the attempt, the number
// is 1.
func (p *program) firstWait(w *gosrc.Value) string {
	if d, _ := p.duration(w); d != "" || w.Kind != gosrc.Concat {
		return d
	}
	if n, known := p.ofFirst(w, 0); known && n >= int64(time.Microsecond) {
		return time.Duration(n).String()
	}
	return ""
}

// ofFirst is the value of an expression in the first turn of a loop. What the loop
// counts is 1, and known is false where nothing else is in it.
func (p *program) ofFirst(v *gosrc.Value, depth int) (n int64, known bool) {
	switch {
	case depth > 4:
		return 0, false
	case v.Kind == gosrc.Concat && (v.Name == "*" || v.Name == "<<") && len(v.Args) == 2:
		n = 1
		for i, a := range v.Args {
			part, ok := p.ofFirst(a, depth+1)
			switch {
			case ok && (v.Name == "*" || i == 0):
				n, known = n*part, true
			case !ok && part == 0:
				return 0, false
			}
		}
		return n, known
	case v.Kind == gosrc.Concat || v.Kind == gosrc.Opaque || v.Kind == gosrc.Union:
		return 1, false // attempt, attempt+1
	}
	for _, o := range p.origins(v) {
		x, err := strconv.ParseInt(o.Text, 10, 64)
		if o.Kind != gosrc.Const || err != nil || known && x != n {
			return 0, false
		}
		n, known = x, true
	}
	if known && n == 0 {
		return 1, false
	}
	return n, known
}
