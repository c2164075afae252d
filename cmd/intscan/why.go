package main

import (
	"errors"
	"fmt"
	"io"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/plan"
	"github.com/intscan/intscan/plan/render"
)

// newWhy shows the proof behind the verdicts of one call.
func newWhy(f *flags, stderr io.Writer) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "why FILE:LINE [PATH]",
		Short:   "Show what decided the verdicts of the call at a line",
		Example: "  intscan why internal/store/orders.go:41\n  intscan why store/db.go:17 ../shop",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) < 1 || len(args) > 2 {
				return errors.New("why takes FILE:LINE, and the PATH of the repository where that is not the folder you are in")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			file, line, err := splitPlace(args[0])
			if err != nil {
				return err
			}
			t, err := f.output.page()
			if err != nil {
				return err
			}
			report, err := f.scan(cmd.Context(), append(args[1:], ".")[0], stderr)
			if err != nil {
				return err
			}
			sites := sitesAt(report, file, line)
			if len(sites) == 0 {
				return fmt.Errorf("no call of another system at %s; intscan -v lists all of them", args[0])
			}
			return f.output.writeTo(t.file, func(w io.Writer) error {
				return writeWhy(w, sites, t.format.Name, render.TextOptions{Color: t.file == "" && f.output.color()})
			})
		},
	}
	f.addReading(cmd)
	return cmd
}

func writeWhy(w io.Writer, sites []detect.CallSite, format string, o render.TextOptions) error {
	if format == "json" {
		return render.EncodeJSON(w, sites)
	}
	for i, s := range sites {
		if i > 0 {
			fmt.Fprintln(w)
		}
		if err := render.Why(w, s, o); err != nil {
			return err
		}
	}
	return nil
}

func splitPlace(s string) (file string, line int, err error) {
	file, rest, ok := strings.Cut(filepath.ToSlash(s), ":")
	number, _, _ := strings.Cut(rest, ":")
	line, err = strconv.Atoi(number)
	if !ok || err != nil || line < 1 {
		return "", 0, fmt.Errorf("%s is no FILE:LINE", s)
	}
	return path.Clean(file), line, nil
}

// sitesAt are the calls on the line; where there are none, those of the nearest
// line within two.
func sitesAt(r *plan.Report, file string, line int) []detect.CallSite {
	for _, off := range []int{0, 1, -1, 2, -2} {
		var out []detect.CallSite
		for _, s := range r.CallSites {
			if s.Line == line+off && (s.File == file || strings.HasSuffix(file, "/"+s.File)) {
				out = append(out, s)
			}
		}
		if len(out) > 0 {
			return slices.Clip(out)
		}
	}
	return nil
}
