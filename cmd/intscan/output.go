package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"

	"github.com/mattn/go-isatty"

	"github.com/intscan/intscan/plan/render"
)

// output is where the result goes and in what shape.
type output struct {
	format  string
	file    string // "" or "-" for standard output
	noColor bool
	stdout  io.Writer
}

// open checks all that can be checked before the work starts: nobody should
// learn after a minute that the folder of -o does not exist.
func (o *output) open() (render.Format, error) {
	f, ok := render.Lookup(o.format)
	if !ok {
		return f, fmt.Errorf("--format %s is none of %s", o.format, strings.Join(render.Names(), ", "))
	}
	if o.toStdout() {
		return f, nil
	}
	if info, err := os.Stat(o.file); err == nil && info.IsDir() {
		return f, fmt.Errorf("cannot write %s: it is a folder", o.file)
	}
	if info, err := os.Stat(filepath.Dir(o.file)); err != nil || !info.IsDir() {
		return f, fmt.Errorf("cannot write %s: there is no folder %s", o.file, filepath.Dir(o.file))
	}
	return f, nil
}

func (o *output) toStdout() bool { return o.file == "" || o.file == "-" }

// color says whether to use colours: only for a person at a terminal who has not
// asked for none.
func (o *output) color() bool {
	f, ok := o.stdout.(*os.File)
	return ok && o.toStdout() && !o.noColor && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && isTerminal(f)
}

func isTerminal(f *os.File) bool {
	return isatty.IsTerminal(f.Fd()) || isatty.IsCygwinTerminal(f.Fd())
}

// write renders in full before the first byte leaves, so that a fault in
// rendering never leaves half a report behind.
func (o *output) write(render func(io.Writer) error) error {
	var buf bytes.Buffer
	if err := render(&buf); err != nil {
		return err
	}
	if !o.toStdout() {
		return writeFile(o.file, buf.Bytes())
	}
	if _, err := o.stdout.Write(buf.Bytes()); err != nil {
		return fmt.Errorf("write the output: %w", plainly(err))
	}
	return nil
}

// writeFile replaces a file as a whole: a reader sees the old bytes or the new
// ones. What is no regular file (/dev/null, a pipe) is written to as it is.
func writeFile(name string, b []byte) error {
	if real, err := filepath.EvalSymlinks(name); err == nil {
		name = real
	}
	info, err := os.Stat(name)
	if err == nil && !info.Mode().IsRegular() {
		return named(name, os.WriteFile(name, b, 0o666))
	}
	temporary := fmt.Sprintf("%s.%x.tmp", name, rand.Uint64())
	f, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return named(name, err)
	}
	_, err = f.Write(b)
	if info != nil && err == nil {
		err = f.Chmod(info.Mode().Perm())
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(temporary, name)
	}
	if err != nil {
		os.Remove(temporary)
	}
	return named(name, err)
}

func named(name string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("cannot write %s: %w", name, plainly(err))
}

// plainly drops the operation and the temporary name that os errors carry.
func plainly(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	var le *os.LinkError
	if errors.As(err, &le) {
		return le.Err
	}
	return err
}
