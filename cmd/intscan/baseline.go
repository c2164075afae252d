package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/intscan/intscan/plan/gate"
	"github.com/intscan/intscan/plan/render"
)

// baselineFile is where a baseline lies unless said otherwise.
const baselineFile = ".intscan-baseline.json"

// newBaseline takes down the findings that are there today.
func newBaseline(f *flags, stderr io.Writer) *cobra.Command {
	var prune string
	cmd := &cobra.Command{
		Use:   "baseline [PATH]",
		Short: "Take down today's findings, so that only new ones count from now on",
		Example: "  intscan baseline                                    # writes " + baselineFile + "\n" +
			"  intscan --baseline " + baselineFile + " --fail-on low   # only what is new can fail\n" +
			"  intscan baseline --prune " + baselineFile + "         # drops what has been mended",
		Args: onePath,
		RunE: func(cmd *cobra.Command, args []string) error {
			file := baselineFile
			if len(f.output.files) == 1 {
				file = f.output.files[0]
			}
			var old *gate.Baseline
			if prune != "" {
				var err error
				if old, err = readBaseline(prune); err != nil {
					return err
				}
				file = prune
			}
			if err := writable(file); err != nil {
				return err
			}
			report, err := f.scan(cmd.Context(), append(args, ".")[0], stderr)
			if err != nil {
				return err
			}
			b, note := gate.NewBaseline(report.Findings, report.CallSites), ""
			if old != nil {
				m := old.Match(report.Findings, report.CallSites)
				b, note = old.Prune(m), fmt.Sprintf(", %d dropped that are gone", len(m.Stale))
			}
			to := file
			if file == "-" {
				to = ""
			}
			if err := f.output.writeTo(to, func(w io.Writer) error { return render.EncodeJSON(w, b) }); err != nil || to == "" {
				return err
			}
			return f.output.writeTo("", func(w io.Writer) error {
				_, err := fmt.Fprintf(w, "%s: %s%s\n", file, b, note)
				return err
			})
		},
	}
	f.addReading(cmd)
	cmd.Flags().StringVar(&prune, "prune", "", "drop from the baseline `FILE` what is no longer found; nothing is added")
	return cmd
}
