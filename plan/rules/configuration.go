package rules

import (
	"fmt"
	"strings"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/scanners"
)

var configurationRules = []Rule{
	{
		ID: "config-variable-undefined", Category: Configuration, Severity: Medium, Since: "0.1.0",
		Title:     "Variable that code needs and no file defines",
		Rationale: "Who sets up the program from the repository's files does not learn of the variable; it starts with an empty value and fails later, or does the wrong thing.",
		Remedy:    "Define the variable in the files beside the others, or give it a default in the code.",
		Example:   "# .env.example\nRATES_URL=https://rates.example.com",
		Silent:    "The code has a default for it or tests it, a configuration library reads it, libraries or the platform set it, or the repository's files define too few variables to be complete.",
		check:     undefinedVariables,
	},
	{
		ID: "config-variable-unused", Category: Configuration, Severity: Low, Since: "0.1.0",
		Title:     "Variable that a file defines and no code reads",
		Rationale: "Somebody sets it and believes that it does something. Often it is the old name of a setting that now has none.",
		Remedy:    "Delete the line, or read the variable where it was meant to be read.",
		Example:   "# .env\n-CARRIER_TIMEOUT=5s",
		Silent:    "The code reads fewer than two thirds of the file's variables, compose hands the file to images of others, the name is one that libraries read, or code reads the environment as a whole.",
		check:     unusedVariables,
	},
	{
		ID: "config-variable-unchecked", Category: Configuration, Severity: Medium, Since: "0.1.0",
		Title:     "Address or credential from the environment that may be empty",
		Rationale: "With the variable missing the program starts as if all were well, and the first call fails with an error that does not name the variable, or goes to the library's default address.",
		Remedy:    "Test the value when the program starts, and stop with the name of the variable if it is empty.",
		Example:   "addr := os.Getenv(\"REDIS_ADDR\")\nif addr == \"\" {\n\tlog.Fatal(\"REDIS_ADDR is not set\")\n}",
		Silent:    "The code compares the value, measures it, parses it or has a default, anywhere that it goes to; it is a password of a cache or broker, which may be empty; or libraries read the variable themselves.",
		check:     uncheckedVariables,
	},
	{
		ID: "config-http-plain", Category: Configuration, Severity: High, Since: "0.1.0",
		Title:     "Plain HTTP to a host outside",
		Rationale: "Whoever is on the way reads and changes requests and answers, credentials among them.",
		Remedy:    "Use https.",
		Example:   "const ratesURL = \"https://api.rates.example.com\"",
		Silent:    "The host is local, of a private network or reserved for examples, or the file is for development.",
		check:     insecureKind(detect.InsecureHTTP, func(v *view, i detect.Insecure) string { return "calls go to " + i.Host + " over plain HTTP" }),
	},
	{
		ID: "config-tls-unverified", Category: Configuration, Severity: High, Since: "0.1.0",
		Title:     "TLS without verifying who answers",
		Rationale: "InsecureSkipVerify takes any certificate. Whoever can redirect the connection is taken for the peer, and gets the credentials.",
		Remedy:    "Drop InsecureSkipVerify; for a private authority put its certificate into RootCAs.",
		Example:   "pool, err := x509.SystemCertPool()\nif err != nil {\n\treturn err\n}\npool.AppendCertsFromPEM(caCert)\ncfg := &tls.Config{RootCAs: pool}",
		Silent:    "A condition or a setting decides, or the code verifies the peer by itself (VerifyPeerCertificate, VerifyConnection).",
		check: insecureKind(detect.InsecureCertificates, func(v *view, i detect.Insecure) string {
			return "InsecureSkipVerify is always true" + v.in(i.Integration)
		}),
	},
	{
		ID: "config-database-plain", Category: Configuration, Severity: Medium, Since: "0.1.0",
		Title:     "Database connection that the code keeps from using TLS",
		Rationale: "The connection string says to do without TLS, or without verifying the server, and no setting can change it: passwords and data cross the network in the clear.",
		Remedy:    "Take the whole connection string, or its sslmode, from configuration, with verify-full as the default.",
		Example:   "dsn := fmt.Sprintf(\"host=%s user=%s dbname=%s sslmode=%s\", cfg.Host, cfg.User, cfg.Name, cmp.Or(cfg.SSLMode, \"verify-full\"))",
		Silent:    "The server is on the same machine, the file is for development or of compose, or the parameter comes from configuration.",
		check: insecureKind(detect.InsecureDatabase, func(v *view, i detect.Insecure) string {
			return "the connection string switches TLS off" + v.in(i.Integration)
		}),
	},
	{
		ID: "config-image-unversioned", Category: Configuration, Severity: Low, Since: "0.1.0",
		Title:     "Container image without a version",
		Rationale: "The image is whatever was pushed last: two deployments of one commit differ, and a new major version of a database comes with a restart.",
		Remedy:    "Name a version, best with its digest.",
		Example:   "image: postgres:17.2",
		Silent:    "The image has a tag other than latest, a digest or a variable; the repository builds it; or the file is for development, tests or examples.",
		check:     unversionedImages,
	},
	{
		ID: "config-host-fixed", Category: Configuration, Severity: Medium, Since: "0.1.0",
		Title:     "Address of one environment that stands in the code",
		Rationale: "Another environment, a test or a move of the service needs a new build, and a program that runs in the wrong place calls the right one's data.",
		Remedy:    "Read the address from configuration; the literal may stay as its default.",
		Example:   "base := cmp.Or(os.Getenv(\"LEDGER_URL\"), \"http://ledger.internal:8080\")",
		Silent:    "A variable, flag or key can override the literal, or the host is a product's public one.",
		check:     fixedHosts,
	},
}

