package main

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// newMan writes the man pages that packages install. It is hidden: people read
// --help, which says the same. SOURCE_DATE_EPOCH dates the pages.
func newMan() *cobra.Command {
	return &cobra.Command{
		Use:    "man DIR",
		Short:  "Write the man pages into a folder",
		Hidden: true,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return errors.New("man takes the DIR to write to")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			root := cmd.Root()
			root.DisableAutoGenTag = true
			root.InitDefaultCompletionCmd()
			header := &doc.GenManHeader{Section: "1", Source: strings.TrimSpace("intscan " + released()), Manual: "intscan"}
			return doc.GenManTree(root, header, args[0])
		},
	}
}
