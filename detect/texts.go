package detect

import (
	"github.com/intscan/intscan/scanners/gosrc"
)

// literals are the constants that a string is made of.
func (j *judge) literals(l located) []*gosrc.Value { return j.literalsIn(l, 0) }

func (j *judge) literalsIn(l located, depth int) []*gosrc.Value {
	var out []*gosrc.Value
	os, _ := j.p.flow(l.v, l.way)
	for _, from := range os {
		var parts []located
		switch o := from.v; o.Kind {
		case gosrc.Const:
			out = append(out, o)
		case gosrc.Concat:
			for _, a := range o.Args {
				parts = append(parts, located{a, from.way})
			}
		case gosrc.Result:
			parts = j.partsOf(from.located)
		}
		if depth < maxTextParts {
			for _, part := range parts {
				out = append(out, j.literalsIn(part, depth+1)...)
			}
		}
	}
	return out
}

// maxTextParts bounds how many functions deep a text is taken apart.
const maxTextParts = 6

// partsOf are the values that a function of the standard library makes a text of:
// fmt.Sprintf, strings.Join, and url.URL.String with the query that url.Values.Encode
// gives. A query's parameters come as "name=".
func (j *judge) partsOf(l located) []located {
	c := l.v.Call
	var out []located
	switch c.Callee {
	case "fmt.Sprintf", "fmt.Sprint", "net/url.Parse", "net/url.ParseRequestURI":
		for _, a := range c.Args {
			out = append(out, located{a, l.way})
		}
	case "strings.Join":
		os, _ := j.p.flow(c.Args[0], l.way)
		for _, o := range os {
			for _, a := range o.v.Args {
				out = append(out, located{a, o.way})
			}
		}
	case "net/url.URL.String":
		out = j.queryOf(located{c.Recv, l.way})
	case "net/url.Values.Encode":
		out = j.parameters(located{c.Recv, l.way})
	}
	return out
}

// queryOf are the texts that a url.URL's query is set to, and those it is parsed from.
func (j *judge) queryOf(l located) (out []located) {
	os, _ := j.p.flow(l.v, l.way)
	for _, o := range os {
		if o.v.Kind == gosrc.Result {
			out = append(out, o.located)
		}
		for _, set := range j.p.read(o, "net/url.URL.RawQuery").sets {
			out = append(out, set.located)
		}
		for _, e := range o.v.Effects {
			if e.Kind == gosrc.EffectField && e.Name == "net/url.URL.RawQuery" {
				out = append(out, located{e.Value, o.way})
			}
		}
	}
	return out
}

// parameters are the names of a url.Values, in its literal and set later.
func (j *judge) parameters(l located) (out []located) {
	name := func(key, value string) {
		out = append(out, located{&gosrc.Value{Kind: gosrc.Const, Text: key + "=" + value, At: l.v.At}, nil})
	}
	os, _ := j.p.flow(l.v, l.way)
	for _, o := range os {
		for _, f := range o.v.Fields {
			name(f.Name, "")
		}
		for _, e := range o.v.Effects {
			if e.Kind != gosrc.EffectMethod || len(e.Call.Args) != 2 || e.Call.Args[0].Kind != gosrc.Const {
				continue
			}
			if e.Call.Callee == "net/url.Values.Set" || e.Call.Callee == "net/url.Values.Add" {
				value := ""
				if e.Call.Args[1].Kind == gosrc.Const {
					value = e.Call.Args[1].Text
				}
				name(e.Call.Args[0].Text, value)
			}
		}
	}
	return out
}
