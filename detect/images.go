package detect

import (
	"path"
	"slices"
	"strings"

	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/scanners"
)

// Image is a container image that a file of the repository runs or builds on.
type Image struct {
	scanners.Position
	Source scanners.Source `json:"source"`
	Image  string          `json:"image"`
	For    string          `json:"for"` // the service, workload or stage
	// Versioned: it has a tag other than latest, or a digest, or a variable for it.
	Versioned bool `json:"versioned"`
	// Own: the repository builds it.
	Own bool `json:"own,omitempty"`
	// Development: the file serves development, tests or examples.
	Development bool `json:"development,omitempty"`
}

// images lists the images of compose files, manifests and Dockerfiles.
func (inv *inventory) images() []Image {
	out := []Image{}
	own := inv.ownImages()
	add := func(at scanners.Position, src scanners.Source, image, user string, built bool) {
		if image == "" || image == "scratch" || strings.ContainsAny(image, "<>{}*") && !strings.Contains(image, ":") {
			return
		}
		name := path.Base(catalog.ImageName(image))
		out = append(out, Image{
			Position: at, Source: src, Image: scanners.Redact(image), For: user, Versioned: versioned(image),
			Own: built || own[strings.ToLower(name)] || inv.ownOwner(image), Development: !inv.deployed(at.File),
		})
	}
	for _, pr := range inv.f.Projects {
		for _, s := range pr.Services {
			add(s.Position, scanners.SourceCompose, s.Image, "service "+s.Name, s.Build != nil)
		}
	}
	for _, w := range inv.f.Kube.Workloads {
		for _, c := range w.Containers {
			// A bare word that is no known product is what a deployment tool replaces.
			bare := !strings.Contains(c.Image, "/") && inv.p.cat.Image(c.Image) == nil
			add(c.Position, scanners.SourceKubernetes, c.Image, w.Kind+" "+w.Name, bare)
		}
	}
	for _, d := range inv.f.Docker {
		for _, s := range d.Stages {
			if !s.Stage {
				add(s.Position, scanners.SourceDockerfile, s.From, "FROM", false)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Image) int { return a.Position.Compare(b.Position) })
	return out
}

// ownOwner: the image belongs to the owner of one of the repository's modules.
func (inv *inventory) ownOwner(image string) bool {
	parts := strings.Split(catalog.ImageName(image), "/")
	for _, m := range inv.f.Modules.Modules {
		if of := strings.Split(m.Path, "/"); len(of) > 1 && slices.Contains(parts[:len(parts)-1], of[1]) {
			return true
		}
	}
	return false
}

// versioned: a tag that stays what it is, a digest, or something that only the
// deployment knows. Distroless images have no versions.
func versioned(image string) bool {
	if strings.ContainsAny(image, "$<{*") || strings.Contains(image, "@sha256:") || strings.Contains(image, "distroless/") {
		return true
	}
	last := image[strings.LastIndexByte(image, '/')+1:]
	_, tag, ok := strings.Cut(last, ":")
	return ok && tag != "" && tag != "latest"
}

// ownImages are the names under which the repository's own images go: those of its
// modules, binaries, folders with a Dockerfile and compose services built here.
func (inv *inventory) ownImages() map[string]bool {
	own := map[string]bool{}
	note := func(name string) {
		if name != "" && name != "." && name != "/" {
			own[strings.ToLower(name)] = true
		}
	}
	for _, m := range inv.f.Modules.Modules {
		note(path.Base(m.Path))
	}
	for _, pkg := range inv.p.pkgs {
		if pkg.Name == "main" {
			note(binaryName(pkg))
		}
	}
	for _, d := range inv.f.Docker {
		for dir := range strings.SplitSeq(path.Dir(d.Path), "/") {
			note(dir)
		}
		base := path.Base(d.Path)
		note(strings.TrimSuffix(strings.TrimSuffix(base, ".Dockerfile"), ".dockerfile"))
		note(strings.TrimPrefix(base, "Dockerfile."))
	}
	for _, pr := range inv.f.Projects {
		for _, s := range pr.Services {
			if s.Build != nil {
				note(s.Name)
				note(path.Base(catalog.ImageName(s.Image)))
			}
		}
	}
	return own
}
