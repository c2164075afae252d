package main

import (
	"context"
	"os"
)

const vetLimit = 0.10

// coldVet gives each run an empty build cache and the module cache as it is.
// "go vet -json" does what "go vet" does, and fails only where a package cannot
// be loaded, not where it finds something.
func coldVet(ctx context.Context, b *bench) ([]row, error) {
	cold := func(run func(env []string) (usage, error)) (usage, error) {
		cache, err := os.MkdirTemp(b.tmp, "gocache")
		if err != nil {
			return usage{}, err
		}
		defer os.RemoveAll(cache)
		return run([]string{"GOCACHE=" + cache})
	}
	var ours, vets []usage
	for range b.runs {
		u, err := cold(func(env []string) (usage, error) { return b.intscan(ctx, env) })
		if err != nil {
			return nil, err
		}
		ours = append(ours, u)
		u, err = cold(func(env []string) (usage, error) { return b.spend(ctx, env, "go", "vet", "-json", "./...") })
		if err != nil {
			b.notes = append(b.notes, "vet: not measured: "+err.Error())
			return nil, nil
		}
		vets = append(vets, u)
	}
	return []row{timed("scan, build cache empty", ours, "go vet", vets, vetLimit)}, nil
}
