package detect

import "github.com/intscan/intscan/scanners/gosrc"

// loads are the methods of the standard library's containers that give what was put
// into them, and puts those that put it there, with the argument that is put.
var (
	loads = map[string]bool{
		"sync/atomic.Pointer.Load": true, "sync/atomic.Pointer.Swap": true, "sync/atomic.Value.Load": true,
		"sync/atomic.Value.Swap": true, "sync.Map.Load": true, "sync.Map.LoadOrStore": true, "sync.Map.LoadAndDelete": true,
	}
	puts = map[string]int{
		"sync/atomic.Pointer.Store": 0, "sync/atomic.Pointer.Swap": 0, "sync/atomic.Pointer.CompareAndSwap": 1,
		"sync/atomic.Value.Store": 0, "sync/atomic.Value.Swap": 0, "sync/atomic.Value.CompareAndSwap": 1,
		"sync.Map.Store": 1, "sync.Map.LoadOrStore": 1, "sync.Map.Swap": 1,
	}
)

// kept are the values that a call takes out of such a container: all that the
// repository puts there.
func (p *program) kept(c *gosrc.Call) []*gosrc.Value {
	if !loads[c.Callee] || c.Recv == nil {
		return nil
	}
	var effects []gosrc.Effect
	switch x := c.Recv; x.Kind {
	case gosrc.Field, gosrc.Global:
		effects = p.effects[x.Name]
	case gosrc.Composite:
		effects = x.Effects
	case gosrc.Param:
		if x.Fn != nil {
			effects = x.Fn.ParamEffects[x.Index]
		}
	}
	var out []*gosrc.Value
	for _, e := range effects {
		if e.Kind != gosrc.EffectMethod {
			continue
		}
		if i, ok := puts[e.Call.Callee]; ok && i < len(e.Call.Args) {
			out = append(out, e.Call.Args[i])
		}
	}
	return out
}
