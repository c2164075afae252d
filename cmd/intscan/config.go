package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/intscan/intscan/plan/config"
	"github.com/intscan/intscan/plan/rules"
	"github.com/intscan/intscan/scanners"
)

// configFlags say what a scan goes by beside the code.
type configFlags struct {
	file   string
	none   bool
	only   []string
	except []string
	// loaded is what load found.
	loaded *config.Config
}

func (c *configFlags) add(cmd *cobra.Command) {
	c.addFile(cmd)
	own := cmd.Flags()
	own.StringArrayVar(&c.only, "rule", nil, "run this `RULE` alone; may be given several times")
	own.StringArrayVar(&c.except, "exclude-rule", nil, "do not run this `RULE`; may be given several times")
	completeWords(cmd, "rule", ruleIDs())
	completeWords(cmd, "exclude-rule", ruleIDs())
}

// addFile adds the flags that say which configuration is meant.
func (c *configFlags) addFile(cmd *cobra.Command) {
	own := cmd.Flags()
	own.StringVar(&c.file, "config", "", "the configuration `FILE`; otherwise the "+config.FileName+" in PATH or above it, within the repository")
	own.BoolVar(&c.none, "no-config", false, "go by no configuration file")
	cmd.MarkFlagsMutuallyExclusive("config", "no-config")
}

// load reads the configuration for the scan of a folder, and checks the rules that
// the flags name.
func (c *configFlags) load(dir string) error {
	if c.loaded == nil && !c.none {
		file := c.file
		if file == "" {
			var err error
			if file, err = config.Find(dir); err != nil {
				return err
			}
		}
		if file != "" {
			var err error
			if c.loaded, err = config.Load(file, dir); err != nil {
				return err
			}
		}
	}
	for _, id := range slices.Concat(c.only, c.except) {
		if _, err := c.rule(id); err != nil {
			return err
		}
	}
	return nil
}

// rules are those that come with intscan, and the policies of the configuration.
func (c *configFlags) rules() []rules.Rule {
	return slices.Concat(rules.All(), rules.PolicyRules(c.loaded.Options().Policies))
}

// rule is the one with an ID.
func (c *configFlags) rule(id string) (rules.Rule, error) {
	var ids []string
	for _, r := range c.rules() {
		if r.ID == id {
			return r, nil
		}
		ids = append(ids, r.ID)
	}
	if near := scanners.Nearest(id, ids); near != "" {
		return rules.Rule{}, fmt.Errorf("no rule %q; did you mean %s?", id, near)
	}
	return rules.Rule{}, fmt.Errorf("no rule %q; intscan rules lists them", id)
}

// newConfig holds what is about the configuration file.
func newConfig(o *output) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Check " + config.FileName + ", or print its schema for editors",
		Args:  cobra.NoArgs,
		RunE:  func(*cobra.Command, []string) error { return errors.New("config takes check or schema") },
	}
	cmd.AddCommand(&cobra.Command{
		Use:     "check [FILE]",
		Short:   "Check a configuration file; exit code 2 tells of mistakes",
		Example: "  intscan config check",
		Args:    cobra.MaximumNArgs(1),
		RunE:    func(_ *cobra.Command, args []string) error { return checkConfig(o, args) },
	}, &cobra.Command{
		Use:     "schema",
		Short:   "Print the JSON Schema of " + config.FileName,
		Example: "  intscan config schema -o config.schema.json",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			file := ""
			if len(o.files) == 1 {
				file = o.files[0]
			}
			if err := writable(file); err != nil {
				return err
			}
			return o.writeTo(file, func(w io.Writer) error { _, err := w.Write(config.Schema()); return err })
		},
	})
	return cmd
}

func checkConfig(o *output, args []string) error {
	var file string
	if len(args) == 1 {
		file = args[0]
	} else {
		var err error
		if file, err = config.Find("."); err != nil {
			return err
		}
		if file == "" {
			return fmt.Errorf("there is no %s here or above; intscan init writes one", config.FileName)
		}
	}
	_, err := config.Load(file, ".")
	var problems config.Problems
	if errors.As(err, &problems) {
		return o.writeProblems(problems)
	}
	if err != nil {
		return err
	}
	return o.writeTo("", func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "%s: fine\n", filepath.Base(file))
		return err
	})
}

// writeProblems lists the mistakes, and ends with one that counts them.
func (o *output) writeProblems(problems config.Problems) error {
	err := o.writeTo("", func(w io.Writer) error {
		for _, p := range problems {
			if _, err := fmt.Fprintln(w, oneLine(p.Error())); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if n := len(problems); n != 1 {
		return fmt.Errorf("%d mistakes in the configuration", n)
	}
	return errors.New("1 mistake in the configuration")
}
