package checkpoints

import (
	"bytes"
	"encoding/binary"
	"encoding/gob"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite testdata/v1.gob")

// TestMain lets gob meet a foreign type first, as in a program with gobs of its own.
func TestMain(m *testing.M) {
	if err := gob.NewEncoder(io.Discard).Encode(struct{ A []uint16 }{}); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// sample is the File of testdata/v1.gob: values that a float field of gob would not keep, a scalar,
// both dtypes, params and JSON out of order.
func sample() *File {
	return &File{
		Config:     json.RawMessage(`{"model": "icl", "K": 12, "d": 1e1, "tag": "a<b"}`),
		State:      json.RawMessage(`{"step":18446744073709551615}`),
		Provenance: Provenance{Go: "go1.26", GOARCH: "amd64", GOAMD64: "v1", Gonum: "v0.17.0"},
		Params: []Param{
			{Name: "layer.0.θ", Shape: []int{2, 1, 3}, F32: []float32{1, float32(math.Copysign(0, -1)), math.SmallestNonzeroFloat32,
				math.Float32frombits(0x7f800001), math.Float32frombits(0xffc12345), float32(math.Inf(-1))}},
			{Name: "W", Shape: []int{4}, F64: []float64{math.Copysign(0, -1), math.SmallestNonzeroFloat64,
				math.Float64frombits(0x7ff0000000000001), math.Float64frombits(0xfff8000000abcdef)}},
			{Name: "scale", F64: []float64{math.Pi}},
		},
	}
}

func mustEncode(t testing.TB, f *File) []byte {
	t.Helper()
	data, err := encode(f)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// sameBits compares by bits: NaN payloads and the sign of zero count.
func sameBits(a, b Param) bool {
	return a.Name == b.Name && slices.Equal(a.Shape, b.Shape) &&
		slices.EqualFunc(a.F32, b.F32, func(x, y float32) bool { return math.Float32bits(x) == math.Float32bits(y) }) &&
		slices.EqualFunc(a.F64, b.F64, func(x, y float64) bool { return math.Float64bits(x) == math.Float64bits(y) })
}

func checkSample(t *testing.T, got *File) {
	t.Helper()
	want := sample()
	if c := `{"K":12,"d":1e1,"model":"icl","tag":"a<b"}`; string(got.Config) != c {
		t.Errorf("config %s, want %s", got.Config, c)
	}
	if string(got.State) != string(want.State) {
		t.Errorf("state %s, want %s", got.State, want.State)
	}
	if got.Provenance != want.Provenance {
		t.Errorf("provenance %+v, want %+v", got.Provenance, want.Provenance)
	}
	order := []int{1, 0, 2} // "W" < "layer.0.θ" < "scale"
	if len(got.Params) != len(order) {
		t.Fatalf("%d params, want %d", len(got.Params), len(order))
	}
	for i, j := range order {
		if !sameBits(got.Params[i], want.Params[j]) {
			t.Errorf("param %d is %v, want %v", i, got.Params[i], want.Params[j])
		}
	}
}

func TestSaveOpen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.gob")
	for range 2 { // the second save replaces the first
		if err := Save(path, sample()); err != nil {
			t.Fatal(err)
		}
	}
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	checkSample(t, f)
	for _, p := range f.Params {
		if err := p.Validate(); err != nil {
			t.Error(err)
		}
	}
}

// Version 1 must open in every later build, and this build must still write it to the bit.
func TestGolden(t *testing.T) {
	const path = "testdata/v1.gob"
	if *update {
		if err := Save(path, sample()); err != nil {
			t.Fatal(err)
		}
	}
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	checkSample(t, f)
	golden, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	reordered := sample()
	slices.Reverse(reordered.Params)
	reordered.Config = json.RawMessage(`{ "tag":"a<b","d":1e1,"K":12,"model":"icl" }`)
	for _, f := range []*File{sample(), f, reordered} {
		if !bytes.Equal(mustEncode(t, f), golden) {
			t.Error("equal Files, other bytes")
		}
	}
}

func TestDamageIsRefused(t *testing.T) {
	data := mustEncode(t, sample())
	refused := func(data []byte) bool {
		_, err := parse("a.gob", data)
		var format *FormatError
		return errors.As(err, &format)
	}
	for n := range data {
		if !refused(data[:n]) {
			t.Errorf("truncated to %d bytes: accepted", n)
		}
	}
	for bit := range 8 * len(data) {
		data[bit/8] ^= 1 << (bit % 8)
		if !refused(data) {
			t.Errorf("bit %d flipped: accepted", bit)
		}
		data[bit/8] ^= 1 << (bit % 8)
	}
	if !refused(append(slices.Clone(data), 0)) || !refused(append([]byte{0}, data...)) {
		t.Error("a byte more: accepted")
	}
}

func TestSaveRefuses(t *testing.T) {
	one := []float64{1}
	for want, f := range map[string]*File{
		`param "a" stands twice`:  {Params: []Param{{Name: "a", F64: one}, {Name: "b", F64: one}, {Name: "a", F64: one}}},
		`param name ""`:           {Params: []Param{{F64: one}}},
		`param name "\xff"`:       {Params: []Param{{Name: "\xff", F64: one}}},
		`param "a": exactly one`:  {Params: []Param{{Name: "a", F64: one, F32: []float32{1}}}},
		`param "b": exactly one`:  {Params: []Param{{Name: "b"}}},
		`1 values, but shape [2]`: {Params: []Param{{Name: "a", Shape: []int{2}, F64: one}}},
		`shape [0]`:               {Params: []Param{{Name: "a", Shape: []int{0}, F64: []float64{}}}},
		`shape [-1 -1]`:           {Params: []Param{{Name: "a", Shape: []int{-1, -1}, F64: one}}},
		`whose product fits`:      {Params: []Param{{Name: "a", Shape: []int{1 << 32, 1 << 32}, F64: one}}},
		`rank 9`:                  {Params: []Param{{Name: "a", Shape: make([]int, 9), F64: one}}},
		`config: `:                {Config: json.RawMessage(`{"K":`)},
		`state: more than one`:    {State: json.RawMessage(`{} {}`)},
	} {
		path := filepath.Join(t.TempDir(), "a.gob")
		err := Save(path, f)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) {
			t.Errorf("error %v, want %s and the path", err, want)
		}
		if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: a file was left", want)
		}
	}
}

