package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/intscan/intscan/plan"
	"github.com/intscan/intscan/plan/compare"
)

// lockFile lies in the folder that is scanned.
const lockFile = ".intscan.lock.yaml"

// newLock writes the lock file.
func newLock(f *flags, stderr io.Writer) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "lock [PATH]",
		Short: "Write down what the repository talks to and how it is protected, for review",
		Long: `The lock file, ` + lockFile + ` in the scanned folder, is reviewed like code: with it
in the tree, intscan shows a change that adds, drops or weakens an integration or a
contract, and --fail-on-drift fails it until the lock is written anew in the same
change.`,
		Example: "  intscan lock\n  intscan --fail-on-drift",
		Args:    onePath,
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := append(args, ".")[0]
			file := filepath.Join(dir, lockFile)
			if len(f.output.files) == 1 {
				file = f.output.files[0]
			}
			if err := writable(file); err != nil {
				return err
			}
			report, err := f.scan(cmd.Context(), dir, stderr)
			if err != nil {
				return err
			}
			l := compare.Take(&report.Result)
			data, err := l.Encode()
			if err != nil {
				return err
			}
			if file == "-" {
				return f.output.writeTo("", func(w io.Writer) error { _, err := w.Write(data); return err })
			}
			if err := writeFile(file, data); err != nil {
				return err
			}
			return f.output.writeTo("", func(w io.Writer) error {
				_, err := fmt.Fprintf(w, "%s: %d integrations, %d contracts\n", file, len(l.Integrations), len(l.Contracts))
				return err
			})
		},
	}
	f.addReading(cmd)
	return cmd
}

// drift compares a report with the lock file of its folder, where there is one.
func drift(dir string, r *plan.Report) ([]compare.Change, error) {
	file := filepath.Join(dir, lockFile)
	info, err := os.Stat(file)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no file", file) // to read a pipe may never end
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", file, plainly(err))
	}
	l, err := compare.ParseLock(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return compare.Locks(l, compare.Take(&r.Result)), nil
}
