package rules

// A client that heeds no deadline and has no timeout to set is bounded from outside.
const (
	besideRemedy = "The client heeds no deadline and has no timeout to set: wait for the call beside a timer, or put a deadline on the connection that it is made of."

	besideExample = `done := make(chan error, 1)
go func() { done <- publish() }() // the call
select {
case err := <-done:
	return err
case <-time.After(5 * time.Second):
	return errors.New("no answer within 5 s")
}`
)

// heedless: the call's library ignores the deadline of a context, or takes none.
func (v *view) heedless(call string) bool {
	lib := v.library(call)
	if lib == nil {
		return false
	}
	if sdk := v.cat.SDKs[lib.SDK]; sdk != nil && lib.Context == "" {
		return sdk.Context == "ignored"
	}
	return lib.Context == "ignored"
}
