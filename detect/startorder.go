package detect

import (
	"path"
	"regexp"
	"slices"

	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/compose"
	"github.com/intscan/intscan/scanners/dockerfile"
)

// Order is what a compose service waits for, and what that is worth.
type Order struct {
	DependsOn []Dependency `json:"depends_on"`
	// Overlay: this file only adds to the service of another one.
	Overlay bool `json:"overlay,omitempty"`
	// HealthDisabled: the image's own check is switched off.
	HealthDisabled bool `json:"health_disabled,omitempty"`
	// ImageHealth: the Dockerfile that the service is built from checks its health.
	ImageHealth bool `json:"image_health,omitempty"`
	// Script: what the container runs is a shell script, which may wait by itself.
	Script bool `json:"script,omitempty"`
	// Once: the service is run for its end, not to serve.
	Once bool `json:"once,omitempty"`
	// Development: the file is for developing, testing or showing the program: by its
	// path, or because it runs the code from the folder it is written in.
	Development bool `json:"development,omitempty"`
}

// Dependency is another service that must be there first.
type Dependency struct {
	scanners.Position
	Service   string `json:"service"`
	Condition string `json:"condition,omitempty"`
	Optional  bool   `json:"optional,omitempty"`
}

// startOrder fills in the order of the compose services.
func startOrder(r *Result, f Facts) {
	dirs := map[string]bool{}
	for _, pkg := range f.Code.Packages {
		for dir := pkg.Dir; dir != "." && dir != ""; dir = path.Dir(dir) {
			dirs[dir] = true
		}
	}
	byPlace := map[scanners.Position]*compose.Service{}
	mounted := map[string]bool{} // files with a service that runs mounted code
	once := map[string]bool{}    // services that others wait to end, by file and name
	for i := range f.Projects {
		for j := range f.Projects[i].Services {
			s := &f.Projects[i].Services[j]
			byPlace[s.Position] = s
			mounted[s.File] = mounted[s.File] || mountsCode(s, dirs)
			for _, d := range s.DependsOn {
				if d.Condition == "service_completed_successfully" {
					once[s.File+" "+d.Service] = true
				}
			}
		}
	}
	for i := range r.Services {
		s := &r.Services[i]
		o := Order{DependsOn: []Dependency{}, Development: !productionFile(s.File) || mounted[s.File]}
		if from := byPlace[s.Position]; from != nil {
			for _, d := range from.DependsOn {
				o.DependsOn = append(o.DependsOn, Dependency{Position: d.Position, Service: d.Service, Condition: d.Condition, Optional: d.Optional})
			}
			o.Overlay = from.Overlay
			o.HealthDisabled = from.Healthcheck.State == compose.HealthcheckDisabled
			o.ImageHealth = from.Build != nil && checked(f.Docker, from.Build)
			o.Script = len(from.Command) > 0 && scriptName.MatchString(from.Command[0])
			o.Once = once[s.File+" "+s.Name] || runsOnce(from)
		}
		s.Order = o
	}
}

func checked(files []dockerfile.File, b *compose.Build) bool {
	want := b.Dockerfile
	if want == "" {
		want = path.Join(b.Context, "Dockerfile")
	}
	return slices.ContainsFunc(files, func(d dockerfile.File) bool { return d.Path == want && d.Healthcheck != nil })
}

var scriptName = regexp.MustCompile(`(\.sh|/(ba|da|z|a)?sh|^(ba|da|z|a)?sh)$`)

// mountsCode: the container sees the folder with Go code that it is built from.
func mountsCode(s *compose.Service, dirs map[string]bool) bool {
	return slices.ContainsFunc(s.Volumes, func(v compose.Volume) bool {
		return v.Source == "." && (s.Build != nil || len(dirs) > 0) || dirs[v.Source]
	})
}

var onceWords = regexp.MustCompile(`(?i)(^|[-_./ ])(migrat\w*|init|setup|seed\w*|bootstrap|create[-_]\w+|mc|once|job|provision\w*)([-_. ]|$)`)

// runsOnce: the name or the command of the service says that it ends.
func runsOnce(s *compose.Service) bool {
	return onceWords.MatchString(s.Name) || slices.ContainsFunc(s.Command, func(w string) bool { return onceWords.MatchString(w) })
}
