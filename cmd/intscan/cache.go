package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/intscan/intscan/plan/cache"
)

// openCache gives the cache; nil where there is to be none, or can be none: a scan without
// it takes longer, and is the same.
func (f *flags) openCache() *cache.Cache {
	f.opening.Do(func() {
		if f.noCache {
			return
		}
		if dir, err := cache.Dir(); err == nil {
			if f.cache, err = cache.Open(dir); err == nil {
				f.cache.Trim()
			}
		}
	})
	return f.cache
}

// newCache shows the cache and empties it.
func newCache(o *output) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "cache",
		Short: "Show where the cache is and how large, or empty it",
		Long: `The cache keeps what was read of each Go package, so that a later scan reads only
those that changed, or import what changed. It is in the user's cache folder;
` + cache.Variable + ` names another, or turns it off with "off". What was not used for a week
is removed, and the longest unused of what is more than a gigabyte.`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			dir, err := cache.Dir()
			if errors.Is(err, cache.ErrOff) {
				_, err = fmt.Fprintln(o.stdout, err)
				return err
			}
			if err != nil {
				return err
			}
			files, size, err := cache.Size(dir)
			if err != nil {
				return fmt.Errorf("cannot read the cache: %w", err)
			}
			_, err = fmt.Fprintf(o.stdout, "%s: %d files, %.1f MiB\n", dir, files, float64(size)/(1<<20))
			return err
		},
	}
	cmd.AddCommand(&cobra.Command{
		Use:   "clean",
		Short: "Remove all that the cache keeps",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			dir, err := cache.Dir()
			if errors.Is(err, cache.ErrOff) {
				return nil
			}
			if err != nil {
				return err
			}
			return cache.Clean(dir)
		},
	})
	return cmd
}
