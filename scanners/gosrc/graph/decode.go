package graph

import (
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"
	"unsafe"
)

// errCut is a graph that ends before its end, or leads to what it does not hold.
var errCut = errors.New("not a graph that this program wrote")

type decoder struct {
	in      []byte
	strings []string
	slabs   []reflect.Value // by box: a slice of the objects
}

// Decode reads a graph. It fails on bytes that Encode of an equal type did not
// write, and may then have read them in part.
func (c *Codec[T]) Decode(data []byte) (root *T, err error) {
	defer func() {
		if r := recover(); r != nil {
			if e, ok := r.(error); ok && errors.Is(e, errCut) {
				err = e
				return
			}
			err = fmt.Errorf("%w: %v", errCut, r)
		}
	}()
	d := &decoder{in: data}
	box := d.uint()
	d.readStrings()
	total := 0
	for _, b := range c.types.boxed {
		n := d.length()
		total += n
		d.slabs = append(d.slabs, reflect.MakeSlice(reflect.SliceOf(b.typ), n, n))
	}
	next := make([]int, len(d.slabs))
	for range total {
		b := d.uint()
		if b >= uint64(len(next)) || next[b] >= d.slabs[b].Len() {
			panic(errCut)
		}
		d.value(c.types.boxed[b], d.slabs[b].Index(next[b]))
		next[b]++
	}
	if len(d.in) > 0 || box >= uint64(len(d.slabs)) || d.slabs[box].Len() == 0 {
		return nil, errCut
	}
	root, ok := d.slabs[box].Index(0).Addr().Interface().(*T)
	if !ok {
		return nil, errCut
	}
	return root, nil
}

func (d *decoder) uint() uint64 {
	n, size := binary.Uvarint(d.in)
	if size <= 0 {
		panic(errCut)
	}
	d.in = d.in[size:]
	return n
}

// length is a number of things, each of which takes a byte at least.
func (d *decoder) length() int {
	n := d.uint()
	if n > uint64(len(d.in)) {
		panic(errCut)
	}
	return int(n)
}

// optional is a length of what may be absent, and whether it is there.
func (d *decoder) optional() (int, bool) {
	n := d.uint()
	if n > uint64(len(d.in))+1 {
		panic(errCut)
	}
	return int(n) - 1, n > 0
}

func (d *decoder) readStrings() {
	lengths := make([]int, d.length())
	total := 0
	for i := range lengths {
		lengths[i] = d.length()
		total += lengths[i]
		if total > len(d.in) {
			panic(errCut)
		}
	}
	if total > len(d.in) {
		panic(errCut)
	}
	joined := string(d.in[:total]) // one allocation, of which all strings are parts
	d.in = d.in[total:]
	d.strings = make([]string, len(lengths))
	for i, n := range lengths {
		d.strings[i], joined = joined[:n], joined[n:]
	}
}

func (d *decoder) value(c *codec, v reflect.Value) {
	switch c.typ.Kind() {
	case reflect.Bool:
		v.SetBool(d.uint() != 0)
	case reflect.String:
		n := d.uint()
		if n >= uint64(len(d.strings)) {
			panic(errCut)
		}
		v.SetString(d.strings[n])
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		n, size := binary.Varint(d.in)
		if size <= 0 || v.OverflowInt(n) {
			panic(errCut)
		}
		d.in = d.in[size:]
		v.SetInt(n)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		n := d.uint()
		if v.OverflowUint(n) {
			panic(errCut)
		}
		v.SetUint(n)
	case reflect.Struct:
		d.fields(c, v)
	case reflect.Pointer:
		d.pointer(c, v)
	case reflect.Slice:
		if n, ok := d.optional(); ok {
			v.Set(reflect.MakeSlice(c.typ, n, n))
			d.elements(c, v)
		}
	case reflect.Array:
		d.elements(c, v)
	case reflect.Map:
		d.pairs(c, v)
	}
}

func (d *decoder) elements(c *codec, v reflect.Value) {
	for i := range v.Len() {
		d.value(c.elem, v.Index(i))
	}
}

func (d *decoder) pointer(c *codec, v reflect.Value) {
	n := d.uint()
	if n == 0 {
		return
	}
	slab := d.slabs[c.elem.box]
	if n > uint64(slab.Len()) {
		panic(errCut)
	}
	at := unsafe.Add(slab.UnsafePointer(), uintptr(n-1)*c.elem.typ.Size())
	*(*unsafe.Pointer)(v.Addr().UnsafePointer()) = at
}

func (d *decoder) fields(c *codec, v reflect.Value) {
	set := d.uint()
	for i, f := range c.fields {
		if set&(1<<i) == 0 {
			continue
		}
		if f.typ.Kind() == reflect.Bool {
			v.Field(i).SetBool(true)
		} else {
			d.value(f, v.Field(i))
		}
	}
}

func (d *decoder) pairs(c *codec, v reflect.Value) {
	n, ok := d.optional()
	if !ok {
		return
	}
	v.Set(reflect.MakeMapWithSize(c.typ, n))
	for range n {
		key, elem := reflect.New(c.key.typ).Elem(), reflect.New(c.elem.typ).Elem()
		d.value(c.key, key)
		d.value(c.elem, elem)
		v.SetMapIndex(key, elem)
	}
}
