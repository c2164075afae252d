package scanners

import "fmt"

// Count writes a number with its noun: "1 call", "12 calls".
func Count(n int, noun string) string { return CountAs(n, noun, noun+"s") }

// CountAs is Count for nouns whose plural has no plain s: "2 dependencies".
func CountAs(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