func (v *view) in(id string) string {
	if id == "" {
		return ""
	}
	return " in the client of " + v.name(id)
}

// byPlace groups variables by a place that one change mends: a function or a file.
func byPlace(uses []detect.VariableUse, place func(detect.VariableUse) string) [][]detect.VariableUse {
	at := map[string]int{}
	var out [][]detect.VariableUse
	for _, u := range uses {
		key := place(u)
		i, ok := at[key]
		if !ok {
			i = len(out)
			at[key] = i
			out = append(out, nil)
		}
		out[i] = append(out[i], u)
	}
	return out
}

// variableHit is the finding on the variables of one place.
func (v *view) variableHit(uses []detect.VariableUse, anchor, message string) hit {
	h := hit{at: uses[0].Position, anchor: anchor, integration: uses[0].Integration, severity: ""}
	var names []string
	for _, u := range uses {
		names = append(names, u.Name)
		h.related = append(h.related, Related{u.Position, u.Name})
		if u.Integration != h.integration {
			h.integration = ""
		}
	}
	h.message = strings.Join(names, ", ") + ": " + message
	return h
}

func functionOf(u detect.VariableUse) string { return u.Function }
func fileOf(u detect.VariableUse) string     { return u.File }

func undefinedVariables(v *view, report func(hit)) {
	for _, uses := range byPlace(v.Environment.Undefined, fileOf) {
		report(v.variableHit(uses, uses[0].File, "read here without a default, and defined in no file of the repository"))
	}
}

func unusedVariables(v *view, report func(hit)) {
	for _, uses := range byPlace(v.Environment.Unused, fileOf) {
		h := v.variableHit(uses, uses[0].File, "defined here, and read by no code of the repository")
		h.severity = Low
		report(h)
	}
}

func uncheckedVariables(v *view, report func(hit)) {
	for _, uses := range byPlace(v.Environment.Unchecked, functionOf) {
		report(v.variableHit(uses, uses[0].Function, "goes into the client"+v.of(uses)+" as it is, also when it is empty"))
	}
}

func (v *view) of(uses []detect.VariableUse) string {
	var names []string
	seen := map[string]bool{}
	for _, u := range uses {
		if u.Integration != "" && !seen[u.Integration] {
			seen[u.Integration] = true
			names = append(names, v.name(u.Integration))
		}
	}
	if len(names) == 0 {
		return ""
	}
	return " of " + strings.Join(names, " and ")
}

func insecureKind(kind detect.InsecureKind, say func(*view, detect.Insecure) string) func(*view, func(hit)) {
	return func(v *view, report func(hit)) {
		for _, i := range v.Insecure {
			if i.Kind == kind {
				report(hit{
					at: i.Position, integration: i.Integration, anchor: i.Name, message: say(v, i),
					related: []Related{},
				})
			}
		}
	}
}

// unversionedImages reports once for a file.
func unversionedImages(v *view, report func(hit)) {
	of := map[string][]detect.Image{}
	var order []string
	for _, i := range v.Images {
		if i.Versioned || i.Own || i.Development {
			continue
		}
		if of[i.File] == nil {
			order = append(order, i.File)
		}
		of[i.File] = append(of[i.File], i)
	}
	for _, file := range order {
		var names []string
		h := hit{at: of[file][0].Position, anchor: file, severity: Low}
		for _, i := range of[file] {
			names = append(names, fmt.Sprintf("%s (%s)", i.Image, i.For))
			h.related = append(h.related, Related{i.Position, i.For})
		}
		if of[file][0].Source == scanners.SourceKubernetes {
			h.severity = ""
		}
		h.message = "no version for " + strings.Join(names, ", ")
		report(h)
	}
}

func fixedHosts(v *view, report func(hit)) {
	for _, f := range v.FixedHosts {
		h := hit{
			at: f.Position, integration: f.Integration, anchor: f.Host,
			message: fmt.Sprintf("%s stands in the code, and nothing can override it: %s", f.Host, f.Why),
		}
		for _, c := range f.Calls {
			h.related = append(h.related, Related{c.Position, c.What})
		}
		report(h)
	}
}
