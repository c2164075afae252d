package detect

import (
	"cmp"
	"slices"
	"strings"

	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/scanners"
)

// Style is how the program and an integration work together.
type Style string

// The styles.
const (
	Synchronous  Style = "synchronous"  // the caller waits for the answer
	Asynchronous Style = "asynchronous" // beside what asked for it
	EventDriven  Style = "event_driven" // messages published or consumed
	Batch        Style = "batch"        // by the clock, or many at once
)

// styles in the order in which they are shown; of two with as many calls the first
// names the integration.
var styles = []Style{EventDriven, Synchronous, Batch, Asynchronous}

// Pattern is the style of an integration with the calls that show it.
type Pattern struct {
	Integration string `json:"integration"`
	Style       Style  `json:"style"`
	Reason      string `json:"reason"`
	scanners.Position
	Uses []StyleUse `json:"uses"`
	// Data is how data moves: real_time, batch, streaming; "" where no call shows it.
	Data       string            `json:"data"`
	DataReason string            `json:"data_reason"`
	DataAt     scanners.Position `json:"data_at"`
}

// StyleUse counts the calls of one style, with the first of them.
type StyleUse struct {
	Style Style `json:"style"`
	Calls int   `json:"calls"`
	scanners.Position
	Reason string `json:"reason"`
}

// patterns classes every integration that production code calls.
func (g *planFacts) patterns() []Pattern {
	uses := map[string]map[Style]*StyleUse{}
	data := map[string]*Pattern{}
	for i := range g.calls {
		c := &g.calls[i]
		in := g.byID[c.Integration]
		if c.Scope != ScopeRuntime || in == nil {
			continue
		}
		style, reason := g.style(c, in)
		if uses[in.ID] == nil {
			uses[in.ID] = map[Style]*StyleUse{}
		}
		u := uses[in.ID][style]
		if u == nil {
			u = &StyleUse{Style: style, Position: c.Position, Reason: reason}
			uses[in.ID][style] = u
		}
		u.Calls++
		if style == Synchronous && reason == waitsRequest && u.Reason != waitsRequest {
			u.Position, u.Reason = c.Position, reason // the gravest reason stands for all
		}
		g.moves(data, c, in, style)
	}
	out := []Pattern{}
	for i := range g.r.Integrations {
		in := &g.r.Integrations[i]
		if of := uses[in.ID]; of != nil {
			out = append(out, patternOf(in.ID, of, data[in.ID]))
		} else if in.Direction == catalog.Inbound && in.Scope == ScopeRuntime && len(in.Evidence) > 0 {
			out = append(out, Pattern{
				Integration: in.ID, Style: Synchronous, Reason: "it calls this program, which answers", Position: in.Evidence[0].Position, Uses: []StyleUse{},
			})
		}
	}
	return out
}

func patternOf(id string, of map[Style]*StyleUse, data *Pattern) Pattern {
	p := Pattern{Integration: id, Uses: []StyleUse{}}
	if data != nil {
		p.Data, p.DataReason, p.DataAt = data.Data, data.DataReason, data.DataAt
	}
	var most *StyleUse
	for _, style := range styles {
		u := of[style]
		if u == nil {
			continue
		}
		p.Uses = append(p.Uses, *u)
		if most == nil || u.Calls > most.Calls {
			most = u
		}
	}
	slices.SortStableFunc(p.Uses, func(a, b StyleUse) int { return cmp.Compare(b.Calls, a.Calls) })
	p.Style, p.Reason, p.Position = most.Style, most.Reason, most.Position
	return p
}

