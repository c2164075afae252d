package detect

import (
	"strings"

	"github.com/intscan/intscan/scanners/gosrc"
)

// dropped: nothing looks at whether the call failed. Its error is not taken, or that
// of the one thing that is made of its result: db.QueryRow(...).Scan(&x).
func (p *program) dropped(s *site) bool {
	if s.call.Error {
		return s.call.Dropped && !s.call.Deferred && !s.call.Go
	}
	for _, c := range s.call.Fn.Calls {
		if c.Recv != nil && c.Recv.Kind == gosrc.Result && c.Recv.Call == s.call && strings.HasSuffix(c.Callee, ".Scan") {
			return c.Dropped && !c.Deferred
		}
	}
	return false
}
