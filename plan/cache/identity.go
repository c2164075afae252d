package cache

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"sync"
)

// identity tells this build of the program from every other: the module's version
// and checksum, or the commit it was built from, or else the program's own bytes.
var identity = sync.OnceValues(func() (string, error) {
	if info, ok := debug.ReadBuildInfo(); ok {
		platform := info.GoVersion + " " + runtime.GOOS + "/" + runtime.GOARCH + " "
		if info.Main.Sum != "" {
			return platform + info.Main.Path + "@" + info.Main.Version + " " + info.Main.Sum, nil
		}
		vcs := map[string]string{}
		for _, s := range info.Settings {
			vcs[s.Key] = s.Value
		}
		if vcs["vcs.revision"] != "" && vcs["vcs.modified"] == "false" {
			return platform + info.Main.Path + " " + vcs["vcs.revision"], nil
		}
	}
	return sumOfProgram()
})

func sumOfProgram() (string, error) {
	name, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("cannot find this program's own file: %w", err)
	}
	f, err := os.Open(name)
	if err != nil {
		return "", fmt.Errorf("cannot read this program's own file: %w", err)
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fmt.Errorf("cannot read this program's own file: %w", err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
