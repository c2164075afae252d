package rules

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/intscan/intscan/detect"
)

// own: the repository put the retry there.
func own(l detect.Layer) bool { return l.How == detect.RetryLoop || l.How == detect.RetryLibrary }

// stacked reports the outermost retry of the repository around others, once.
func stacked(v *view, report func(hit)) {
	outer := newGroups()
	for i := range v.CallSites {
		s := &v.CallSites[i]
		at := slices.IndexFunc(s.Layers, own)
		if !runs(s) || len(s.Layers) < 2 || at < 0 || s.Phase != detect.PhaseRequest && s.Phase != detect.PhaseConsume || !v.overNetwork(s) || v.aside(s) || v.passesOn(s) {
			continue
		}
		for n, l := range s.Layers {
			if own(l) {
				at = n
			}
		}
		l := s.Layers[at]
		outer.add(s.Integration+"\x00"+path.Dir(l.File), &cause{at: l.Position, anchor: path.Dir(l.File), sites: []*detect.CallSite{s}})
	}
	for _, c := range outer.list() {
		v.sort(c)
		most := slices.MaxFunc(c.sites, func(a, b *detect.CallSite) int { return len(a.Layers) - len(b.Layers) })
		report(hit{
			at: c.at, integration: c.sites[0].Integration, anchor: c.anchor, phase: c.phase(), related: append(layerPlaces(most), c.related()...),
			message: fmt.Sprintf("%s, tried again on several levels: %s", v.subject(c), multiplied(most.Layers)),
		})
	}
}

func layerPlaces(s *detect.CallSite) []Related {
	var out []Related
	for _, l := range s.Layers {
		out = append(out, Related{Position: l.Position, What: layerName(l)})
	}
	return out
}

func layerName(l detect.Layer) string {
	name := l.What
	switch l.How {
	case detect.RetryLoop:
		name = "a loop"
	case detect.RetryDefault:
		name += " by itself"
	case detect.RetryQueue:
		name = "the queue of " + name
	}
	if l.Attempts > 1 {
		name += fmt.Sprintf(" (%d)", l.Attempts)
	}
	return name
}

// multiplied writes the levels from the outermost in, with the product where all
// numbers are known; libraries count attempts or repetitions, so it is a lower bound.
func multiplied(layers []detect.Layer) string {
	var names []string
	product := 1
	for _, l := range slices.Backward(layers) {
		names = append(names, layerName(l))
		product *= l.Attempts
	}
	text := strings.Join(names, ", around ")
	if product > 1 {
		text += fmt.Sprintf(": %d attempts and more", product)
	}
	return text
}

// exceedsDeadline compares the attempts' own bounds with that of all of them.
func exceedsDeadline(v *view, report func(hit)) {
	for _, r := range v.retries(func(r *detect.Retry) bool { return r.Attempts > 1 }) {
		for _, call := range r.Calls {
			one, err1 := time.ParseDuration(call.Attempt)
			all, err2 := time.ParseDuration(call.Deadline)
			if err1 != nil || err2 != nil || one <= 0 || all <= 0 || one*time.Duration(r.Attempts) <= all {
				continue
			}
			v.reportRetry(r, report, "%d attempts of up to %s each at %s do not fit into the caller's deadline of %s",
				r.Attempts, one, v.subject(r.cause), all)
			break
		}
	}
}

// duplicating are kinds of systems at which the same request twice is a second
// charge, message or order.
var duplicating = []string{"payment", "notification", "saas", "scm", "http", "cloud"}

// harmless are words in the names of functions whose POST asks or signs in, or that
// are made to be repeated.
var harmless = []string{"token", "auth", "login", "query", "search", "graphql", "upsert", "lookup", "exchange", "push"}

func namedHarmless(function string) bool {
	function = strings.ToLower(function[strings.LastIndexByte(function, '.')+1:])
	return slices.ContainsFunc(harmless, func(word string) bool { return strings.Contains(function, word) })
}

// notIdempotent reports each retry of the repository around requests that create.
func notIdempotent(v *view, report func(hit)) {
	around := newGroups()
	for i := range v.CallSites {
		s := &v.CallSites[i]
		if !runs(s) || s.Action != detect.ActionCreate || s.Keyed || !slices.Contains(duplicating, v.kind(s.Integration)) || s.Integration == "http" || namedHarmless(s.Function) {
			continue
		}
		for _, l := range s.Layers {
			if l.How == detect.RetryLoop {
				around.add(l.Position.String(), &cause{at: l.Position, anchor: s.Function, sites: []*detect.CallSite{s}})
				break
			}
		}
	}
	for _, c := range around.list() {
		v.sort(c)
		report(hit{
			at: c.at, integration: c.sites[0].Integration, integrations: c.integrations(), anchor: c.anchor, phase: c.phase(), related: c.related(),
			message: fmt.Sprintf("%s: what is created may be created twice, as a loop tries again and no idempotency key is sent", v.subject(c)),
		})
	}
}
