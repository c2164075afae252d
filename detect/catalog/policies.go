package catalog

import (
	"fmt"
	"regexp"
	"slices"
)

// Policy is one fact on the attempts that a retry toolkit makes, cited. Of several that
// hold the later one counts, so that defaults stand before options.
type Policy struct {
	// Sets is what it tells of: one of PolicyFacts.
	Sets string `yaml:"sets"`
	// By are the functions, options, fields and types that set it; what has none holds
	// where nothing else is said.
	By []string `yaml:"by"`
	// Default is the fact. Its value may be an argument ("$1", "$2+1" where repetitions
	// are counted, "#1+1" for the number of elements) or the value of the field ("$").
	Default `yaml:",inline"`
}

// The facts that policies tell.
const (
	PolicyAttempts = "attempts" // how many there are at most
	PolicyBounded  = "bounded"  // the time after which they end; "none": only success ends them
	PolicyWait     = "wait"     // the first wait
	PolicyBackoff  = "backoff"  // "growing", "fixed" or "none"
	PolicyJitter   = "jitter"   // "present" or "none"
	PolicyContext  = "context"  // "present" or "none": the waits end with the context
	PolicySpecific = "specific" // "present": only failures that waiting does not mend
)

// PolicyFacts lists them.
var PolicyFacts = []string{PolicyAttempts, PolicyBounded, PolicyWait, PolicyBackoff, PolicyJitter, PolicyContext, PolicySpecific}

// PolicyArgument is the form of a value that the code gives: which argument, whether
// its elements are counted, and whether one is added.
var PolicyArgument = regexp.MustCompile(`^([$#])(\d?)(\+1)?$`)

// validate checks what a toolkit says of retries.
func (t *Toolkit) validate() error {
	for _, p := range t.Policies {
		if t.Role != RoleRetry || !slices.Contains(PolicyFacts, p.Sets) || p.Value == "" || p.Module == "" {
			return fmt.Errorf("policy %v: a retry toolkit's policy sets one of %v to a value, as a module has it", p.By, PolicyFacts)
		}
	}
	return nil
}
