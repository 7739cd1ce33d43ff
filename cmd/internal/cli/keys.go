package cli

import (
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
)

// A Key is one field of a configuration that a user may set.
type Key struct {
	Name  string // the field's yaml tag
	Type  string // what is allowed, in words
	Value string
	Help  string // the field's help tag

	field reflect.Value
}

// Keys lists the fields of the struct that config points to, those of structs inside it in their
// place. Each field carries a yaml tag, "-" for one that no user sets. Keys panics on a field without,
// on a name that two fields have, and on a type other than string, bool, an integer or a float.
func Keys(config any) []Key {
	v := reflect.ValueOf(config)
	if v.Kind() != reflect.Pointer || v.Elem().Kind() != reflect.Struct {
		panic(fmt.Sprintf("cli: configuration of type %T, want a pointer to a struct", config))
	}
	keys := flatten(nil, v.Elem())
	seen := map[string]bool{}
	for _, k := range keys {
		if seen[k.Name] {
			panic(fmt.Sprintf("cli: %T has two fields for the key %s", config, k.Name))
		}
		seen[k.Name] = true
	}
	return keys
}

func flatten(keys []Key, v reflect.Value) []Key {
	for f, field := range v.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		switch {
		case name == "-":
		case field.Kind() == reflect.Struct:
			keys = flatten(keys, field)
		case name == "" || !field.CanSet():
			panic(fmt.Sprintf("cli: field %s of %s cannot be a key", f.Name, v.Type()))
		default:
			keys = append(keys, Key{name, allowed(field), fmt.Sprint(field), f.Tag.Get("help"), field})
		}
	}
	return keys
}

// Set carries out assignments of the form key=value on the struct that config points to. Its error is
// a UsageError that names the key and what is allowed; the assignments before it have been made.
func Set(config any, assignments []string) error {
	s := newSetter(config)
	for _, a := range assignments {
		key, value, ok := strings.Cut(a, "=")
		if !ok {
			return Usagef("%q: key=value is allowed", a)
		}
		if err := s.set(key, value); err != nil {
			return &UsageError{err}
		}
	}
	return nil
}

// A setter sets each key at most once.
type setter struct {
	keys []Key
	done map[string]bool
}

func newSetter(config any) *setter {
	return &setter{Keys(config), map[string]bool{}}
}

func (s *setter) set(name, value string) error {
	if s.done[name] {
		return fmt.Errorf("key %q stands twice", name)
	}
	for _, k := range s.keys {
		if k.Name == name {
			s.done[name] = true
			return k.set(value)
		}
	}
	all := make([]string, len(s.keys))
	for i, k := range s.keys {
		all[i] = k.Name
	}
	return Unknown("key", name, all)
}

func (k Key) set(text string) error {
	f := k.field
	switch {
	case f.Kind() == reflect.String:
		f.SetString(text)
		return nil
	case f.Kind() == reflect.Bool && (text == "true" || text == "false"):
		f.SetBool(text == "true")
		return nil
	case f.CanInt():
		if i, err := strconv.ParseInt(text, 10, f.Type().Bits()); err == nil {
			f.SetInt(i)
			return nil
		}
	case f.CanUint():
		if u, err := strconv.ParseUint(text, 10, f.Type().Bits()); err == nil {
			f.SetUint(u)
			return nil
		}
	case f.CanFloat():
		if x, err := strconv.ParseFloat(text, f.Type().Bits()); err == nil && !math.IsNaN(x) && !math.IsInf(x, 0) {
			f.SetFloat(x)
			return nil
		}
	}
	return fmt.Errorf("key %q: value %q: %s is allowed", k.Name, text, k.Type)
}

// allowed says in words what a field of v's type takes.
func allowed(v reflect.Value) string {
	bits := v.Type().Bits
	switch {
	case v.Kind() == reflect.String:
		return "text"
	case v.Kind() == reflect.Bool:
		return "true or false"
	case v.CanInt() && bits() == 64:
		return "an integer"
	case v.CanInt():
		return fmt.Sprintf("an integer of %d bits", bits())
	case v.CanUint() && bits() == 64:
		return "an integer from 0 up"
	case v.CanUint():
		return fmt.Sprintf("an integer from 0 up, of %d bits", bits())
	case v.CanFloat():
		return "a finite number"
	}
	panic("cli: a key cannot have the type " + v.Type().String())
}
