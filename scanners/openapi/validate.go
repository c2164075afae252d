package openapi

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	"github.com/getkin/kin-openapi/openapi2"
	"github.com/getkin/kin-openapi/openapi3"

	"github.com/intscan/intscan/scanners"
)

// maxFaults is how many faults of one document are told one by one.
const maxFaults = 10

// overruns counts judgements that had to be abandoned, which cannot be stopped and
// go on using a core. After a few, somebody means harm and no more are begun.
var overruns atomic.Int32

const maxOverruns = 3

// maxRefDepth is how deep references may lead through one another. The time that
// kin-openapi takes grows with the square of it.
const maxRefDepth = 1500

// validate lets kin-openapi judge a document that was read. Nothing has been lost
// by then, so all that it finds is for information.
func validate(ctx context.Context, d *description, api API) []scanners.Diagnostic {
	var r result
	if overruns.Load() >= maxOverruns {
		r.add(scanners.SeverityInfo, api.Position, "not checked for validity: earlier checks took too long")
		return r.diags
	}
	var out exporter
	text, err := out.export(d.root.doc)
	if err != nil {
		r.add(scanners.SeverityInfo, api.Position, "not checked for validity: %v", err)
		return r.diags
	}
	start := time.Now()
	faults, err := scanners.Guard(ctx, validateTime, func(ctx context.Context) ([]error, error) {
		if d.swagger {
			return faultsOf2(text)
		}
		return faultsOf3(ctx, d, &out, text)
	})
	if err != nil {
		if time.Since(start) >= validateTime {
			overruns.Add(1)
		}
		r.add(scanners.SeverityInfo, api.Position, "not checked for validity: kin-openapi: %s", scrub(err.Error()))
		return r.diags
	}
	for i, fault := range faults {
		if i == maxFaults {
			r.add(scanners.SeverityInfo, api.Position, "not valid OpenAPI in %d more places", len(faults)-maxFaults)
			break
		}
		at, what := d.locate(fault, api)
		r.add(scanners.SeverityInfo, at, "not valid OpenAPI %s: %s", api.Spec, what)
	}
	return r.diags
}

// faultsOf2 reads a document of 2.0. For those kin-openapi knows the types of all
// keys, and no rules beyond.
func faultsOf2(text []byte) ([]error, error) {
	var doc openapi2.T
	return nil, json.Unmarshal(text, &doc)
}

// faultsOf3 loads a document of 3.x and validates it. References are read from the
// tree alone: kin-openapi resolves all that a file refers to, also what lies beside
// the part that was wanted.
func faultsOf3(ctx context.Context, d *description, out *exporter, text []byte) ([]error, error) {
	loader := openapi3.NewLoader()
	loader.Context = ctx
	loader.ReadFromURIFunc = func(_ *openapi3.Loader, at *url.URL) ([]byte, error) {
		file, f := localFile(".", at.String())
		if f == nil {
			var doc *document
			if doc, f = d.store.load(file); f == nil {
				return out.export(doc)
			}
		}
		return nil, f
	}
	doc, err := loader.LoadFromDataWithPath(text, &url.URL{Path: d.root.doc.file})
	if err != nil {
		return nil, err
	}
	options := []openapi3.ValidationOption{
		openapi3.EnableMultiError(), openapi3.DisableExamplesValidation(), openapi3.DisableSchemaDefaultsValidation(),
		openapi3.DisableSchemaPatternValidation(), openapi3.AllowExtensionsWithRef(),
	}
	if !doc.IsOpenAPI30() { // components that kin-openapi does not know yet
		options = append(options, openapi3.AllowExtraSiblingFields("pathItems", "mediaTypes"))
	}
	err = doc.Validate(ctx, options...)
	var many openapi3.MultiError
	switch {
	case err == nil:
		return nil, nil
	case errors.As(err, &many):
		return many, nil
	}
	return []error{err}, nil
}

// reason says what is wrong. The code of a rule is taken before the message, which
// may quote values of the document.
func reason(err error) string {
	var coded openapi3.CodedError
	if errors.As(err, &coded) {
		return strings.ReplaceAll(coded.Code(), "-", " ")
	}
	return scrub(err.Error())
}

var (
	credentials = regexp.MustCompile(`//[^\s"]*@`)
	quoted      = regexp.MustCompile(`"([^"\\]|\\.)*"|` + "`[^`]*`")
)

// scrub makes one short line of an error's text, without the values it quotes.
func scrub(text string) string {
	text, _, _ = strings.Cut(text, ", yaml error:") // of two attempts, the first tells
	text = strings.Join(strings.Fields(text), " ")
	text = credentials.ReplaceAllString(quoted.ReplaceAllString(text, `"..."`), "//")
	const longest = 200
	if len(text) > longest {
		text = strings.ToValidUTF8(text[:longest], "") + "..."
	}
	return text
}
