package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/intscan/intscan/plan/config"
)

// newInit writes a starting configuration.
func newInit(f *flags, stderr io.Writer) *cobra.Command {
	var force bool
	cmd := &cobra.Command{
		Use:   "init [PATH]",
		Short: "Write a " + config.FileName + " to start from, fitted to what is found",
		Long: `init scans the folder and writes ` + config.FileName + ` into it, with its modules, its
integrations and the rules that find something today, in comments to take in.`,
		Example: "  intscan init\n  intscan init -o - ../shop",
		Args:    onePath,
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := append(args, ".")[0]
			file := filepath.Join(dir, config.FileName)
			if len(f.output.files) == 1 {
				file = f.output.files[0]
			}
			if _, err := os.Lstat(file); !force && file != "-" && !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("%s is there already; --force writes it anew", file)
			}
			if err := writable(file); err != nil {
				return err
			}
			f.config.none = true // what is found is told as it is
			report, err := f.scan(cmd.Context(), dir, stderr)
			if err != nil {
				return err
			}
			text := config.Start(config.Found{Result: &report.Result, Risks: report.Risks, Findings: report.Findings})
			if file == "-" {
				return f.output.writeTo("", func(w io.Writer) error { _, err := w.Write(text); return err })
			}
			if err := writeFile(file, text); err != nil {
				return err
			}
			return f.output.writeTo("", func(w io.Writer) error {
				_, err := fmt.Fprintf(w, "%s: written; what is in comments is there to take in, intscan config check checks it\n", file)
				return err
			})
		},
	}
	f.addReading(cmd)
	cmd.Flags().BoolVar(&force, "force", false, "write over a file that is there")
	return cmd
}
