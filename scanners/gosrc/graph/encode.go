package graph

import (
	"cmp"
	"encoding/binary"
	"reflect"
	"slices"
	"unsafe"
)

// The bytes: the strings, joined, with their lengths; how many objects there are of
// each type; then the objects, in the order in which they were met. An object is
// named by its number among those of its type, a string by its number.

type encoder struct {
	types   *types
	out     []byte
	strings map[string]int
	joined  []byte
	lengths []int
	numbers []map[unsafe.Pointer]int // by box
	queue   []object
}

type object struct {
	codec *codec
	value reflect.Value
}

// Encode writes the graph. Equal graphs give equal bytes.
func (c *Codec[T]) Encode(root *T) []byte {
	e := &encoder{types: c.types, strings: map[string]int{}, numbers: make([]map[unsafe.Pointer]int, len(c.types.boxed))}
	for i := range e.numbers {
		e.numbers[i] = map[unsafe.Pointer]int{}
	}
	rootCodec := c.types.of[reflect.TypeFor[T]()]
	e.number(rootCodec, reflect.ValueOf(root))
	for i := 0; i < len(e.queue); i++ {
		e.uint(uint64(e.queue[i].codec.box))
		e.value(e.queue[i].codec, e.queue[i].value)
	}
	head := binary.AppendUvarint(nil, uint64(rootCodec.box))
	head = binary.AppendUvarint(head, uint64(len(e.lengths)))
	for _, n := range e.lengths {
		head = binary.AppendUvarint(head, uint64(n))
	}
	head = append(head, e.joined...)
	for _, n := range e.numbers {
		head = binary.AppendUvarint(head, uint64(len(n)))
	}
	return append(head, e.out...)
}

// number names the object that p points at, and has it written once.
func (e *encoder) number(c *codec, p reflect.Value) int {
	at := p.UnsafePointer()
	n, ok := e.numbers[c.box][at]
	if !ok {
		n = len(e.numbers[c.box])
		e.numbers[c.box][at] = n
		e.queue = append(e.queue, object{c, p.Elem()})
	}
	return n
}

func (e *encoder) uint(n uint64) { e.out = binary.AppendUvarint(e.out, n) }

func (e *encoder) string(s string) {
	n, ok := e.strings[s]
	if !ok {
		n = len(e.lengths)
		e.strings[s] = n
		e.lengths = append(e.lengths, len(s))
		e.joined = append(e.joined, s...)
	}
	e.uint(uint64(n))
}

func (e *encoder) value(c *codec, v reflect.Value) {
	switch c.typ.Kind() {
	case reflect.Bool:
		n := uint64(0)
		if v.Bool() {
			n = 1
		}
		e.uint(n)
	case reflect.String:
		e.string(v.String())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		e.out = binary.AppendVarint(e.out, v.Int())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		e.uint(v.Uint())
	case reflect.Struct:
		e.fields(c, v)
	case reflect.Pointer:
		if v.IsNil() {
			e.uint(0)
		} else {
			e.uint(uint64(e.number(c.elem, v)) + 1)
		}
	case reflect.Slice:
		if v.IsNil() {
			e.uint(0)
			return
		}
		e.uint(uint64(v.Len()) + 1)
		fallthrough
	case reflect.Array:
		for i := range v.Len() {
			e.value(c.elem, v.Index(i))
		}
	case reflect.Map:
		e.pairs(c, v)
	}
}

// fields writes those that are set, after a word whose bits tell which.
func (e *encoder) fields(c *codec, v reflect.Value) {
	set := uint64(0)
	for i := range c.fields {
		if !v.Field(i).IsZero() {
			set |= 1 << i
		}
	}
	e.uint(set)
	for i, f := range c.fields {
		if set&(1<<i) != 0 && f.typ.Kind() != reflect.Bool {
			e.value(f, v.Field(i))
		}
	}
}

func (e *encoder) pairs(c *codec, v reflect.Value) {
	if v.IsNil() {
		e.uint(0)
		return
	}
	e.uint(uint64(v.Len()) + 1)
	keys := v.MapKeys()
	slices.SortFunc(keys, compareKeys)
	for _, k := range keys {
		e.value(c.key, k)
		e.value(c.elem, v.MapIndex(k))
	}
}

func compareKeys(a, b reflect.Value) int {
	switch {
	case a.Kind() == reflect.String:
		return cmp.Compare(a.String(), b.String())
	case a.CanInt():
		return cmp.Compare(a.Int(), b.Int())
	case a.CanUint():
		return cmp.Compare(a.Uint(), b.Uint())
	}
	return 0
}
