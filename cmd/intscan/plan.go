package main

import (
	"io"

	"github.com/spf13/cobra"

	"github.com/intscan/intscan/plan/render"
)

// newPlan writes the integration plan.
func newPlan(f *flags, stderr io.Writer) *cobra.Command {
	var alerts string
	cmd := &cobra.Command{
		Use:   "plan [PATH]",
		Short: "Write the integration plan of a repository",
		Long: `The integration plan says what the repository talks to, how much hangs on each,
what is missing, and in which order to mend it, with the file and line of each.`,
		Example: "  intscan plan > PLAN.md\n  intscan plan --format html -o plan.html ../shop\n  intscan plan --format mermaid",
		Args:    onePath,
		RunE: func(cmd *cobra.Command, args []string) error {
			targets, err := f.output.open(render.PlanFormats)
			if err != nil {
				return err
			}
			if err := writable(alerts); err != nil {
				return err
			}
			report, err := f.scan(cmd.Context(), append(args, ".")[0], stderr)
			if err != nil {
				return err
			}
			if alerts != "" {
				if err := f.output.writeTo(alerts, func(w io.Writer) error { return render.Alerts(w, report) }); err != nil {
					return err
				}
			}
			return f.output.write(targets, report, render.TextOptions{})
		},
	}
	f.addReading(cmd)
	cmd.Flags().StringVar(&alerts, "alerts", "", "write Prometheus alerting rules for the metrics that the code exposes to `FILE`")
	return cmd
}
