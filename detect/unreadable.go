package detect

// unreadable is the step by which one of a site's clients comes out of a plugin: what
// was done to it there nobody can read. nil where there is none.
func (j *judge) unreadable(s *site) *step {
	if s.client == nil {
		return nil
	}
	for _, c := range j.constructions(s) {
		for i := range c.steps {
			if c.steps[i].symbol == "plugin.Plugin.Lookup" {
				return &c.steps[i]
			}
		}
	}
	return nil
}
