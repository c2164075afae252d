package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// flagError names the flag that comes nearest to one that does not exist.
func flagError(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) {
		return err
	}
	given := unknown.GetSpecifiedName()
	if len(given) < 2 {
		return fmt.Errorf("%w; intscan --help lists the flags", err)
	}
	best, distance := "", len(given)/2+1
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if d := editDistance(given, f.Name); d < distance && !f.Hidden {
			best, distance = f.Name, d
		}
	})
	if best == "" {
		return fmt.Errorf("unknown flag --%s; intscan --help lists the flags", given)
	}
	return fmt.Errorf("unknown flag --%s; did you mean --%s?", given, best)
}

// editDistance counts the letters to insert, drop or change to get from a to b.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
