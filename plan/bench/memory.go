package main

import (
	"context"
	"fmt"
)

const (
	memoryLimit = 1.0 // GB per memoryLines
	memoryLines = 100_000
)

// memory takes the peak of one scan in each mode, the go command that it may
// start included. A repository of under 100,000 lines counts as one of 100,000.
func memory(ctx context.Context, b *bench) ([]row, error) {
	per := max(1, float64(b.lines)/memoryLines)
	var rows []row
	for _, mode := range []string{"types", "syntax"} {
		u, err := b.intscan(ctx, nil, "--mode", mode)
		if err != nil {
			return nil, err
		}
		if u.peak == 0 {
			b.notes = append(b.notes, "memory: this system does not tell the peak of a process")
			return nil, nil
		}
		gb := float64(u.peak) / 1e9
		rows = append(rows, row{
			what: "peak memory, " + mode + " mode", intscan: fmt.Sprintf("%.2f GB", gb),
			other: fmt.Sprintf("%.2f x 100,000 lines", per), ratio: gb / per, limit: memoryLimit,
		})
	}
	return rows, nil
}
