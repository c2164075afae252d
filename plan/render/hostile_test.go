package render_test

import (
	"reflect"
	"regexp"
	"strings"

	"github.com/intscan/intscan/plan"
)

// attacks are names that a repository may have and that no page may obey. Each sets
// window.pwned where it runs.
var attacks = []string{
	`<script>window.pwned=1</script>`,
	`"><img src=x onerror="window.pwned=2">`,
	`'><svg onload=window.pwned=3>`,
	`javascript:window.pwned=4`,
	`</title></style></script><script>window.pwned=5</script>`,
	`{{.}} ${window.pwned=6} ` + "`${window.pwned=6}`",
	`<!-- --!><script>window.pwned=7</script>`,
	"\u202egnp.exe\u2066 \u200b\u2028\u2029",
	"nul\x00 bell\x07 \x1b[31m \x9b \xff\xfe bad utf-8",
	`&lt;script&gt; &#x3c;b> &`,
	`" autofocus onfocus=window.pwned=8 x="`,
	`</textarea></select></table><a href="https://evil.example/">x</a>`,
	`<meta http-equiv=refresh content="0;url=https://evil.example/">`,
	`<link rel=stylesheet href=https://evil.example/a.css><base href=https://evil.example/>`,
	`]]> --> */ alert(9)//`,
	strings.Repeat("very-long-name-", 300),
	"漢字かな交じり文 עברית العربية 👩‍👩‍👧‍👦",
	"",
}

// hostileReport has an attack in each of its texts, the plan's included.
func hostileReport() *plan.Report {
	r := planned(largeReport())
	r.Drift, r.Gate = nil, nil
	n := 0
	attack(reflect.ValueOf(&r.Result).Elem(), &n)
	attack(reflect.ValueOf(r.Findings), &n)
	planned(r)
	attack(reflect.ValueOf(r.Plan), &n)
	for i := range r.Plan.Map.Nodes {
		r.Plan.Map.Nodes[i].Members = attacks[:i%4]
	}
	return r
}

// attack replaces every text below v; those that are equal stay so, as integrations
// are referred to by their ID.
func attack(v reflect.Value, n *int) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			attack(v.Elem(), n)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				attack(v.Field(i), n)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			attack(v.Index(i), n)
		}
	case reflect.String:
		if v.String() != "" && !isReference(v) {
			v.SetString(attacks[*n%len(attacks)])
			*n++
		}
	}
}

// isReference: a word by which parts of a report refer to each other, or which they
// are sorted by; scopes decide what stands in the plan, and the map makes the IDs of
// its nodes itself.
func isReference(v reflect.Value) bool {
	return reference.MatchString(v.String()) || v.Type().Name() == "Scope"
}

var reference = regexp.MustCompile(`^(system|n)\d+$`)
