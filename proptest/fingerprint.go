package proptest

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// fingerprint writes down a value with everything that it points to, so that two fingerprints differ where the value
// was changed in between, however deep. Functions and channels are left out: they are not data.
func fingerprint(v any) string {
	var b strings.Builder
	write(&b, reflect.ValueOf(v), map[uintptr]bool{})
	return b.String()
}

// write writes one value. Pointers that are being written already are cut off.
func write(b *strings.Builder, v reflect.Value, seen map[uintptr]bool) {
	switch v.Kind() {
	case reflect.Invalid:
		b.WriteString("nil")
	case reflect.Pointer:
		pointer(b, v, seen)
	case reflect.Interface:
		write(b, v.Elem(), seen)
	case reflect.Struct:
		for i := range v.NumField() {
			fmt.Fprintf(b, "{%s:", v.Type().Field(i).Name)
			write(b, v.Field(i), seen)
			b.WriteByte('}')
		}
	case reflect.Slice, reflect.Array:
		fmt.Fprintf(b, "[%d:", v.Len())
		for i := range v.Len() {
			write(b, v.Index(i), seen)
			b.WriteByte(' ')
		}
		b.WriteByte(']')
	case reflect.Map:
		entries(b, v, seen)
	case reflect.Func, reflect.Chan, reflect.UnsafePointer:
		fmt.Fprintf(b, "%s(%t)", v.Kind(), v.IsNil())
	case reflect.String:
		fmt.Fprintf(b, "%q", v.String())
	default:
		fmt.Fprint(b, v) // numbers and truth values; fmt also reads those of unexported fields
	}
}

func pointer(b *strings.Builder, v reflect.Value, seen map[uintptr]bool) {
	if v.IsNil() || seen[v.Pointer()] {
		fmt.Fprintf(b, "&%t", v.IsNil())
		return
	}
	seen[v.Pointer()] = true
	b.WriteByte('&')
	write(b, v.Elem(), seen)
	delete(seen, v.Pointer())
}

// entries writes a map in the order of its written keys.
func entries(b *strings.Builder, v reflect.Value, seen map[uintptr]bool) {
	var all []string
	for _, k := range v.MapKeys() {
		var e strings.Builder
		write(&e, k, seen)
		e.WriteByte('=')
		write(&e, v.MapIndex(k), seen)
		all = append(all, e.String())
	}
	slices.Sort(all)
	fmt.Fprintf(b, "map%v", all)
}
