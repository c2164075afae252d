package main

import (
	"bytes"
	"cmp"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// mutator damages one file of a tree; false: it is not possible here.
type mutator struct {
	name string
	// told: a scan that meets a Go file so damaged has to say so.
	told   bool
	mutate func(t *testing.T, r *rand.Rand, file string) bool
}

// mutators are the ways in which files break: an aborted download, a bad disk, a bad
// merge, a generator's fault, a hostile pull request.
var mutators = []mutator{
	{"truncate", false, content(func(r *rand.Rand, b []byte) []byte { return b[:r.IntN(len(b)+1)] })},
	{"empty", false, content(func(*rand.Rand, []byte) []byte { return nil })},
	{"flip bytes", false, content(flipBytes)},
	{"noise", true, content(func(r *rand.Rand, b []byte) []byte {
		noise := make([]byte, 1+r.IntN(4096))
		for i := range noise {
			noise[i] = byte(r.Uint32())
		}
		return append([]byte{0xff, 0x00}, noise...)
	})},
	{"drop a piece", false, content(func(r *rand.Rand, b []byte) []byte {
		i, j := span(r, len(b))
		return slices.Delete(b, i, j)
	})},
	{"repeat a piece", false, content(func(r *rand.Rand, b []byte) []byte {
		i, j := span(r, len(b))
		return slices.Insert(b, j, bytes.Repeat(slices.Clone(b[i:j]), 1+r.IntN(3))...)
	})},
	{"shuffle lines", false, content(func(r *rand.Rand, b []byte) []byte {
		lines := bytes.SplitAfter(b, []byte("\n"))
		r.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
		return bytes.Join(lines, nil)
	})},
	{"retype values", false, content(retype)},
	{"NUL", false, insertion("\x00")},
	{"invalid UTF-8", false, insertion("\xc3\x28\xff")},
	{"control characters", false, insertion("\x1b[2J\r\x07")},
	{"conflict marks", false, insertion("\n<<<<<<< HEAD\n=======\n>>>>>>> other\n")},
	{"byte order mark", false, content(func(_ *rand.Rand, b []byte) []byte { return append([]byte("\xef\xbb\xbf"), b...) })},
	{"CRLF", false, content(func(_ *rand.Rand, b []byte) []byte { return bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n")) })},
	{"huge line", false, content(func(r *rand.Rand, b []byte) []byte {
		return slices.Insert(b, r.IntN(len(b)+1), bytes.Repeat([]byte("x"), 1<<20+r.IntN(1<<20))...)
	})},
	{"deep nesting", false, content(func(r *rand.Rand, b []byte) []byte {
		open := []string{"(", "[", "{", "- ", "{a: ", "${A:-", "func(){", "[]*"}[r.IntN(8)]
		return append(append(b, "\nx: "...), strings.Repeat(open, 1<<10<<r.IntN(8))...)
	})},
	{"folder", false, replaced(func(file string) error { return os.Mkdir(file, 0o755) })},
	{"link to itself", false, replaced(func(file string) error { return os.Symlink(filepath.Base(file), file) })},
	{"link to its folder", false, replaced(func(file string) error { return os.Symlink(".", file) })},
	{"dangling link", false, replaced(func(file string) error { return os.Symlink("no-such-file", file) })},
	{"named pipe", true, replaced(func(file string) error { return exec.Command("mkfifo", file).Run() })},
	{"socket", true, replaced(socket)},
	{"folder to file", false, folderToFile},
	{"permission denied", true, func(_ *testing.T, _ *rand.Rand, file string) bool {
		_, err := readRegular(file) // a link's target is another file
		return err == nil && os.Getuid() > 0 && os.Chmod(file, 0) == nil
	}},
	{"folder closed", false, func(t *testing.T, _ *rand.Rand, file string) bool {
		dir := filepath.Dir(file)
		if os.Getuid() <= 0 || os.Chmod(dir, 0) != nil {
			return false
		}
		t.Cleanup(func() { os.Chmod(dir, 0o755) })
		return true
	}},
}

// content is a mutator of a file's bytes.
func content(change func(*rand.Rand, []byte) []byte) func(*testing.T, *rand.Rand, string) bool {
	return func(_ *testing.T, r *rand.Rand, file string) bool {
		b, err := readRegular(file)
		return err == nil && os.WriteFile(file, change(r, b), 0o644) == nil
	}
}

// replaced is a mutator that puts something else where the file was.
func replaced(by func(file string) error) func(*testing.T, *rand.Rand, string) bool {
	return func(_ *testing.T, _ *rand.Rand, file string) bool {
		b, err := readRegular(file)
		if err != nil || os.Remove(file) != nil {
			return false
		}
		if by(file) == nil {
			return true
		}
		os.WriteFile(file, b, 0o644)
		return false
	}
}

// readRegular leaves alone what an earlier change has put where the file was.
func readRegular(file string) ([]byte, error) {
	info, err := os.Lstat(file)
	if err != nil || !info.Mode().IsRegular() {
		return nil, cmp.Or(err, os.ErrInvalid)
	}
	return os.ReadFile(file)
}

func insertion(what string) func(*testing.T, *rand.Rand, string) bool {
	return content(func(r *rand.Rand, b []byte) []byte { return slices.Insert(b, r.IntN(len(b)+1), []byte(what)...) })
}

func span(r *rand.Rand, n int) (from, to int) {
	from = r.IntN(n + 1)
	return from, from + r.IntN(n-from+1)
}

func flipBytes(r *rand.Rand, b []byte) []byte {
	for range 1 + len(b)/200 {
		if len(b) > 0 {
			b[r.IntN(len(b))] = byte(r.Uint32())
		}
	}
	return b
}

var (
	assignment = regexp.MustCompile(`(?m)^([ \t]*-?[ \t]*"?[\w.-]+"?[ \t]*[:=])[^\n]*$`)
	odd        = []string{"[]", "{}", "null", "-1", "1e999", `"`, "*x", "&a [*a]", "!!binary x", "[1, {a: b}]", "{<<: *a}", "0x7fffffffffffffff", "${A:-${B:?}}", "|", "9999-99-99", "true,"}
)

// retype gives values other types: a list where a word stood, a map for a number.
func retype(r *rand.Rand, b []byte) []byte {
	return assignment.ReplaceAllFunc(b, func(line []byte) []byte {
		if r.IntN(4) > 0 {
			return line
		}
		key := assignment.FindSubmatch(line)[1]
		return slices.Concat(key, []byte(" "+odd[r.IntN(len(odd))]))
	})
}

func socket(file string) error {
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: file, Net: "unix"})
	if err != nil {
		return err
	}
	l.SetUnlinkOnClose(false)
	return l.Close()
}

func folderToFile(_ *testing.T, _ *rand.Rand, file string) bool {
	b, err := readRegular(file)
	dir := filepath.Dir(file)
	if err != nil || dir == "." || filepath.Dir(dir) == "." || os.RemoveAll(dir) != nil {
		return false
	}
	return os.WriteFile(dir, b, 0o644) == nil
}
