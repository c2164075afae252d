package sections

import "time"

// parseDuration reads a duration in Go's notation; verdicts may also hold words.
func parseDuration(s string) (time.Duration, bool) {
	d, err := time.ParseDuration(s)
	return d, err == nil && d > 0
}
