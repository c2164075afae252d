package openapi

import (
	"errors"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/intscan/intscan/scanners"
)

// sections are the keys of the components that kin-openapi names in words.
var sections = map[string]string{
	"schema": "schemas", "parameter": "parameters", "header": "headers", "request body": "requestBodies",
	"response": "responses", "security scheme": "securitySchemes", "example": "examples", "link": "links",
	"callback": "callbacks",
}

// locate finds where a fault stands, which kin-openapi tells by path and method, by
// component or by section, and says what is wrong there.
func (d *description) locate(err error, api API) (scanners.Position, string) {
	if name := operationOf(err); name != "" {
		for _, op := range api.Operations {
			if op.Method+" "+op.Path == name && !op.Webhook && !op.Callback {
				return op.Position, shown(name) + ": " + reason(err)
			}
		}
	}
	var path *openapi3.PathValidationError
	if errors.As(err, &path) {
		paths := d.root.get("paths")
		if key := paths.key(path.Path); key != nil {
			return paths.at(key), shown(path.Path) + ": " + reason(err)
		}
	}
	var component *openapi3.ComponentValidationError
	if errors.As(err, &component) {
		list := d.root.get("components").get(sections[component.Section])
		if key := list.key(component.Name); key != nil {
			return list.at(key), component.Section + " " + shown(component.Name) + ": " + reason(err)
		}
	}
	var section *openapi3.SectionValidationError
	if errors.As(err, &section) {
		if key := d.root.key(section.Section); key != nil {
			return d.root.at(key), reason(err)
		}
	}
	return api.Position, reason(err)
}

// operationOf is the method and path of the operation that a fault is in, as in
// "GET /users"; "" where it is in none.
func operationOf(err error) string {
	var twice *openapi3.DuplicateOperationIDError
	if errors.As(err, &twice) {
		return twice.Endpoint2
	}
	var parameters *openapi3.PathParametersError
	if errors.As(err, &parameters) {
		return parameters.Method + " " + parameters.Path
	}
	var path *openapi3.PathValidationError
	var operation *openapi3.OperationValidationError
	if errors.As(err, &path) && errors.As(err, &operation) {
		return operation.Method + " " + path.Path
	}
	return ""
}
