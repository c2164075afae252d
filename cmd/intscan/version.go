package main

import (
	"cmp"
	"runtime"
	"runtime/debug"
)

// release is set by the linker for released builds:
// -ldflags "-X main.release=v1.2.3".
var release string

// released is the version of a released build, or one that go install made; ""
// where it was built from a working tree.
func released() string {
	if release != "" {
		return release
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "(devel)" && info.Main.Sum != "" {
		return info.Main.Version
	}
	return ""
}

// version says which intscan this is and what built it.
func version() string {
	v, revision := released(), ""
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
