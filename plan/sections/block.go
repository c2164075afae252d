package sections

import (
	"errors"

	"go.yaml.in/yaml/v4"
)

// Block is the pattern block of an integration: what is set today, and what should
// be, in a shape that other tools can read.
type Block struct {
	IntegrationType string     `yaml:"integration_type" json:"integration_type"`
	Endpoint        string     `yaml:"endpoint" json:"endpoint"`
	Connection      *BlockPool `yaml:"connection,omitempty" json:"connection,omitempty"`
	Authentication  BlockAuth  `yaml:"authentication" json:"authentication"`
	Request         string     `yaml:"request_format,omitempty" json:"request_format,omitempty"`
	Response        string     `yaml:"response_format,omitempty" json:"response_format,omitempty"`
	Migrations      string     `yaml:"migration_strategy,omitempty" json:"migration_strategy,omitempty"`
	Transactions    string     `yaml:"transaction_handling,omitempty" json:"transaction_handling,omitempty"`
	ErrorHandling   BlockError `yaml:"error_handling" json:"error_handling"`
	Monitoring      BlockWatch `yaml:"monitoring" json:"monitoring"`
}

// BlockAuth is how the integration is told who calls.
type BlockAuth struct {
	Type    string `yaml:"type" json:"type"`
	Source  string `yaml:"token_source" json:"token_source"`
	Refresh string `yaml:"refresh_strategy" json:"refresh_strategy"`
}

// Setting is a value of today and the one that should be.
type Setting struct {
	Today       string `yaml:"today" json:"today"`
	Recommended string `yaml:"recommended" json:"recommended"`
	// Why says what the recommendation follows from.
	Why string `yaml:"why,omitempty" json:"why,omitempty"`
}

// BlockPool is the connection of a store.
type BlockPool struct {
	Type           string  `yaml:"type" json:"type"`
	PoolSize       Setting `yaml:"pool_size" json:"pool_size"`
	ConnectTimeout Setting `yaml:"connection_timeout" json:"connection_timeout"`
}

// BlockError is what happens when the integration does not answer.
type BlockError struct {
	Timeout Setting `yaml:"timeout" json:"timeout"`
	Retries Setting `yaml:"max_retries" json:"max_retries"`
	Breaker Setting `yaml:"circuit_breaker" json:"circuit_breaker"`
}

// BlockWatch is what operators see, and from when on they are called. A store has
// pool, query and deadlock instead of the success rate.
type BlockWatch struct {
	SuccessRate  *Setting `yaml:"success_rate_threshold,omitempty" json:"success_rate_threshold,omitempty"`
	ResponseTime Setting  `yaml:"response_time_threshold" json:"response_time_threshold"`
	Pool         *Setting `yaml:"pool_utilisation,omitempty" json:"pool_utilisation,omitempty"`
	Deadlocks    *Setting `yaml:"deadlock_detection,omitempty" json:"deadlock_detection,omitempty"`
	Alerting     Setting  `yaml:"alerting" json:"alerting"`
}

// YAML is the block as it stands in the document: a line for each setting, with what it
// is today and what it should be.
func (b *Block) YAML() string {
	var n yaml.Node
	err := n.Encode(b)
	for i := 1; i < len(n.Content); i += 2 {
		inLine(n.Content[i])
	}
	out, dumpErr := yaml.Dump(&n, yaml.WithIndent(2), yaml.WithLineWidth(-1))
	if err := errors.Join(err, dumpErr); err != nil {
		return "# " + err.Error() // strings and structs always encode
	}
	return string(out)
}

// inLine writes the mappings without mappings of their own in one line.
func inLine(n *yaml.Node) {
	if n.Kind != yaml.MappingNode {
		return
	}
	n.Style = yaml.FlowStyle
	for _, c := range n.Content {
		if inLine(c); c.Kind == yaml.MappingNode {
			n.Style = 0
		}
	}
}
