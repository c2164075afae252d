package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/scanners"
)

var composeRules = []Rule{
	{
		ID: "compose-start-order", Category: Retries, Severity: Medium, Since: "0.1.0",
		Title:     "Compose service that does not wait until what it needs at start is ready",
		Rationale: "depends_on alone waits until the other container runs, not until it answers. The program's first call meets a database that is still starting, and the program exits or hangs by chance.",
		Remedy:    "Give the other service a healthcheck and wait for condition: service_healthy.",
		Example:   "services:\n  api:\n    depends_on:\n      db:\n        condition: service_healthy\n  db:\n    healthcheck:\n      test: [\"CMD-SHELL\", \"pg_isready -U postgres\"]\n      interval: 5s\n      retries: 10",
		Silent:    "The dependency is awaited with service_healthy; the code does not call the system while it starts, or calls again until it answers; the service is restarted until it succeeds, or runs a script that may wait; or the file is for development (by its path, or because it mounts the code).",
		check:     startOrder,
	},
	{
		ID: "compose-healthy-unchecked", Category: Retries, Severity: High, Since: "0.1.0",
		Title:     "Compose waits for the health of a service that has no healthcheck",
		Rationale: "Compose refuses to start the dependent service when the other has no healthcheck: `docker compose up` fails.",
		Remedy:    "Add a healthcheck to the service that is waited for.",
		Example:   "services:\n  db:\n    healthcheck:\n      test: [\"CMD-SHELL\", \"pg_isready -U postgres\"]\n      interval: 5s\n      retries: 10",
		Silent:    "The service, another file of the project or its Dockerfile has a healthcheck, or its image is not one whose own is known to be missing.",
		check:     healthyUnchecked,
	},
	{
		ID: "compose-no-restart", Category: Retries, Severity: Medium, Since: "0.1.0",
		Title:     "Deployed compose service that nothing restarts",
		Rationale: "A program that exits, or a host that reboots, leaves the service down until somebody looks.",
		Remedy:    "Set a restart policy, as the other services of the file have.",
		Example:   "services:\n  api:\n    restart: unless-stopped",
		Silent:    "The file deploys nothing (its path says development, test or example, it mounts the code into a container, or its name does not say production and no service in it has a restart policy or runs code of this repository), or the service runs once or is a binary that answers no requests.",
		check:     noRestart,
	},
	{
		ID: "compose-no-healthcheck", Category: Monitoring, Severity: Low, Since: "0.1.0",
		Title:     "Compose service without a healthcheck that others hang on",
		Rationale: "A process that runs but does not answer counts as up: nothing restarts it, nothing waits for it, and the failure shows first in what calls it.",
		Remedy:    "Add a healthcheck that asks the service what its clients ask.",
		Example:   "services:\n  cache:\n    healthcheck:\n      test: [\"CMD\", \"redis-cli\", \"ping\"]\n      interval: 10s\n      timeout: 3s\n      retries: 5",
		Silent:    "The image is built here with a HEALTHCHECK or is somebody else's that may have one, the service is neither a store that running code calls nor a server of this repository that others wait for, the file is for development or runs nothing of this repository, or it is already told of because its clients do not wait for it.",
		check:     noHealthcheck,
	},
}

// composeFiles groups the services by file, in order.
func (v *view) composeFiles() [][]*detect.Service {
	var out [][]*detect.Service
	for i := range v.Services {
		s := &v.Services[i]
		if n := len(out); n > 0 && out[n-1][0].File == s.File {
			out[n-1] = append(out[n-1], s)
		} else {
			out = append(out, []*detect.Service{s})
		}
	}
	return out
}

func named(all []*detect.Service, name string) *detect.Service {
	for _, s := range all {
		if s.Name == name {
			return s
		}
	}
	return nil
}

// runsOwnCode: the service runs a binary of this repository, built from it or
// published under its name.
func (v *view) runsOwnCode(s *detect.Service) bool {
	if s.Binary != "" {
		return true
	}
	image := catalog.ImageName(s.Image)
	return s.Build == "" && s.System == "" && image != "" && slices.ContainsFunc(v.Repository.Modules, func(m detect.Module) bool {
		_, path, _ := strings.Cut(m.Path, "/") // owner/name, without the host
		return strings.HasPrefix(image+"/", path+"/") || strings.HasPrefix(image, path+"-")
	})
}

// neededAtStart: the code calls the integration while it starts, and does not call
// again until it answers.
func (v *view) neededAtStart(integration string) bool {
	return integration != "" && slices.ContainsFunc(v.CallSites, func(s detect.CallSite) bool {
		return s.Integration == integration && runs(&s) && s.Phase == detect.PhaseStart && s.Retry.Verdict != detect.Present
	})
}

// unordered are the dependencies of the repository's own services that they need
// at start and do not wait for.
func (v *view) unordered(file []*detect.Service) []Related {
	var out []Related
	if file[0].Order.Development {
		return nil
	}
	for _, s := range file {
		if !v.runsOwnCode(s) || restarts(s) || s.Order.Overlay || s.Order.Script {
			continue
		}
		for _, d := range s.Order.DependsOn {
			if d.Optional || d.Condition != "" && d.Condition != "service_started" {
				continue
			}
			if of := named(file, d.Service); of != nil && v.kind(of.Integration) != "observability" && v.neededAtStart(of.Integration) {
				out = append(out, Related{d.Position, s.Name + " starts before " + of.Name + " is ready"})
			}
		}
	}
	return out
}

func restarts(s *detect.Service) bool {
	return s.Restart != "" && s.Restart != "no" && s.Restart != "none"
}

