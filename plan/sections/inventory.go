package sections

import (
	"github.com/intscan/intscan/plan/document"
	"github.com/intscan/intscan/plan/risk"
)

// Inventory is section 3: every integration in one line.
type Inventory []InventoryRow

// InventoryRow is one integration.
type InventoryRow struct {
	Integration string     `json:"integration"`
	Name        string     `json:"name"`
	Type        string     `json:"type"`
	Pattern     string     `json:"pattern"`
	Criticality risk.Level `json:"criticality"`
	Risk        risk.Level `json:"risk"`
	// Calls counts those of production code, Unbounded those without a timeout.
	Calls     int `json:"calls"`
	Unbounded int `json:"unbounded"`
	Findings  int `json:"findings"`
}

func inventory(f *Facts) Inventory {
	rows := Inventory{}
	for _, in := range f.points() {
		row := InventoryRow{Integration: in.ID, Name: f.name(in.ID), Type: in.Kind, Pattern: f.pattern(in.ID), Calls: len(f.sites[in.ID]), Findings: len(f.findings[in.ID])}
		if a := f.risks[in.ID]; a != nil {
			row.Criticality, row.Risk, row.Unbounded = a.Criticality, a.Risk, a.NoTimeout
		}
		rows = append(rows, row)
	}
	return rows
}

func (inv Inventory) section() document.Section {
	s := document.Section{ID: "inventory", Title: "Inventory"}
	if len(inv) == 0 {
		s.Blocks = nothing("There is no integration to list.")
		return s
	}
	t := document.Table{Head: []string{"Integration", "Type", "Pattern", "Criticality", "Risk", "Calls", "Without timeout", "Findings"}}
	for _, r := range inv {
		t.Rows = append(t.Rows, []document.Text{
			document.T(document.Ref(r.Name, Anchor(r.Integration))), document.T(r.Type), document.T(r.Pattern),
			document.T(string(r.Criticality)), document.T(string(r.Risk)), document.T(r.Calls), document.T(r.Unbounded), document.T(r.Findings),
		})
	}
	s.Blocks = []document.Block{t}
	return s
}
