package detect

// Conditions are the facts on which findings about connections, monitoring,
// configuration and versions rest.
type Conditions struct {
	SQLPools         []SQLPool         `json:"sql_pools"`
	RemadeClients    []Remade          `json:"remade_clients"`
	OpenBodies       []OpenBody        `json:"open_bodies"`
	NarrowTransports []NarrowTransport `json:"narrow_transports"`
	Tracing          Tracing           `json:"tracing"`
	Environment      Environment       `json:"environment"`
	Secrets          []Secret          `json:"secrets"`
	Insecure         []Insecure        `json:"insecure"`
	Images           []Image           `json:"images"`
	FixedHosts       []FixedHost       `json:"fixed_hosts"`
	RetiredLibraries []RetiredLibrary  `json:"retired_libraries"`
}

// noConditions has the empty lists of a run without verdicts.
func noConditions() Conditions {
	return Conditions{
		SQLPools: []SQLPool{}, RemadeClients: []Remade{}, OpenBodies: []OpenBody{}, NarrowTransports: []NarrowTransport{},
		Tracing:     Tracing{Accepts: []Step{}, Records: []Step{}},
		Environment: Environment{Undefined: []VariableUse{}, Unused: []VariableUse{}, Unchecked: []VariableUse{}},
		Secrets:     []Secret{}, Insecure: []Insecure{}, Images: []Image{}, FixedHosts: []FixedHost{}, RetiredLibraries: []RetiredLibrary{},
	}
}

// conditions gathers them. The inventory must be complete.
func (inv *inventory) conditions(j *judge, g *entryGraph, sites []*site, vars []Variable) Conditions {
	return Conditions{
		SQLPools: inv.p.sqlPools(sites), RemadeClients: g.remade(sites), OpenBodies: inv.p.openBodies(sites), NarrowTransports: j.narrowTransports(),
		Tracing:     inv.p.tracing(),
		Environment: inv.environment(sites, vars),
		Secrets:     inv.secrets(sites), Insecure: inv.insecure(sites), Images: inv.images(), FixedHosts: inv.p.fixedHosts(sites),
		RetiredLibraries: inv.retired(),
	}
}
