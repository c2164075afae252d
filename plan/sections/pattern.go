package sections

import "github.com/intscan/intscan/detect"

// patternOf is how an integration is used; nil where no code shows it.
func (f *Facts) patternOf(id string) *detect.Pattern {
	for i := range f.Patterns {
		if f.Patterns[i].Integration == id {
			return &f.Patterns[i]
		}
	}
	return nil
}

// pattern is the same in one word.
func (f *Facts) pattern(id string) string {
	p := f.patternOf(id)
	if p == nil {
		return "not called"
	}
	if p.Style == detect.EventDriven {
		return "event-driven"
	}
	return string(p.Style)
}
