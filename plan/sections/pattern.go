package sections

// pattern is how an integration is used, in one word.
func (f *Facts) pattern(id string) string { return "" }
