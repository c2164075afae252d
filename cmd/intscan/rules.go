package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/intscan/intscan/plan/render"
	"github.com/intscan/intscan/plan/rules"
	"github.com/intscan/intscan/scanners"
)

// newRules lists the rules.
func newRules(o *output) *cobra.Command {
	return &cobra.Command{
		Use:   "rules",
		Short: "List the rules that findings come from",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			t, err := o.page()
			if err != nil {
				return err
			}
			return o.writeTo(t.file, func(w io.Writer) error {
				if t.format.Name == "json" {
					return render.EncodeJSON(w, map[string]any{"rules": rules.All()})
				}
				return render.Rules(w, rules.All(), render.TextOptions{Color: t.file == "" && o.color()})
			})
		},
	}
}

// newExplain shows one rule.
func newExplain(o *output) *cobra.Command {
	return &cobra.Command{
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
			rule, ok := rules.Lookup(args[0])
			if !ok {
				return unknownRule(args[0])
			}
			return o.writeTo(t.file, func(w io.Writer) error {
				if t.format.Name == "json" {
					return render.EncodeJSON(w, rule)
				}
				return render.Explain(w, rule, render.TextOptions{Color: t.file == "" && o.color()})
			})
		},
	}
}

func ruleIDs() []string {
	var ids []string
	for _, r := range rules.All() {
		ids = append(ids, r.ID)
	}
	return ids
}

func unknownRule(given string) error {
	if near := scanners.Nearest(given, ruleIDs()); near != "" {
		return fmt.Errorf("no rule %q; did you mean %s?", given, near)
	}
	return fmt.Errorf("no rule %q; intscan rules lists them", given)
}
