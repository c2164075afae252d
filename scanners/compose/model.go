package compose

import "github.com/intscan/intscan/scanners"

// Project is a set of compose files that are run together: a base file with its
// override and what it includes, or a variant (docker-compose.ci.yml) with the
// base it is laid over.
type Project struct {
	// Files are all files read for the project, in the order in which they are
	// merged: later ones win.
	Files []string `json:"files"`
	Name  string   `json:"name,omitempty"` // the top-level name, where one is given
	// Services has an entry for each service key of each file, at that key. Files
	// that several projects share are reported with the first of them only.
	Services []Service `json:"services"`
	// References are the variables that the files interpolate.
	References []Reference `json:"references,omitempty"`
}

// Service is one key below services. But for Image and Overlay, its facts are
// those of the merged project: with overrides, extends and variables applied.
type Service struct {
	scanners.Position
	Name string `json:"name"`
	// Image is the image as this file writes it, "" where it names none.
	Image string `json:"image,omitempty"`
	// ResolvedImage is the image after merging and interpolation; what no .env
	// file of the project defines is empty in it.
	ResolvedImage string `json:"resolved_image,omitempty"`
	// Overlay is set where this file only adds to the service of the same name in
	// an earlier file of the project: it has no image and no build of its own.
	Overlay bool `json:"overlay,omitempty"`

	Build          *Build       `json:"build,omitempty"`
	Ports          []Port       `json:"ports,omitempty"`
	Healthcheck    Healthcheck  `json:"healthcheck"`
	Restart        string       `json:"restart,omitempty"`
	DependsOn      []Dependency `json:"depends_on,omitempty"`
	Environment    []Variable   `json:"environment,omitempty"`
	EnvFiles       []string     `json:"env_files,omitempty"` // relative to the root
	Profiles       []string     `json:"profiles,omitempty"`
	ContainerName  string       `json:"container_name,omitempty"`
	Hostname       string       `json:"hostname,omitempty"`
	NetworkAliases []string     `json:"network_aliases,omitempty"`
	Volumes        []Volume     `json:"volumes,omitempty"`
	// Command is the beginning of the command: program, subcommands and names of
	// flags, no values. It tells apart what one image can be run as.
	Command        []string `json:"command,omitempty"`
	ResourceLimits bool     `json:"resource_limits,omitempty"` // memory, CPU or process limits are set
	Limits         Limits   `json:"limits"`
	Networks       []string `json:"networks,omitempty"`
}

// Limits are what a service may use at most; "" and 0 where nothing is set.
type Limits struct {
	CPUs   string `json:"cpus,omitempty"`
	Memory int64  `json:"memory,omitempty"` // bytes
}

// Build says from what an image is built. Paths are relative to the root.
type Build struct {
	scanners.Position
	Context    string `json:"context,omitempty"`
	Dockerfile string `json:"dockerfile,omitempty"` // "" where it is written inline
	Target     string `json:"target,omitempty"`
	Remote     bool   `json:"remote,omitempty"` // the context is a URL; Context is its host
}

// Port is one entry of ports or expose; numbers may be ranges ("8000-8010").
// Parts that a variable without value would give are empty.
type Port struct {
	scanners.Position
	HostIP    string `json:"host_ip,omitempty"`
	Published string `json:"published,omitempty"` // on the host; "" is any free port
	Target    string `json:"target,omitempty"`    // in the container
	Protocol  string `json:"protocol,omitempty"`
	Internal  bool   `json:"internal,omitempty"` // from expose: other services only
}

// HealthcheckState says whether compose checks a service's health.
type HealthcheckState string

// The states of a healthcheck. Absent says nothing about the image's own.
const (
	HealthcheckAbsent   HealthcheckState = "absent"
	HealthcheckPresent  HealthcheckState = "present"
	HealthcheckDisabled HealthcheckState = "disabled"
)

// Healthcheck is the state and where it stands; for an absent one, the service.
type Healthcheck struct {
	scanners.Position
	State HealthcheckState `json:"state"`
}

// Dependency is another service that must be there first.
type Dependency struct {
	scanners.Position
	Service   string `json:"service"`
	Condition string `json:"condition,omitempty"` // service_started, service_healthy, service_completed_successfully
	Optional  bool   `json:"optional,omitempty"`
}

// Variable is one entry of environment. Its value is not kept, only where it points.
type Variable struct {
	scanners.Position
	Name       string             `json:"name"`
	Endpoint   *scanners.Endpoint `json:"endpoint,omitempty"`
	Secret     bool               `json:"secret,omitempty"`
	Literal    bool               `json:"literal,omitempty"`    // the value is a working credential as the file writes it
	References []string           `json:"references,omitempty"` // variables the value interpolates
}

// Volume is a mount of a named volume or of a path of the host.
type Volume struct {
	scanners.Position
	Name   string `json:"name,omitempty"`   // of a named volume
	Source string `json:"source,omitempty"` // of a bind mount, relative to the root where it is relative
	Target string `json:"target,omitempty"`
}

// Reference is a variable that a compose file interpolates, at its place.
type Reference struct {
	scanners.Position
	Name     string `json:"name"`
	Default  bool   `json:"default,omitempty"`  // the file has a default for it
	Required bool   `json:"required,omitempty"` // ${NAME:?...}
}