func startOrder(v *view, report func(hit)) {
	for _, file := range v.composeFiles() {
		if late := v.unordered(file); len(late) > 0 {
			report(hit{
				at: late[0].Position, anchor: file[0].File, related: late, severity: Medium,
				message: fmt.Sprintf("%s not awaited until healthy, though the code calls what stands behind it at start-up: %s", scanners.CountAs(len(late), "dependency is", "dependencies are"), someOf(late)),
			})
		}
	}
}

func healthyUnchecked(v *view, report func(hit)) {
	for _, file := range v.composeFiles() {
		var bad []Related
		for _, s := range file {
			for _, d := range s.Order.DependsOn {
				of := named(file, d.Service)
				if d.Condition != "service_healthy" || of == nil || of.Healthcheck || of.Order.ImageHealth || v.checkedElsewhere(of) {
					continue
				}
				// Docker's official images, those without an owner, have none of their
				// own by rule; those built here are read. Of others it is not known.
				official := of.Image != "" && !strings.Contains(catalog.ImageName(of.Image), "/")
				if official || of.Build != "" || of.Order.HealthDisabled {
					bad = append(bad, Related{d.Position, s.Name + " waits for the health of " + of.Name})
				}
			}
		}
		if len(bad) > 0 {
			report(hit{
				at: bad[0].Position, anchor: file[0].File, related: bad, severity: High,
				message: fmt.Sprintf("compose will not start: %s, which has no healthcheck", someOf(bad)),
			})
		}
	}
}

// checkedElsewhere: the service of the same name in another file has a healthcheck.
func (v *view) checkedElsewhere(s *detect.Service) bool {
	return slices.ContainsFunc(v.Services, func(o detect.Service) bool {
		return o.Name == s.Name && o.File != s.File && o.Healthcheck
	})
}

// deploys: the file is used to run the program for others. Its name says so, or some
// service in it is restarted and the program is one of them: with a file of databases
// alone people develop.
func (v *view) deploys(file []*detect.Service) bool {
	if file[0].Order.Development {
		return false
	}
	name := strings.ToLower(file[0].File)
	return strings.Contains(name, "prod") || strings.Contains(name, "deploy") || slices.ContainsFunc(file, restarts) && slices.ContainsFunc(file, v.runsOwnCode)
}

func noRestart(v *view, report func(hit)) {
	for _, file := range v.composeFiles() {
		if !v.deploys(file) {
			continue
		}
		var lone []Related
		for _, s := range file {
			if !restarts(s) && !s.Order.Once && !s.Order.Overlay && (v.runsOwnCode(s) && v.stays(s) || v.inUse(s.Integration)) {
				lone = append(lone, Related{s.Position, s.Name})
			}
		}
		if len(lone) > 0 {
			report(hit{
				at: lone[0].Position, anchor: file[0].File, related: lone, severity: Medium,
				message: fmt.Sprintf("nothing restarts %s of %s: %s", scanners.Count(len(lone), "service"), file[0].File, someOf(lone)),
			})
		}
	}
}

// stays: the service is not a binary of this repository that answers no requests
// and may be done when it has run.
func (v *view) stays(s *detect.Service) bool {
	image := catalog.ImageName(s.Image)
	name := image[strings.LastIndexByte(image, '/')+1:]
	if s.Binary != "" {
		name = s.Binary
	}
	known := slices.ContainsFunc(v.Repository.Binaries, func(b detect.Binary) bool { return b.Name == name })
	return !known || slices.ContainsFunc(v.Serving, func(b detect.Serving) bool { return b.Binary == name })
}

// inUse: running code talks to the integration.
func (v *view) inUse(id string) bool {
	in := v.integrations[id]
	return in != nil && in.Scope == detect.ScopeRuntime
}

// storeKinds are the systems that take their time to start and without which calls
// fail until then.
var storeKinds = []string{"database", "cache", "messaging", "search", "storage", "coordination", "auth", "secrets"}

// healthTells: whether the service is healthy matters to something that is seen, and
// that nothing checks it is seen as well: running code calls a store in it, or others
// wait for a binary of this repository that answers requests. Whether the image of
// somebody else checks itself is not known.
func (v *view) healthTells(s *detect.Service, awaited bool) bool {
	if s.Build == "" && strings.Contains(catalog.ImageName(s.Image), "/") {
		return false
	}
	if v.inUse(s.Integration) && slices.Contains(storeKinds, v.kind(s.Integration)) {
		return true
	}
	return awaited && slices.ContainsFunc(v.Serving, func(b detect.Serving) bool { return s.Binary != "" && b.Binary == s.Binary })
}

func noHealthcheck(v *view, report func(hit)) {
	for _, file := range v.composeFiles() {
		if file[0].Order.Development || len(v.unordered(file)) > 0 || !slices.ContainsFunc(file, v.runsOwnCode) {
			continue
		}
		awaited := map[string]bool{}
		for _, s := range file {
			for _, d := range s.Order.DependsOn {
				awaited[d.Service] = awaited[d.Service] || d.Condition != "service_completed_successfully"
			}
		}
		var unchecked []Related
		for _, s := range file {
			if v.healthTells(s, awaited[s.Name]) && !s.Healthcheck && !s.Order.ImageHealth && !s.Order.Once && !s.Order.Overlay && !v.checkedElsewhere(s) {
				unchecked = append(unchecked, Related{s.Position, s.Name})
			}
		}
		if len(unchecked) > 0 {
			report(hit{
				at: unchecked[0].Position, anchor: file[0].File, related: unchecked, severity: Low,
				message: fmt.Sprintf("%s of %s that others need %s no healthcheck: %s", scanners.Count(len(unchecked), "service"), file[0].File, agree(len(unchecked), "has", "have"), someOf(unchecked)),
			})
		}
	}
}
