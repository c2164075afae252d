package gosrc

import (
	"cmp"
	"runtime"
	"slices"
	"sync"
)

// schedule hands out the work on the packages: each is checked once those that it
// imports are, and summarised at any time after. Nothing waits for a whole layer
// of imports to be done, nor for a summary, which no importer needs.
type schedule struct {
	mu   sync.Mutex
	more *sync.Cond // signalled when there is something to hand out, or nothing left

	waits     map[*raw]int    // imports not yet checked
	importers map[*raw][]*raw // who waits for it
	weight    map[*raw]int    // bytes of the longest chain of importers above it
	ready     []*raw          // may be checked, the heaviest last
	checked   []job           // may be summarised
	left      int             // packages not yet summarised
}

// job is a package that is checked and not yet summarised.
type job struct {
	r *raw
	c checked
}

// summarizeAll type-checks and summarises the packages, importers after what
// they import, as many at a time as there are cores.
func (s *scan) summarizeAll(raws []*raw) {
	byPath := importable(raws)
	q := newSchedule(raws, byPath)
	workers := min(runtime.GOMAXPROCS(0), len(raws))
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for {
				r, j := q.next(2 * workers)
				switch {
				case r != nil:
					var c checked
					if s.ctx.Err() == nil {
						c = s.check(r, byPath[r.path] == r)
					}
					q.doneChecking(job{r, c})
				case j.r != nil:
					if s.ctx.Err() == nil {
						s.summarize(j.r, j.c)
					}
					q.doneSummarizing()
				default:
					return
				}
			}
		})
	}
	wg.Wait()
}

func newSchedule(raws []*raw, byPath map[string]*raw) *schedule {
	q := &schedule{waits: map[*raw]int{}, importers: map[*raw][]*raw{}, weight: map[*raw]int{}, left: len(raws)}
	q.more = sync.NewCond(&q.mu)
	depth := depths(raws, byPath)
	for _, r := range raws {
		for _, imp := range r.imports {
			// In a circle, which only broken code has, the import that closes it
			// leads to a greater depth; it is not waited for.
			if p := byPath[imp]; p != nil && depth[p] < depth[r] {
				q.waits[r]++
				q.importers[p] = append(q.importers[p], r)
			}
		}
	}
	// Importers first, so that theirs is known.
	order := slices.SortedStableFunc(slices.Values(raws), func(a, b *raw) int { return cmp.Compare(depth[b], depth[a]) })
	for _, r := range order {
		above := 0
		for _, p := range q.importers[r] {
			above = max(above, q.weight[p])
		}
		q.weight[r] = above + sizeOf(r)
	}
	for _, r := range raws {
		if q.waits[r] == 0 {
			q.push(r)
		}
	}
	return q
}

func sizeOf(r *raw) int {
	n := 1
	for _, f := range r.files {
		n += int(f.ast.FileEnd - f.ast.FileStart)
	}
	return n
}

// depths gives each package a greater number than what it imports has.
func depths(raws []*raw, byPath map[string]*raw) map[*raw]int {
	depth := map[*raw]int{}
	onPath := map[*raw]bool{}
	var visit func(r *raw) int
	visit = func(r *raw) int {
		if d, ok := depth[r]; ok {
			return d
		}
		if onPath[r] {
			return 0
		}
		onPath[r] = true
		d := 0
		for _, imp := range r.imports {
			if q := byPath[imp]; q != nil && q != r {
				d = max(d, visit(q)+1)
			}
		}
		delete(onPath, r)
		depth[r] = d
		return d
	}
	for _, r := range raws {
		visit(r)
	}
	return depth
}

func (q *schedule) push(r *raw) {
	i, _ := slices.BinarySearchFunc(q.ready, q.weight[r], func(o *raw, w int) int { return cmp.Compare(q.weight[o], w) })
	q.ready = slices.Insert(q.ready, i, r)
}

// next returns a package to check or one to summarise; neither when all is done.
// Checking comes first, since others wait for it, until more than backlog packages
// wait to be summarised and hold their syntax trees in memory.
func (q *schedule) next(backlog int) (check *raw, summarize job) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.left > 0 {
		if n := len(q.ready); n > 0 && len(q.checked) <= backlog {
			r := q.ready[n-1]
			q.ready = q.ready[:n-1]
			return r, job{}
		}
		if n := len(q.checked); n > 0 {
			j := q.checked[n-1]
			q.checked[n-1] = job{}
			q.checked = q.checked[:n-1]
			return nil, j
		}
		q.more.Wait()
	}
	return nil, job{}
}

func (q *schedule) doneChecking(j job) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.checked = append(q.checked, j)
	for _, r := range q.importers[j.r] {
		if q.waits[r]--; q.waits[r] == 0 {
			q.push(r)
		}
	}
	q.more.Broadcast()
}

func (q *schedule) doneSummarizing() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.left--; q.left == 0 {
		q.more.Broadcast()
	}
}
