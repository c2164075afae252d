package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"

	"github.com/mattn/go-isatty"

	"github.com/intscan/intscan/plan"
	"github.com/intscan/intscan/plan/render"
)

// output is where the result goes and in what shapes.
type output struct {
	format  string   // of what goes to standard output, or to a file without a format; "" is the command's own
	files   []string // FILE or FORMAT=FILE
	noColor bool
	stdout  io.Writer
}

// target is one thing to write.
type target struct {
	format render.Format
	file   string // "" for standard output
}

// open checks all that can be checked before the work starts: nobody should
// learn after a minute that the folder of -o does not exist. The first of the
// formats is the command's own.
func (o *output) open(formats []render.Format) ([]target, error) {
	own, err := pickFormat(formats, cmp.Or(o.format, formats[0].Name))
	if err != nil {
		return nil, fmt.Errorf("--format %w", err)
	}
	var targets []target
	stdout := true
	for _, file := range o.files {
		t := target{format: own, file: file}
		if name, rest, ok := strings.Cut(file, "="); ok && rest != "" && !strings.ContainsAny(name, `/\.`) {
			if t.format, err = pickFormat(formats, name); err != nil {
				return nil, fmt.Errorf("--output %w", err)
			}
			t.file = rest
		} else {
			stdout = false // the report itself goes to the file
		}
		if t.file == "-" {
			t.file, stdout = "", false
		}
		if err := writable(t.file); err != nil {
			return nil, err
		}
		targets = append(targets, t)
	}
	if stdout {
		targets = append(targets, target{format: own})
	}
	return targets, nil
}

func pickFormat(formats []render.Format, name string) (render.Format, error) {
	var names []string
	for _, f := range formats {
		if f.Name == name {
			return f, nil
		}
		names = append(names, f.Name)
	}
	return render.Format{}, fmt.Errorf("%s is none of %s", name, strings.Join(names, ", "))
}

func writable(file string) error {
	if file == "" {
		return nil
	}
	if info, err := os.Stat(file); err == nil && info.IsDir() {
		return fmt.Errorf("cannot write %s: it is a folder", file)
	}
	if info, err := os.Stat(filepath.Dir(file)); err != nil || !info.IsDir() {
		return fmt.Errorf("cannot write %s: there is no folder %s", file, filepath.Dir(file))
	}
	return nil
}

// color says whether to use colours: only for a person at a terminal who has not
// asked for none.
func (o *output) color() bool {
	f, ok := o.stdout.(*os.File)
	return ok && !o.noColor && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && isTerminal(f)
}

func isTerminal(f *os.File) bool {
	return isatty.IsTerminal(f.Fd()) || isatty.IsCygwinTerminal(f.Fd())
}

// write renders a report to every target.
func (o *output) write(targets []target, r *plan.Report, opts render.TextOptions) error {
	for _, t := range targets {
		opts.Color = t.file == "" && o.color()
		if err := o.writeTo(t.file, func(w io.Writer) error { return t.format.Write(w, r, opts) }); err != nil {
			return err
		}
	}
	return nil
}

// writeTo renders in full before the first byte leaves, so that a fault in
// rendering never leaves half a report behind.
func (o *output) writeTo(file string, render func(io.Writer) error) error {
	var buf bytes.Buffer
	if err := render(&buf); err != nil {
		return err
	}
	if file != "" {
		return writeFile(file, buf.Bytes())
	}
	if _, err := o.stdout.Write(buf.Bytes()); err != nil {
		return fmt.Errorf("write the output: %w", plainly(err))
	}
	return nil
}

// page checks where a command other than a scan writes: as text, or as JSON, to one
// place.
func (o *output) page() (target, error) {
	targets, err := o.open([]render.Format{{Name: "text"}, {Name: "json"}})
	if err != nil {
		return target{}, err
	}
	if len(targets) != 1 {
		return target{}, errors.New("this command has one output: --format FORMAT -o FILE")
	}
	return targets[0], nil
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
