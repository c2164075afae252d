package sections

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/plan/document"
	"github.com/intscan/intscan/scanners"
)

// Architecture is section 6: which integrations are used in which way and why, and
// how the APIs on both sides are called, secured and fail.
type Architecture struct {
	Patterns   []detect.Pattern `json:"patterns"`
	Internal   []InternalAPI    `json:"internal_apis"`
	External   []ExternalAPI    `json:"external_apis"`
	Resilience []Strategy       `json:"resilience"`
	// Consistency are transactions, outboxes and keys that keep data whole.
	Transactions []detect.Transaction `json:"transactions"`
	Outboxes     []detect.Outbox      `json:"outboxes"`
	Security     detect.Security      `json:"security"`
	Surfaces     []Surface            `json:"exposed_surfaces"`
}

// InternalAPI is an API that this repository serves.
type InternalAPI struct {
	Name       string            `json:"name"`
	At         scanners.Position `json:"at"`
	Operations int               `json:"operations"`
	Security   []string          `json:"security"`
	// Undescribed of its operations say nothing of failures.
	Undescribed int `json:"operations_without_errors"`
	Open        int `json:"operations_without_security"`
}

// ExternalAPI is a system of others that is called.
type ExternalAPI struct {
	Integration    string `json:"integration"`
	Name           string `json:"name"`
	Pattern        string `json:"pattern"`
	Authentication string `json:"authentication"`
	ErrorHandling  string `json:"error_handling"`
}

// Surface is something that others can reach.
type Surface struct {
	What string            `json:"what"`
	At   scanners.Position `json:"at"`
}

func architecture(f *Facts) Architecture {
	a := Architecture{Patterns: f.Patterns, Internal: []InternalAPI{}, External: []ExternalAPI{}, Resilience: f.strategies,
		Transactions: f.Data.Transactions, Outboxes: f.Data.Outboxes, Security: f.Security, Surfaces: []Surface{}}
	for _, api := range f.APIs {
		if api.Direction == "outbound" {
			continue
		}
		in := InternalAPI{Name: cmp.Or(api.Title, api.File), At: api.Position, Operations: api.Operations, Security: api.Security}
		for _, op := range api.Contract.Operations {
			if !op.Has5xx && !op.HasDefault {
				in.Undescribed++
			}
			if !op.Secured && !op.Open {
				in.Open++
			}
		}
		a.Internal = append(a.Internal, in)
	}
	for _, in := range f.points() {
		if external(in) && !slices.Contains(stores, in.Kind) && len(f.sites[in.ID]) > 0 {
			a.External = append(a.External, ExternalAPI{in.ID, f.name(in.ID), f.pattern(in.ID), f.authentication(in.ID), f.errorHandling(in.ID)})
		}
	}
	for _, c := range f.Deployment.Containers {
		for _, p := range c.Ports {
			a.Surfaces = append(a.Surfaces, Surface{fmt.Sprintf("%s publishes %s", c.Service, p), c.Position})
		}
	}
	return a
}

// authentication says in a few words how an integration is told who calls.
func (f *Facts) authentication(id string) string {
	var parts []string
	for _, a := range f.Security.Authentication {
		if a.Integration != id || a.Method == "none_found" {
			continue
		}
		s := strings.ReplaceAll(a.Method, "_", " ")
		if a.Name != "" {
			s += " from " + strings.ReplaceAll(a.Source, "_", " ") + " " + a.Name
		}
		if !slices.Contains(parts, s) {
			parts = append(parts, s)
		}
	}
	return orNone(strings.Join(firstNames(parts, 3), "; "), "none found")
}

// errorHandling counts what protects the calls of an integration.
func (f *Facts) errorHandling(id string) string {
	a := f.risks[id]
	if a == nil || a.Calls == 0 {
		return "no call to judge"
	}
	parts := []string{
		fmt.Sprintf("%d of %d bounded", a.Calls-a.NoTimeout, a.Calls),
		fmt.Sprintf("%d tried again", a.Calls-a.NoRetry),
	}
	if a.Degrades {
		parts = append(parts, "breaks off or falls back")
	}
	return strings.Join(parts, ", ")
}

func (a Architecture) section() document.Section {
	return document.Section{ID: "architecture", Title: "Architecture", Sections: []document.Section{
		a.styleSection(), a.internalSection(), a.externalSection(), a.resilienceSection(), a.securitySection(),
	}}
}

