package detect

import (
	"regexp"
	"slices"

	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/scanners/gosrc"
)

// endsOnError: the function returns the error of one of its calls to a library that
// takes it for the end and not for a failed attempt.
func (j *judge) endsOnError(f *gosrc.Func) bool {
	return slices.ContainsFunc(f.Calls, func(c *gosrc.Call) bool {
		return c.Error && (j.siteCalls[c] || len(j.p.targets(c)) > 0) && returnsError(f, c)
	})
}

// retryName are the names of functions that say that they try again.
var retryName = regexp.MustCompile(`(?:[rR]etry|[rR]etries|[rR]etrying|[Ww]ithBackoff|ExponentialBackoff)`)

// retryPackage are the last elements of the paths of packages that are about it.
var retryPackage = regexp.MustCompile(`(?:^|/)(?:retry|retries|retrier|retryer|retryutil|backoff)(?:/v[0-9]+)?$`)

// runByName: a function of a library that the catalog does not know runs an operation
// that may fail, and is named for trying it again: retryutil.Do(ctx, op).
func (j *judge) runByName(f *gosrc.Func, to passedTo) bool {
	c := to.call
	if c.Callee == "" || len(f.Returns) == 0 || c.Typed && !c.Error || j.p.cat.Toolkitted(c.Callee) || len(j.p.targets(c)) > 0 {
		return false
	}
	pkg, name := catalog.SplitSymbol(c.Callee)
	return j.p.byPath[pkg] == nil && (retryName.MatchString(name) || retryPackage.MatchString(pkg))
}