// style classes one call. A message broker's calls are events whatever makes them; of
// the others the entry points above them decide.
func (g *planFacts) style(c *CallSite, in *Integration) (Style, string) {
	name := c.Call[strings.LastIndexByte(c.Call, '.')+1:]
	if in.Kind == "messaging" || eventOperation(c.Call, name) {
		return EventDriven, describe("%s exchanges messages through it", shortSymbol(c.Call))
	}
	if word := bulkWord(name); word != "" {
		return Batch, describe("%s moves many at once", shortSymbol(c.Call))
	}
	s := g.siteAt(c.Position)
	switch c.Phase {
	case PhaseRequest:
		return Synchronous, waitsRequest
	case PhaseConsume:
		return EventDriven, "it is called while a message is handled"
	case PhaseJob:
		switch {
		case s != nil && s.call.Go:
			return Asynchronous, "it is called in a goroutine of its own"
		case s != nil && inEndlessLoop(s.call):
			return Batch, "it is called each time that a loop or ticker comes round"
		case g.scheduled(in.ID):
			return Batch, "it is called by the clock or in a loop"
		}
		return Asynchronous, "it is called beside what asked for it"
	case PhaseStart:
		return Synchronous, "the start of a binary waits for it"
	}
	return Synchronous, "its caller waits for its answer"
}

const waitsRequest = "a request waits for its answer"

func (g *planFacts) siteAt(at scanners.Position) *site {
	i, ok := slices.BinarySearchFunc(g.sites, at, func(s *site, at scanners.Position) int { return s.at().Compare(at) })
	if !ok {
		return nil
	}
	return g.sites[i]
}

// scheduled: an entry point that the clock runs reaches the integration.
func (g *planFacts) scheduled(id string) bool {
	return slices.ContainsFunc(g.r.EntryPoints, func(e EntryPoint) bool {
		return (e.Kind == EntryJob || e.Kind == EntryStart) && slices.ContainsFunc(e.Reaches, func(r Reach) bool { return r.Integration == id })
	})
}

// eventOperation: publishing and subscribing through a system that is no broker, such
// as Redis or PostgreSQL's LISTEN.
func eventOperation(call, name string) bool {
	switch name {
	case "Publish", "Subscribe", "PSubscribe", "SSubscribe", "XAdd", "XRead", "XReadGroup", "XAck", "WaitForNotification", "Listen":
		return !strings.HasPrefix(call, "net.")
	}
	return false
}

var bulkWords = []string{
	"CopyFrom", "CopyIn", "BulkWrite", "SendBatch", "PutRecords", "PutRecordBatch", "BatchWrite", "BatchGet", "InsertMany", "UpdateMany", "DeleteMany", "CreateInBatches",
	"Bulk", "BatchExec", "PrepareBatch", "SendMessageBatch", "PublishBatch", "BatchInsert", "InsertBatch", "MultiPublish", "DeleteObjects", "WriteRecords",
}

func bulkWord(name string) string {
	for _, w := range bulkWords {
		if strings.HasPrefix(name, w) {
			return w
		}
	}
	return ""
}

// moves notes how data moves, streaming before batch before real time.
func (g *planFacts) moves(data map[string]*Pattern, c *CallSite, in *Integration, style Style) {
	kind, reason := "", ""
	name := c.Call[strings.LastIndexByte(c.Call, '.')+1:]
	switch {
	case style == EventDriven || strings.HasPrefix(name, "Watch") || strings.HasPrefix(name, "Subscribe") || strings.HasSuffix(name, "ChangeStream"):
		kind, reason = "streaming", describe("%s takes part in a stream", shortSymbol(c.Call))
	case style == Batch:
		kind, reason = "batch", describe("%s runs in batches", shortSymbol(c.Call))
	case c.Phase == PhaseRequest:
		kind, reason = "real_time", describe("%s answers requests", shortSymbol(c.Call))
	default:
		return
	}
	rank := func(k string) int { return slices.Index([]string{"real_time", "batch", "streaming"}, k) }
	if old := data[in.ID]; old == nil || rank(kind) > rank(old.Data) {
		data[in.ID] = &Pattern{Data: kind, DataReason: reason, DataAt: c.Position}
	}
}
