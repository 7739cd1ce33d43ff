package npy_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"unroll/checkpoints/npy"
)

// file makes a .npy file of version 1 with a header of any text.
func file(text string, data ...byte) []byte {
	out := append([]byte("\x93NUMPY\x01\x00"), 0, 0)
	binary.LittleEndian.PutUint16(out[8:], uint16(len(text)))
	return append(append(out, text...), data...)
}

func describe(descr, order, shape string) string {
	return fmt.Sprintf("{'descr': '%s', 'fortran_order': %s, 'shape': %s, }\n", descr, order, shape)
}

func read(b []byte) (*npy.Array, error) { return npy.Read(bytes.NewReader(b), int64(len(b))) }

func encoded(order binary.ByteOrder, v any) []byte {
	b, err := binary.Append(nil, order, v)
	if err != nil {
		panic(err)
	}
	return b
}

func TestReadByHand(t *testing.T) {
	little, big := binary.LittleEndian, binary.BigEndian
	for _, c := range []struct {
		name string
		file []byte
		want npy.Array
	}{
		{"f8", file(describe("<f8", "False", "(2, 2)"), encoded(little, []float64{1, 2, 3, 4})...), npy.Array{Shape: []int{2, 2}, F64: []float64{1, 2, 3, 4}}},
		{"f8, columns first", file(describe("<f8", "True", "(2, 2)"), encoded(little, []float64{1, 3, 2, 4})...), npy.Array{Shape: []int{2, 2}, F64: []float64{1, 2, 3, 4}}},
		{"f4, big-endian", file(describe(">f4", "False", "(3,)"), encoded(big, []float32{1, -2, 0.5})...), npy.Array{Shape: []int{3}, F32: []float32{1, -2, 0.5}}},
		{"i2, big-endian, first index fastest of three", file(describe(">i2", "True", "(2, 1, 3)"), encoded(big, []int16{1, 4, 2, 5, 3, 6})...),
			npy.Array{Shape: []int{2, 1, 3}, F64: []float64{1, 2, 3, 4, 5, 6}}},
		{"i8", file(describe("<i8", "False", "(2,)"), encoded(little, []int64{-1 << 52, 1<<53 - 1})...), npy.Array{Shape: []int{2}, F64: []float64{-1 << 52, 1<<53 - 1}}},
		{"u8", file(describe("<u8", "False", "(1,)"), 7, 0, 0, 0, 0, 0, 0, 0), npy.Array{Shape: []int{1}, F64: []float64{7}}},
		{"u4", file(describe("<u4", "False", "(1,)"), 255, 255, 255, 255), npy.Array{Shape: []int{1}, F64: []float64{1<<32 - 1}}},
		{"i4", file(describe("<i4", "False", "(1,)"), 255, 255, 255, 255), npy.Array{Shape: []int{1}, F64: []float64{-1}}},
		{"u2", file(describe("<u2", "False", "(1,)"), 1, 2), npy.Array{Shape: []int{1}, F64: []float64{513}}},
		{"i1", file(describe("|i1", "False", "(1,)"), 255), npy.Array{Shape: []int{1}, F64: []float64{-1}}},
		{"u1", file(describe("|u1", "False", "(1,)"), 255), npy.Array{Shape: []int{1}, F64: []float64{255}}},
		{"booleans", file(describe("|b1", "False", "(3,)"), 0, 1, 2), npy.Array{Shape: []int{3}, F64: []float64{0, 1, 1}}},
		{"one number", file(describe("<f8", "False", "()"), encoded(little, []float64{5})...), npy.Array{Shape: []int{}, F64: []float64{5}}},
		{"no numbers", file(describe("<f8", "True", "(0, 3)")), npy.Array{Shape: []int{0, 3}, F64: []float64{}}},
		{"keys in another order", file(`{"shape":(1,),"descr":"|u1","fortran_order":False}`, 3), npy.Array{Shape: []int{1}, F64: []float64{3}}},
		{"version 2", append([]byte("\x93NUMPY\x02\x00\x3a\x00\x00\x00"), append([]byte(describe("|u1", "False", "(1,)")), 9)...), npy.Array{Shape: []int{1}, F64: []float64{9}}},
		{"version 3", append([]byte("\x93NUMPY\x03\x00\x3a\x00\x00\x00"), append([]byte(describe("|u1", "False", "(1,)")), 9)...), npy.Array{Shape: []int{1}, F64: []float64{9}}},
	} {
		got, err := read(c.file)
		if err != nil || !reflect.DeepEqual(*got, c.want) {
			t.Errorf("%s: %+v, %v; want %+v", c.name, got, err, c.want)
		}
	}
}

