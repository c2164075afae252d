package detect

import (
	"strconv"
	"time"

	"github.com/intscan/intscan/scanners/gosrc"
)

// duration reads a time.Duration: its text where it is a constant or a default,
// and whether it is surely zero.
func (p *program) duration(v *gosrc.Value) (text string, zero bool) {
	return p.durationAt(located{v, nil})
}

// durationAt is duration for a value reached by a way.
func (p *program) durationAt(l located) (text string, zero bool) {
	os, _ := p.flow(l.v, l.way)
	for _, from := range os {
		switch o := from.v; o.Kind {
		case gosrc.Const:
			n, err := strconv.ParseInt(o.Text, 10, 64)
			switch {
			case err != nil:
				if _, err := time.ParseDuration(o.Text); err == nil {
					text = o.Text
				}
			case n <= 0 && len(os) == 1:
				return "", true
			case n > 0:
				text = time.Duration(n).String()
			}
		case gosrc.Concat:
			if t := p.product(from.located); t != "" {
				text = t
			}
		case gosrc.Field:
			if t, ok := p.tags[o.Name]; ok && t.Default != "" {
				text = t.Default
			} else if t := p.keyedDefault(o); t != "" {
				text = t
			}
		}
	}
	return text, false
}

// product multiplies "timeout * time.Second" where both are known.
func (p *program) product(l located) string {
	o := l.v
	if o.Name != "*" || len(o.Args) != 2 {
		return ""
	}
	n := int64(1)
	for _, a := range o.Args {
		known := false
		os, _ := p.flow(a, l.way)
		for _, c := range os {
			text := c.v.Text
			if c.v.Kind == gosrc.Field {
				text = p.tags[c.v.Name].Default
			}
			if x, err := strconv.ParseInt(text, 10, 64); err == nil && (c.v.Kind == gosrc.Const || c.v.Kind == gosrc.Field) && !known {
				n, known = n*x, true
			}
		}
		if !known {
			return ""
		}
	}
	if n <= 0 {
		return ""
	}
	return time.Duration(n).String()
}
