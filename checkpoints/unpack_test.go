package checkpoints

import (
	"bytes"
	"encoding/gob"
	"maps"
	"math"
	"runtime"
	"slices"
	"testing"
)

func gobOf(t testing.TB, v any) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(v); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// sealed gives a payload the footer that the digest check wants.
func sealed(payload []byte) []byte {
	footer := newFooter(payload)
	return append(slices.Clone(payload), footer[:]...)
}

func packed(t testing.TB) *Envelope {
	t.Helper()
	e, err := pack(sample())
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// badEnvelopes each break one rule of Envelope and keep the others.
var badEnvelopes = map[string]func(e *Envelope){
	"magic":                 func(e *Envelope) { e.Magic = "other" },
	"version":               func(e *Envelope) { e.Version = 2 },
	"zero version":          func(e *Envelope) { e.Version = 0 },
	"config not JSON":       func(e *Envelope) { e.Config = []byte("{") },
	"config not canonical":  func(e *Envelope) { e.Config = []byte(`{"b":1,"a":1}`) },
	"state not canonical":   func(e *Envelope) { e.State = []byte(`{ }`) },
	"no provenance":         func(e *Envelope) { e.Provenance = nil },
	"foreign provenance":    func(e *Envelope) { e.Provenance = []byte(`{"host":"x"}`) },
	"unsorted names":        func(e *Envelope) { e.Names[0], e.Names[1] = e.Names[1], e.Names[0] },
	"duplicate names":       func(e *Envelope) { e.Names[1] = e.Names[0] },
	"empty name":            func(e *Envelope) { e.Names[0] = "" },
	"name not UTF-8":        func(e *Envelope) { e.Names[2] = "t\xff" },
	"a name more":           func(e *Envelope) { e.Names = append(e.Names, "z") },
	"a dtype less":          func(e *Envelope) { e.DTypes = e.DTypes[:2] },
	"a rank more":           func(e *Envelope) { e.Ranks = append(e.Ranks, 0) },
	"unknown dtype":         func(e *Envelope) { e.DTypes[0] = "int8" },
	"other dtype":           func(e *Envelope) { e.DTypes[0] = "float32" },
	"negative rank":         func(e *Envelope) { e.Ranks[0] = -1 },
	"huge rank":             func(e *Envelope) { e.Ranks[0] = math.MaxInt },
	"zero dimension":        func(e *Envelope) { e.Dims[0] = 0 },
	"negative dimensions":   func(e *Envelope) { e.Dims[1], e.Dims[2] = -e.Dims[1], -e.Dims[2] },
	"more values than data": func(e *Envelope) { e.Dims[1] = 3 },
	"huge dimension":        func(e *Envelope) { e.Dims[0] = math.MaxInt },
	"product wraps to 2":    func(e *Envelope) { e.Dims[1], e.Dims[2], e.Dims[3] = math.MaxInt, 2, -1 },
	"product wraps to 0":    func(e *Envelope) { e.Dims[1], e.Dims[2] = 1<<32, 1<<32 },
	"a dimension more":      func(e *Envelope) { e.Dims = append(e.Dims, 1) },
	"a dimension less":      func(e *Envelope) { e.Dims = e.Dims[:3] },
	"a byte more":           func(e *Envelope) { e.Data = append(e.Data, 0) },
	"a byte less":           func(e *Envelope) { e.Data = e.Data[:len(e.Data)-1] },
	"scalar without a byte": func(e *Envelope) { e.Data = e.Data[:len(e.Data)-8] },
	"no data":               func(e *Envelope) { e.Data = nil },
}

func TestBadEnvelopeIsRefused(t *testing.T) {
	if _, err := parse("a.gob", sealed(gobOf(t, packed(t)))); err != nil {
		t.Errorf("unbroken: %v", err)
	}
	for name, breakIt := range badEnvelopes {
		e := packed(t)
		breakIt(e)
		if _, err := parse("a.gob", sealed(gobOf(t, e))); err == nil {
			t.Errorf("%s: accepted", name)
		} else if _, ok := err.(*FormatError); !ok {
			t.Errorf("%s: %T %v", name, err, err)
		}
	}
}

func TestForeignPayloadIsRefused(t *testing.T) {
	e := packed(t)
	for name, payload := range map[string][]byte{
		"empty":              nil,
		"not gob":            []byte("{}"),
		"two envelopes":      append(gobOf(t, e), gobOf(t, e)...),
		"other struct":       gobOf(t, struct{ A int }{1}),
		"data as floats":     gobOf(t, struct{ Data []float64 }{[]float64{1}}),
		"length of a bomb":   {0xf8, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
		"trailing byte":      append(gobOf(t, e), 0),
		"map of a few bytes": gobOf(t, map[string]string{"a": "b"}),
	} {
		if _, err := parse("a.gob", sealed(payload)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// What stands behind the digest must hold without it: no panic, memory bounded by the size of the
// input, and nothing accepted that does not survive a further round.
func FuzzDecode(f *testing.F) {
	data := mustEncode(f, sample())
	f.Add(data[:len(data)-footerSize])
	f.Add(gobOf(f, Envelope{Magic: magic, Version: version, Provenance: []byte("{}")}))
	for _, name := range slices.Sorted(maps.Keys(badEnvelopes)) {
		e := packed(f)
		badEnvelopes[name](e)
		f.Add(gobOf(f, e))
	}
	f.Add([]byte("\xfc0000")) // a message of 800 MB, in five bytes
	f.Add([]byte("\x80"))     // a length of 128 bytes
	f.Fuzz(func(t *testing.T, payload []byte) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		got, err := decode(payload)
		runtime.ReadMemStats(&after)
		if used := after.TotalAlloc - before.TotalAlloc; used > uint64(1<<20+100*len(payload)) {
			t.Fatalf("%d bytes of input allocated %d", len(payload), used)
		}
		if err != nil {
			return
		}
		again, err := parse("again", mustEncode(t, got))
		if err != nil {
			t.Fatal(err)
		}
		if !slices.EqualFunc(got.Params, again.Params, sameBits) || !bytes.Equal(got.Config, again.Config) ||
			!bytes.Equal(got.State, again.State) || got.Provenance != again.Provenance {
			t.Fatal("a second round changed the file")
		}
	})
}