// Each of these is refused by a FormatError of one line that names what is wrong.
func TestReadRefuses(t *testing.T) {
	for _, c := range []struct {
		name, want string
		file       []byte
	}{
		{"empty", "truncated", nil},
		{"text", "first six bytes", []byte("1,2,3\n4,5,6\n")},
		{"version 4", "version is 4", []byte("\x93NUMPY\x04\x00\x10\x00\x00\x00 ")},
		{"a header beyond the end", "header's length is 500", file("")[:8:8]},
		{"a header of 4 GB", "header's length is 4294967295", []byte("\x93NUMPY\x02\x00\xff\xff\xff\xff")},
		{"shape (1<<40,)", "1099511627776", file(describe("<f8", "False", "(1099511627776,)"), 1, 2, 3)},
		{"a product that overflows", "8589934592, 8589934592", file(describe("<f8", "False", "(8589934592, 8589934592)"))},
		{"a product that overflows to the right size", "4611686018427387904, 4", file(describe("<f8", "False", "(4611686018427387904, 4, 1)"))},
		{"a dimension beyond int", "dimension", file(describe("<f8", "False", "(99999999999999999999,)"))},
		{"a negative dimension", "dimension", file(describe("<f8", "False", "(-1,)"))},
		{"65 dimensions", "dimension", file(describe("|u1", "False", "("+strings.Repeat("1, ", 65)+")"), 1)},
		{"an integer for a shape", "no (", file(describe("<f8", "False", "3"))},
		{"(3) is no tuple", "comma", file(describe("|u1", "False", "(3)"), 1, 2, 3)},
		{"objects", `"|O"`, file(describe("|O", "False", "(1,)"))},
		{"complex", `"<c16"`, file(describe("<c16", "False", "(1,)"))},
		{"text in it", `"<U3"`, file(describe("<U3", "False", "(1,)"))},
		{"native order", `"=f8"`, file(describe("=f8", "False", "(0,)"))},
		{"no order", `"|f8"`, file(describe("|f8", "False", "(0,)"))},
		{"fields", "no text in quotes", file("{'descr': [('x', '<f8')], 'fortran_order': False, 'shape': (1,), }\n")},
		{"too few numbers", "the data is 7 bytes", file(describe("<f8", "False", "(1,)"), make([]byte, 7)...)},
		{"too many", "the data is 9 bytes", file(describe("<f8", "False", "(1,)"), make([]byte, 9)...)},
		{"an integer too large", "number 1 is 9007199254740993", file(describe("<i8", "False", "(2,)"), encoded(binary.LittleEndian, []int64{1, 1<<53 + 1})...)},
		{"a key twice", "twice", file("{'descr': '<f8', 'descr': '<f8', 'shape': (0,), }")},
		{"a key missing", "three keys", file("{'descr': '<f8', 'shape': (0,), }")},
		{"another key", `key "x"`, file("{'x': '<f8', 'fortran_order': False, 'shape': (0,), }")},
		{"no end", "no text", file("{'descr': '<f8', ")},
		{"something behind", "three keys", file(describe("<f8", "False", "(0,)") + "1")},
		{"a boolean that is none", "no False", file(describe("<f8", "0", "(0,)"))},
	} {
		if c.name == "a header beyond the end" {
			c.file = append(c.file, 500&255, 500>>8)
		}
		a, err := read(c.file)
		if _, ok := errors.AsType[*npy.FormatError](err); a != nil || !ok || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, error %v, want %s", c.name, a, err, c.want)
		}
	}
}

