package sections

// Anchor is the ID of an integration's section in the document.
func Anchor(integration string) string { return integrationID(integration) }
