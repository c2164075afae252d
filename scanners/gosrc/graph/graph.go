// Package graph turns a graph of plain data into bytes and back: structs that point
// at one another, in circles too, so that what was one object stays one. Package
// encoding/gob writes a shared object as often as it is met and does not end in a
// circle.
//
// A type may hold booleans, numbers, strings, structs, slices, arrays, maps with
// keys of these, and pointers to structs; all fields exported. What a format of
// other programs would need is left out: the bytes are for the
// build that wrote them.
package graph

import (
	"fmt"
	"reflect"
)

// Codec encodes and decodes graphs whose root is a *T.
type Codec[T any] struct{ types *types }

// types are the codecs of all types that can be reached from the root's.
type types struct {
	of    map[reflect.Type]*codec
	boxed []*codec // of the structs that something points at; the root's is the first
}

// codec reads and writes values of one type.
type codec struct {
	typ    reflect.Type
	box    int // its place in boxed; -1 for others
	elem   *codec
	key    *codec
	fields []*codec
}

// New makes the codec for graphs of T. It panics where a type in it cannot be
// encoded: that is a fault of the program, and shows at its start.
func New[T any]() *Codec[T] {
	t := &types{of: map[reflect.Type]*codec{}}
	root := t.add(reflect.TypeFor[T](), reflect.TypeFor[T]().String())
	t.point(root)
	return &Codec[T]{t}
}

// maxFields is how many fields a struct may have: one bit each tells which are set.
const maxFields = 64

func (t *types) add(typ reflect.Type, where string) *codec {
	if c := t.of[typ]; c != nil {
		return c
	}
	c := &codec{typ: typ, box: -1}
	t.of[typ] = c
	switch typ.Kind() {
	case reflect.Bool, reflect.String,
		reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
	case reflect.Struct:
		if typ.NumField() > maxFields {
			panic(fmt.Sprintf("graph: %s has more than %d fields", where, maxFields))
		}
		for f := range typ.Fields() {
			if !f.IsExported() {
				panic(fmt.Sprintf("graph: %s.%s is not exported", where, f.Name))
			}
			c.fields = append(c.fields, t.add(f.Type, where+"."+f.Name))
		}
	case reflect.Slice, reflect.Array:
		c.elem = t.add(typ.Elem(), where+"[]")
	case reflect.Map:
		c.key, c.elem = t.add(typ.Key(), where+" key"), t.add(typ.Elem(), where+"[]")
	case reflect.Pointer:
		if typ.Elem().Kind() != reflect.Struct {
			panic(fmt.Sprintf("graph: %s points at no struct", where))
		}
		c.elem = t.add(typ.Elem(), where)
		t.point(c.elem)
	default:
		panic(fmt.Sprintf("graph: %s is a %s", where, typ.Kind()))
	}
	return c
}

func (t *types) point(c *codec) {
	if c.box < 0 {
		c.box = len(t.boxed)
		t.boxed = append(t.boxed, c)
	}
}
