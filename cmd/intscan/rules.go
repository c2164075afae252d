package main

import (
	"errors"
	"io"

	"github.com/spf13/cobra"

	"github.com/intscan/intscan/plan/render"
	"github.com/intscan/intscan/plan/rules"
)

// newRules lists the rules.
func newRules(f *flags) *cobra.Command {
	o := &f.output
	cmd := &cobra.Command{
		Use:   "rules",
		Short: "List the rules that findings come from, with the policies of the configuration here",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			t, err := o.page()
			if err != nil {
				return err
			}
			if err := f.config.load("."); err != nil {
				return err
			}
			all := f.config.rules()
			return o.writeTo(t.file, func(w io.Writer) error {
				if t.format.Name == "json" {
					return render.EncodeJSON(w, map[string]any{"rules": all})
				}
				return render.Rules(w, all, render.TextOptions{Color: t.file == "" && o.color()})
			})
		},
	}
	f.config.addFile(cmd)
	return cmd
}

// newExplain shows one rule.
func newExplain(f *flags) *cobra.Command {
	o := &f.output
	cmd := &cobra.Command{
		Use:     "explain RULE",
		Short:   "Say what a rule finds, why it matters and how to mend it",
		Example: "  intscan explain timeout-http-client",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return errors.New("explain takes one RULE; intscan rules lists them")
			}
			return nil
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return ruleIDs(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			t, err := o.page()
			if err != nil {
				return err
			}
			if err := f.config.load("."); err != nil {
				return err
			}
			rule, err := f.config.rule(args[0])
			if err != nil {
				return err
			}
			return o.writeTo(t.file, func(w io.Writer) error {
				if t.format.Name == "json" {
					return render.EncodeJSON(w, rule)
				}
				return render.Explain(w, rule, render.TextOptions{Color: t.file == "" && o.color()})
			})
		},
	}
	f.config.addFile(cmd)
	return cmd
}

func ruleIDs() []string {
	var ids []string
	for _, r := range rules.All() {
		ids = append(ids, r.ID)
	}
	return ids
}
