package openapi

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"runtime"
	"sync"
	"time"

	"github.com/intscan/intscan/scanners"
)

const scannerName = "openapi"

// Time that one file and one judgement by kin-openapi may take. The slowest real
// descriptions known take a fifth of it.
const (
	fileTime     = 10 * time.Second
	validateTime = 5 * time.Second
)

// Scan reads every OpenAPI document of the tree. APIs come in the order of their
// files; a file with several YAML documents may hold several.
func Scan(ctx context.Context, tree *scanners.Tree) ([]API, []scanners.Diagnostic) {
	var names []string
	for _, f := range tree.Files() {
		if candidate(f.Path) {
			names = append(names, f.Path)
		}
	}
	results := make([]result, len(names))
	jobs := make(chan int)
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(names)) {
		wg.Go(func() {
			for i := range jobs {
				results[i] = scanFile(ctx, tree, names[i])
			}
		})
	}
	for i := range names {
		jobs <- i
	}
	close(jobs)
	wg.Wait()

	var all result
	if ctx.Err() != nil {
		all.add(scanners.SeverityError, scanners.Position{File: "."}, "the scan was stopped before all OpenAPI descriptions were read")
	}
	for _, r := range results {
		all.apis = append(all.apis, r.apis...)
		all.diags = append(all.diags, r.diags...)
	}
	return all.apis, scanners.SortDiagnostics(all.diags)
}

type result struct {
	apis       []API
	diags      []scanners.Diagnostic
	toValidate []unchecked
}

// unchecked is a description that was read and not yet judged as a whole.
type unchecked struct {
	description *description
	api         API
}

func (r *result) add(s scanners.Severity, at scanners.Position, format string, args ...any) {
	r.diags = append(r.diags, diagnostic(s, at, format, args...))
}

// scanFile reads one file, if it is an OpenAPI document at all.
func scanFile(ctx context.Context, tree *scanners.Tree, name string) (r result) {
	if ctx.Err() != nil {
		return r
	}
	at := scanners.Position{File: name}
	b, err := tree.ReadFile(name)
	if err != nil {
		if sniffHead(tree, name) != sniffedNothing {
			r.add(scanners.SeverityError, at, "looks like an OpenAPI description but cannot be read: %s", plainError(err))
		}
		return r
	}
	b = plainText(b)
	likely := sniff(b)
	if likely == sniffedNothing {
		return r
	}
	found, err := scanners.Guard(ctx, fileTime, func(ctx context.Context) (result, error) {
		return readFile(ctx, tree, name, b, likely), ctx.Err()
	})
	if err != nil {
		r.add(scanners.SeverityError, at, "the OpenAPI description was not read: %v", err)
		return r
	}
	for _, u := range found.toValidate {
		found.diags = append(found.diags, validate(ctx, u.description, u.api)...)
	}
	return found
}

// readFile parses a file and reads the OpenAPI documents in it.
func readFile(ctx context.Context, tree reader, name string, b []byte, likely sniffed) (r result) {
	docs, f := parse(name, b)
	if f != nil && likely == sniffedTopLevel {
		r.add(scanners.SeverityError, scanners.Position{File: name, Line: f.line}, "looks like an OpenAPI description but is malformed: %s", f.text)
	}
	for i := range docs {
		readDocument(ctx, tree, &docs[i], &r)
	}
	for i := range r.apis {
		r.apis[i].Generator = generator(b)
	}
	return r
}

// sniffHead sniffs the first part of a file that is too large to be read whole.
func sniffHead(tree *scanners.Tree, name string) sniffed {
	f, err := tree.Open(name)
	if err != nil {
		return sniffedNothing
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return sniffedNothing
	}
	head := make([]byte, 256<<10)
	n, _ := io.ReadFull(f, head)
	return sniff(plainText(head[:n]))
}

// plainError drops the path that file system errors carry.
func plainError(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return err.Error()
}