func TestFailedSaveLeavesNoTrace(t *testing.T) {
	folder := t.TempDir()
	taken := filepath.Join(folder, "taken") // a folder that is not empty cannot be renamed over
	if err := os.MkdirAll(filepath.Join(taken, "x"), 0o777); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{taken, filepath.Join(folder, "missing", "a.gob")} {
		if err := Save(path, sample()); err == nil || !strings.Contains(err.Error(), path) || strings.Contains(err.Error(), "\n") {
			t.Errorf("save %s: error %v", path, err)
		}
	}
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != 1 {
		t.Errorf("folder holds %v, want only %q", entries, "taken")
	}
}

func TestSavePassesOverAbandonedTemporary(t *testing.T) {
	folder := t.TempDir()
	abandoned := filepath.Join(folder, ".a.gob.0.tmp")
	if err := os.WriteFile(abandoned, []byte("x"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := Save(filepath.Join(folder, "a.gob"), sample()); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(abandoned); err != nil || string(b) != "x" {
		t.Error("another program's temporary was touched")
	}
}

func TestOpenNamesTheFile(t *testing.T) {
	folder := t.TempDir()
	path := func(name string, data []byte) string {
		p := filepath.Join(folder, name)
		if err := os.WriteFile(p, data, 0o666); err != nil {
			t.Fatal(err)
		}
		return p
	}
	huge := path("huge.gob", nil)
	if err := os.Truncate(huge, maxSize+1); err != nil { // sparse
		t.Fatal(err)
	}
	for _, c := range []struct{ path, want string }{
		{filepath.Join(folder, "none.gob"), "no such file"},
		{folder, "not a regular file"},
		{huge, "at most 1073741824 are allowed"},
		{path("empty.gob", nil), "truncated"},
		{path("other.gob", make([]byte, 500)), "not a checkpoint"},
		{path("newer.gob", withFooterByte(t, 16, 2)), "its version is 2, and this build reads version 1"},
		{path("longer.gob", withFooterByte(t, 31, 1)), "digest"},
	} {
		_, err := Open(c.path)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), c.path) || strings.Contains(err.Error(), "\n") {
			t.Errorf("error %v, want one line with %q and the path", err, c.want)
		}
	}
	_, err := Open(filepath.Join(folder, "newer.gob"))
	if v, ok := errors.AsType[*VersionError](err); !ok || v.Version != 2 {
		t.Errorf("newer version: %v", err)
	}
	if _, err := Open(filepath.Join(folder, "none.gob")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing file: %v", err)
	}
}

// withFooterByte is a checkpoint with one byte of its footer set and the footer's checksum right.
func withFooterByte(t *testing.T, at int, value byte) []byte {
	data := mustEncode(t, sample())
	footer := data[len(data)-footerSize:]
	footer[at] = value
	binary.LittleEndian.PutUint32(footer[20:], footerSum(footer))
	return data
}

func TestLenPanics(t *testing.T) {
	if n := (Param{Shape: []int{2, 3}}).Len(); n != 6 {
		t.Errorf("Len is %d, want 6", n)
	}
	defer func() {
		if r := recover(); r == nil || !strings.HasPrefix(r.(string), "checkpoints: ") {
			t.Errorf("recovered %v", r)
		}
	}()
	Param{Shape: []int{-1}}.Len()
}
