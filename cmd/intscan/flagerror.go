package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/intscan/intscan/scanners"
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
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, f.Name)
		}
	})
	best := scanners.Nearest(given, names)
	if best == "" {
		return fmt.Errorf("unknown flag --%s; intscan --help lists the flags", given)
	}
	return fmt.Errorf("unknown flag --%s; did you mean --%s?", given, best)
}
