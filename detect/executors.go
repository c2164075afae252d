package detect

import (
	"strings"

	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/scanners/gosrc"
)

// runProtects: the function that runs what it is handed gives it a protection. An
// executor made of policies gives those that are in it, and no other:
// failsafe.With(breaker).Run(fn) does not retry.
func (j *judge) runProtects(role catalog.Role, c *gosrc.Call) bool {
	if c.Callee == "" {
		around := j.p.middleware(c)
		return around != "" && j.p.cat.Protects(role, around, wraps) != nil
	}
	given, policies := false, false
	for _, r := range policyRoles {
		if j.p.cat.Protects(r, c.Callee, runs) == nil {
			continue
		}
		given = given || r == role && givesLast(j.p.cat.Protects(r, c.Callee, runs), c)
		for _, other := range policyRoles {
			if j.madeWith(other, c) {
				if other == role {
					return true
				}
				policies = true
			}
		}
	}
	return given && !policies
}

// givesLast: the last argument that a toolkit needs for its protection is there.
func givesLast(t *catalog.Toolkit, c *gosrc.Call) bool {
	return !t.NeedsLast || len(c.Args) > 0 && c.Args[len(c.Args)-1].Kind != gosrc.Nil
}

// policyRoles are the protections that executors are made of.
var policyRoles = []catalog.Role{
	catalog.RoleRetry, catalog.RoleBreaker, catalog.RoleTimeout, catalog.RoleBulkhead, catalog.RoleRateLimit, catalog.RoleFallback,
	catalog.RoleMonitoring,
}

// madeWith: a policy of the executor's own library stands in its construction, or
// is handed over with the function.
func (j *judge) madeWith(role catalog.Role, c *gosrc.Call) bool {
	parts := append([]*gosrc.Value{c.Recv}, c.Args...)
	for _, part := range parts {
		if part == nil || part.Kind == gosrc.Closure {
			continue
		}
		for _, st := range j.p.construct(part).steps {
			if strings.HasPrefix(packageOf(st.symbol), packageOf(c.Callee)) && j.p.cat.Protects(role, st.symbol, wraps) != nil {
				return true
			}
		}
	}
	return false
}

// runBound: the operation is run under a time limit.
func (j *judge) runBound(s *site) bound {
	return j.surrounding[catalog.RoleTimeout].into(s.call.Fn, 0)
}
