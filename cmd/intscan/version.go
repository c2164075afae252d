package main

import (
	"cmp"
	"runtime"
	"runtime/debug"
)

// release is set by the linker for released builds:
// -ldflags "-X main.release=v1.2.3".
var release string

// version says which intscan this is and what built it.
func version() string {
	v, revision := release, ""
	if info, ok := debug.ReadBuildInfo(); ok {
		if v == "" && info.Main.Version != "(devel)" {
			v = info.Main.Version
		}
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				revision = ", commit " + s.Value[:min(12, len(s.Value))]
			}
		}
	}
	return cmp.Or(v, "development") + " (" + runtime.Version() + revision + ")"
}
