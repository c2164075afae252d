package scanners

import (
	"context"
	"fmt"
	"time"
)

// Guard runs work that may hang or panic on crafted input (a third-party parser)
// and returns within limit all the same. A panic becomes an error; work that
// overruns is abandoned, its result dropped, and said so in the error. The work
// should stop when its context ends, but is not trusted to.
func Guard[T any](ctx context.Context, limit time.Duration, work func(context.Context) (T, error)) (T, error) {
	type outcome struct {
		value T
		err   error
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	done := make(chan outcome, 1)
	go func() {
		var o outcome
		defer func() {
			if r := recover(); r != nil {
				o.err = fmt.Errorf("the parser failed on this input: %v", r)
			}
			done <- o
		}()
		o.value, o.err = work(ctx)
	}()
	select {
	case o := <-done:
		return o.value, o.err
	case <-ctx.Done():
		var zero T
		return zero, fmt.Errorf("cut short after %s", limit)
	}
}