func (a Architecture) styleSection() document.Section {
	sec := document.Section{ID: "architecture-patterns", Title: "Patterns"}
	t := document.Table{Head: []string{"Pattern", "Integration", "Why", "At"}}
	for _, style := range []detect.Style{detect.Synchronous, detect.Asynchronous, detect.EventDriven, detect.Batch} {
		for _, p := range a.Patterns {
			if p.Style == style {
				t.Rows = append(t.Rows, []document.Text{document.T(strings.ReplaceAll(string(style), "_", "-")), document.T(p.Integration), document.T(p.Reason), document.T(p.Position)})
			}
		}
	}
	return tabled(sec, t, "No integration is called, so there is no pattern to name.")
}

func (a Architecture) internalSection() document.Section {
	sec := document.Section{ID: "architecture-internal", Title: "APIs served here"}
	t := document.Table{Head: []string{"API", "Operations", "Security", "Without security", "Without described errors", "At"}}
	for _, i := range a.Internal {
		t.Rows = append(t.Rows, []document.Text{document.T(i.Name), document.T(i.Operations), document.T(orNone(strings.Join(i.Security, ", "), "none")), document.T(i.Open), document.T(i.Undescribed), document.T(i.At)})
	}
	return tabled(sec, t, "No OpenAPI description of an API that is served here.")
}

func (a Architecture) externalSection() document.Section {
	sec := document.Section{ID: "architecture-external", Title: "APIs called from here"}
	t := document.Table{Head: []string{"Service", "Pattern", "Authentication", "When it fails"}}
	for _, e := range a.External {
		t.Rows = append(t.Rows, []document.Text{document.T(document.Ref(e.Name, Anchor(e.Integration))), document.T(e.Pattern), document.T(e.Authentication), document.T(e.ErrorHandling)})
	}
	return tabled(sec, t, "No API of others is called.")
}

func (a Architecture) resilienceSection() document.Section {
	sec := document.Section{ID: "architecture-resilience", Title: "Resilience and consistency"}
	var items []document.Text
	for _, s := range a.Resilience {
		if s.Calls > 0 {
			items = append(items, document.T(fmt.Sprintf("%d of %s %s", s.Calls, scanners.CountAs(s.Of, "call", "calls"), s.Name), ", first ", s.At))
		}
	}
	for _, tx := range a.Transactions[:min(len(a.Transactions), 5)] {
		items = append(items, document.T("transaction in ", document.C(tx.Function), ", ", tx.Position))
	}
	if more := len(a.Transactions) - 5; more > 0 {
		items = append(items, document.T(scanners.CountAs(more, "more transaction", "more transactions")))
	}
	for _, o := range a.Outboxes {
		items = append(items, document.T(strings.ReplaceAll(o.Kind, "_", " "), " ", document.C(o.Name), " keeps messages and data in step, ", o.Position))
	}
	if len(items) == 0 {
		sec.Blocks = nothing("Nothing bounds, repeats or breaks off a call, and there is no transaction or outbox.")
		return sec
	}
	sec.Blocks = []document.Block{document.List{Items: items}}
	return sec
}

func (a Architecture) securitySection() document.Section {
	sec := document.Section{ID: "architecture-security", Title: "Security of each point"}
	t := document.Table{Head: []string{"Integration", "Method", "Credential from", "Renewed by", "At"}}
	for _, au := range a.Security.Authentication {
		t.Rows = append(t.Rows, []document.Text{document.T(au.Integration), document.T(strings.ReplaceAll(au.Method, "_", " ")), document.T(strings.TrimSpace(strings.ReplaceAll(au.Source, "_", " ") + " " + au.Name)),
			document.T(orNone(au.Refresh, "nothing")), document.T(au.Position)})
	}
	if len(t.Rows) > 0 {
		sec.Blocks = append(sec.Blocks, capped(t)...)
	}
	var items []document.Text
	for _, s := range a.Security.TLS[:min(len(a.Security.TLS), 15)] {
		items = append(items, document.T(orNone(s.Integration, "connections"), ": ", document.C(s.Setting), " = ", document.C(s.Value), ", ", s.Position))
	}
	for _, s := range a.Surfaces[:min(len(a.Surfaces), 20)] {
		items = append(items, document.T(s.What, ", ", s.At))
	}
	if len(items) > 0 {
		sec.Blocks = append(sec.Blocks, document.List{Items: items})
	}
	if len(sec.Blocks) == 0 {
		sec.Blocks = nothing("No credential, TLS setting or published port was found.")
	}
	return sec
}
