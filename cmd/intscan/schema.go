package main

import (
	"io"

	"github.com/spf13/cobra"

	"github.com/intscan/intscan/plan/render"
	"github.com/intscan/intscan/plan/schema"
)

// newSchema prints the JSON Schema of the report.
func newSchema(o *output) *cobra.Command {
	return &cobra.Command{
		Use:     "schema",
		Short:   "Print the JSON Schema of the report that --format json writes",
		Example: "  intscan schema -o report.schema.json",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			targets, err := o.open([]render.Format{{Name: "json"}})
			if err != nil {
				return err
			}
			for _, t := range targets {
				err := o.writeTo(t.file, func(w io.Writer) error {
					_, err := w.Write(schema.Report)
					return err
				})
				if err != nil {
					return err
				}
			}
			return nil
		},
	}
}