// Whatever a file claims, reading it takes no more memory than its bytes can be worth.
func TestReadIsBounded(t *testing.T) {
	whole := file(describe("|b1", "True", "(64, 1024)"), make([]byte, 1<<16)...)
	for name, b := range map[string][]byte{
		"an honest file":    whole,
		"a shape of 1<<40":  file(describe("|u1", "False", "(1099511627776,)"), 1),
		"two of 1<<20":      file(describe("<f8", "True", "(1048576, 1048576)"), make([]byte, 1000)...),
		"a header of 64 KB": append([]byte("\x93NUMPY\x02\x00\x00\x00\x01\x00"), 1),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, _ = read(b)
		runtime.ReadMemStats(&after)
		spent := after.TotalAlloc - before.TotalAlloc
		if limit := uint64(16*len(b) + 1<<18); spent > limit {
			t.Errorf("%s of %d bytes took %d, want at most %d", name, len(b), spent, limit)
		}
	}
}

func TestEveryTruncationIsRefused(t *testing.T) {
	whole := file(describe("<f4", "False", "(2, 3)"), make([]byte, 24)...)
	for n := range whole {
		if a, err := read(whole[:n]); err == nil {
			t.Errorf("%d of %d bytes were read as %v", n, len(whole), a)
		}
		// A reader that ends before the size it was said to have.
		if a, err := npy.Read(bytes.NewReader(whole[:n]), int64(len(whole))); err == nil {
			t.Errorf("%d of %d bytes, said to be all, were read as %v", n, len(whole), a)
		}
	}
}

// What Write writes Read reads, to the bit; and equal arrays are equal files.
func TestWriteAndRead(t *testing.T) {
	long := make([]float64, 20_001) // more than one chunk
	for i := range long {
		long[i] = float64(i)
	}
	for _, a := range []npy.Array{
		{Shape: []int{}, F64: []float64{math.Copysign(0, -1)}},
		{Shape: []int{2, 2}, F64: []float64{math.NaN(), math.Inf(-1), math.SmallestNonzeroFloat64, math.MaxFloat64}},
		{Shape: []int{3, 1}, F32: []float32{1, -0.1, math.MaxFloat32}},
		{Shape: []int{0, 7}, F32: []float32{}},
		{Shape: []int{3, 59, 113}, F64: long},
	} {
		var one, two bytes.Buffer
		for _, w := range []*bytes.Buffer{&one, &two} {
			if err := npy.Write(w, &a); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(one.Bytes(), two.Bytes()) {
			t.Errorf("shape %v: two files of one array differ", a.Shape)
		}
		if len(one.Bytes())-4*len(a.F32)-8*len(a.F64) != 128 {
			t.Errorf("shape %v: the data does not start at byte 128", a.Shape)
		}
		got, err := read(one.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		same := slices.EqualFunc(got.F64, a.F64, func(x, y float64) bool { return math.Float64bits(x) == math.Float64bits(y) })
		if !slices.Equal(got.Shape, a.Shape) || !slices.Equal(got.F32, a.F32) || !same || (got.F32 == nil) != (a.F32 == nil) {
			t.Errorf("shape %v came back as %v", a.Shape, got.Shape)
		}
	}
}

func TestWritePanics(t *testing.T) {
	for _, a := range []npy.Array{
		{Shape: []int{2}, F64: []float64{1}},
		{Shape: []int{1}},
		{Shape: []int{1}, F32: []float32{1}, F64: []float64{}},
		{Shape: []int{-1, -1}, F64: []float64{1}},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%+v was written", a)
				}
			}()
			_ = npy.Write(new(bytes.Buffer), &a)
		}()
	}
}

// Any bytes are refused, or are an array that is again the same after being written.
func FuzzRead(f *testing.F) {
	f.Add(file(describe("<f8", "False", "(2, 1)"), make([]byte, 16)...))
	f.Add(file(describe(">i2", "True", "(2, 2)"), make([]byte, 8)...))
	f.Add(file(describe("|b1", "True", "(1099511627776, 0)")))
	f.Add(file(`{"shape":(),"descr":"<f4","fortran_order":False}`, 1, 2, 3, 4))
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := read(b)
		if err != nil {
			return
		}
		if len(a.F32)+len(a.F64) > len(b) {
			t.Fatalf("%d numbers from %d bytes", len(a.F32)+len(a.F64), len(b))
		}
		var one, two bytes.Buffer
		if err := npy.Write(&one, a); err != nil {
			t.Fatal(err)
		}
		again, err := read(one.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		if err := npy.Write(&two, again); err != nil || !bytes.Equal(one.Bytes(), two.Bytes()) {
			t.Fatal("an array changes when it is written and read")
		}
	})
}
