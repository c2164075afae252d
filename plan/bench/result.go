package main

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"
)

// row is one line of the result.
type row struct {
	what           string
	intscan, other string // as a person reads them
	ratio, limit   float64
	// cpu is the same ratio by processor time, which a busy machine spoils less;
	// 0 where it means nothing.
	cpu float64
}

// verdict says whether the row keeps its limit.
func (r row) verdict() string {
	if r.ratio <= r.limit {
		return "ok"
	}
	return "over"
}

// timed makes a row of what two programs' runs took.
func timed(what string, intscan []usage, name string, other []usage, limit float64) row {
	a, b := medianUsage(intscan), medianUsage(other)
	r := row{
		what: what, intscan: seconds(a.wall), other: name + " " + seconds(b.wall),
		ratio: float64(a.wall) / float64(b.wall), limit: limit,
	}
	if b.cpu > 0 {
		r.cpu = float64(a.cpu) / float64(b.cpu)
	}
	return r
}

func writeRows(w io.Writer, rows []row, notes []string) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "what\tintscan\tbeside\tratio\tlimit\t\tby CPU")
	for _, r := range rows {
		cpu := "-"
		if r.cpu > 0 {
			cpu = fmt.Sprintf("%.2f", r.cpu)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%.2f\t%.2f\t%s\t%s\n", r.what, r.intscan, r.other, r.ratio, r.limit, r.verdict(), cpu)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if len(notes) > 0 {
		fmt.Fprintln(w)
	}
	for _, n := range notes {
		if _, err := fmt.Fprintln(w, n); err != nil {
			return err
		}
	}
	return nil
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }

// median of an even number of values is the mean of the middle two.
func median(values []time.Duration) time.Duration {
	s := slices.Sorted(slices.Values(values))
	if len(s)%2 == 1 {
		return s[len(s)/2]
	}
	return (s[len(s)/2-1] + s[len(s)/2]) / 2
}

// medianUsage takes the medians of wall and processor time, each by itself.
func medianUsage(us []usage) usage {
	var wall, cpu []time.Duration
	for _, u := range us {
		wall, cpu = append(wall, u.wall), append(cpu, u.cpu)
	}
	return usage{wall: median(wall), cpu: median(cpu)}
}
