// Command verify proves the catalog against the sources it was read from: that
// each cited line of each cited version says what the catalog quotes, and that each
// symbol exists.
//
// It downloads modules through the go command, so it is no test: CI runs it on a
// schedule, and a contributor after a change (make verify-catalog). What the
// catalog may say at all is checked by the catalog's own test, without network.
//
// Symbols are looked up in the newest version of their module that is cited or that
// modules.txt pins, then in the older ones: what a library has dropped since still
// stands in repositories that require it. -pin adds to modules.txt what the local
// module cache has.
//
// Some proxies do not serve every module. What is cited of those in refused.txt was
// read in the tagged source of their repositories; it is checked wherever the module can
// be had, and named as not checked elsewhere. Any other module that is missing is a fault.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"

	"github.com/intscan/intscan/detect/catalog"
)

func main() {
	only := flag.String("only", "", "verify the files whose name matches this `regexp`")
	pin := flag.Bool("pin", false, "add modules of the local cache to modules.txt, then stop")
	verbose := flag.Bool("v", false, "list the symbols that nothing could be said of")
	flag.Parse()
	faults, err := run(os.Stdout, *only, *pin, *verbose)
	if err != nil {
		fmt.Fprintln(os.Stderr, "verify:", err)
		os.Exit(2)
	}
	if faults > 0 {
		os.Exit(1)
	}
}

func run(out io.Writer, only string, pin, verbose bool) (faults int, err error) {
	match, err := regexp.Compile(only)
	if err != nil {
		return 0, err
	}
	cat := catalog.Shipped()
	cache, err := goEnv("GOMODCACHE")
	if err != nil {
		return 0, err
	}
	list := filepath.Join("detect", "catalog", "verify", "modules.txt")
	pinned, err := readPins(list)
	if err != nil {
		return 0, err
	}
	refused, err := readRefused(filepath.Join("detect", "catalog", "verify", "refused.txt"))
	if err != nil {
		return 0, err
	}
	claims := collect(cat)
	goroot, err := goEnv("GOROOT")
	if err != nil {
		return 0, err
	}
	get, stop, err := downloader()
	if err != nil {
		return 0, err
	}
	defer stop()
	if pin {
		return 0, writePins(list, pinned, claims, cache, get)
	}
	v := verifier{fetch: get, std: filepath.Join(goroot, "src"), goVer: runtime.Version(), refused: refused}
	v.newest, v.older = lookupVersions(claims, pinned)
	v.verify(claims.matching(match))
	v.report(out, verbose)
	return len(v.faults), nil
}

func goEnv(name string) (string, error) {
	b, err := exec.Command("go", "env", name).Output()
	return strings.TrimSpace(string(b)), err
}
