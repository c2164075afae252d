package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

// patience is how long a scan may take before a person is told that it runs.
const patience = time.Second

// progress shows one line that says what is going on, and takes it away at the
// end. It shows nothing unless a person watches standard error.
type progress struct {
	w    io.Writer // nil: show nothing
	done chan struct{}
	wait sync.WaitGroup

	mu   sync.Mutex
	what string
}

func newProgress(stderr io.Writer, quiet bool) *progress {
	p := &progress{}
	if f, ok := stderr.(*os.File); ok && !quiet && os.Getenv("TERM") != "dumb" && isTerminal(f) {
		p.start(stderr, patience)
	}
	return p
}

func (p *progress) start(w io.Writer, after time.Duration) {
	p.w, p.done = w, make(chan struct{})
	p.wait.Go(func() { p.spin(after) })
}

// stage is told what the scan does now.
func (p *progress) stage(what string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.what = what
}

func (p *progress) spin(after time.Duration) {
	select {
	case <-p.done:
		return
	case <-time.After(after):
	}
	const clearLine = "\r\x1b[K"
	defer fmt.Fprint(p.w, clearLine)
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for frame := 0; ; frame++ {
		p.mu.Lock()
		what := oneLine(p.what)
		p.mu.Unlock()
		fmt.Fprintf(p.w, "%s%c %s", clearLine, []rune("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏")[frame%10], what)
		select {
		case <-p.done:
			return
		case <-tick.C:
		}
	}
}

// stop takes the line away; nothing is shown after it returns.
func (p *progress) stop() {
	if p.w == nil {
		return
	}
	close(p.done)
	p.wait.Wait()
}
