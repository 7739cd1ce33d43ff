package checkpoints

import (
	"bytes"
	"encoding/binary"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// writeFile puts data in a new file.
func writeFile(t *testing.T, name string, data []byte) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestExportsKeepEveryBit(t *testing.T) {
	byName := func(a, b Param) int { return strings.Compare(a.Name, b.Name) }
	want := slices.SortedFunc(slices.Values(sample().Params), byName)
	for name, format := range map[string]struct {
		encode func([]Param) ([]byte, error)
		read   func(string) ([]Param, error)
	}{
		"w.npz":         {EncodeNPZ, ReadNPZ},
		"w.safetensors": {EncodeSafetensors, ReadSafetensors},
	} {
		data, err := format.encode(sample().Params)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := format.encode(sample().Params); err != nil || !bytes.Equal(again, data) {
			t.Errorf("%s: equal params, other bytes (%v)", name, err)
		}
		path := writeFile(t, name, data)
		got, err := format.read(path)
		slices.SortFunc(got, byName)
		if err != nil || !slices.EqualFunc(got, want, sameBits) {
			t.Errorf("%s: read %v, %v", name, got, err)
		}
		if _, err := format.encode(append(sample().Params, sample().Params[0])); err == nil {
			t.Errorf("%s: a name that stands twice was written", name)
		}
		for n := len(data) - 1; n >= 0; n-- {
			if err := os.Truncate(path, int64(n)); err != nil {
				t.Fatal(err)
			}
			if _, err := format.read(path); err == nil || !strings.Contains(err.Error(), path) || strings.Contains(err.Error(), "\n") {
				t.Fatalf("%s of %d bytes: %v", name, n, err)
			}
		}
	}
}

// safetensorsFile is a header and values.
func safetensorsFile(header string, values ...byte) []byte {
	return append(append(binary.LittleEndian.AppendUint64(nil, uint64(len(header))), header...), values...)
}

// One file worked by hand from the format's description.
func TestSafetensorsByHand(t *testing.T) {
	params := []Param{{Name: "b", Shape: []int{2, 1}, F32: []float32{1, -2}}, {Name: "a", F64: []float64{0.5}}}
	want := safetensorsFile(`{"a":{"dtype":"F64","shape":[],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2,1],"data_offsets":[8,16]}}   `,
		0, 0, 0, 0, 0, 0, 0xe0, 0x3f, 0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0)
	got, err := EncodeSafetensors(params)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("got %q, %v", got, err)
	}
	foreign := safetensorsFile(` {"__metadata__":{"format":"pt"},"b":{"shape":[2],"data_offsets":[0,8],"dtype":"F32"}}`, want[len(want)-8:]...)
	read, err := decodeSafetensors(foreign)
	if err != nil || len(read) != 1 || !slices.Equal(read[0].F32, []float32{1, -2}) || !slices.Equal(read[0].Shape, []int{2}) {
		t.Errorf("a file of another program: %v, %v", read, err)
	}
	if empty, err := EncodeSafetensors(nil); err != nil || !bytes.Equal(empty, safetensorsFile("{}      ")) {
		t.Errorf("no params: %q, %v", empty, err)
	}
}

var badSafetensors = map[string][]byte{
	"no length":             {1, 2, 3},
	"a length of 2⁶⁴−1":     bytes.Repeat([]byte{255}, 20),
	"a length that wraps":   append([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f}, "{}"...),
	"not JSON":              safetensorsFile(`hello`),
	"an array":              safetensorsFile(`[]`),
	"two values":            safetensorsFile(`{}{}`),
	"an unclosed object":    safetensorsFile(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}`, 0, 0, 0, 0),
	"a dtype of 2 bytes":    safetensorsFile(`{"a":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}}`, 0, 0, 0, 0),
	"a key more":            safetensorsFile(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}}`, 0, 0, 0, 0),
	"a name twice":          safetensorsFile(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`, 0, 0, 0, 0, 0, 0, 0, 0),
	"an overlap":            safetensorsFile(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, 0, 0, 0, 0),
	"a gap":                 safetensorsFile(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`, 0, 0, 0, 0, 0, 0, 0, 0),
	"offsets in reverse":    safetensorsFile(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}`, 0, 0, 0, 0),
	"a third offset":        safetensorsFile(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}}`, 0, 0, 0, 0),
	"one offset":            safetensorsFile(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}`, 0, 0, 0, 0),
	"no offsets":            safetensorsFile(`{"a":{"dtype":"F32","shape":[1]}}`, 0, 0, 0, 0),
	"negative offsets":      safetensorsFile(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}`, 0, 0, 0, 0),
	"no shape":              safetensorsFile(`{"a":{"dtype":"F32","data_offsets":[0,4]}}`, 0, 0, 0, 0),
	"another size":          safetensorsFile(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}`, 0, 0, 0, 0),
	"a huge shape":          safetensorsFile(`{"a":{"dtype":"F32","shape":[1099511627776],"data_offsets":[0,4398046511104]}}`, 0, 0, 0, 0),
	"a product that wraps":  safetensorsFile(`{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}`),
	"an empty array":        safetensorsFile(`{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}`),
	"a negative dimension":  safetensorsFile(`{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}`, 0, 0, 0, 0),
	"a dimension of 1.5":    safetensorsFile(`{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}`, 0, 0, 0, 0),
	"metadata not of texts": safetensorsFile(`{"__metadata__":{"a":1}}`),
	"an empty name":         safetensorsFile(`{"":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, 0, 0, 0, 0),
	"values of no array":    safetensorsFile(`{}`, 0),
}

func TestBadSafetensorsAreRefused(t *testing.T) {
	for name, data := range badSafetensors {
		if params, err := decodeSafetensors(data); err == nil {
			t.Errorf("%s: read as %v", name, params)
		}
	}
	if _, err := EncodeSafetensors([]Param{{Name: metadataKey, F64: []float64{1}}}); err == nil {
		t.Error("a name that the format keeps for itself was written")
	}
}

// No panic, memory bounded by the size of the input, and nothing accepted that does not survive a further round.
func FuzzSafetensors(f *testing.F) {
	data, err := EncodeSafetensors(sample().Params)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	for _, bad := range badSafetensors {
		f.Add(bad)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		params, err := decodeSafetensors(data)
		runtime.ReadMemStats(&after)
		if used := after.TotalAlloc - before.TotalAlloc; used > uint64(1<<20+200*len(data)) {
			t.Fatalf("%d bytes of input allocated %d", len(data), used)
		}
		if err != nil || slices.ContainsFunc(params, func(p Param) bool { return p.Name == metadataKey }) {
			return
		}
		again, err := EncodeSafetensors(params)
		if err != nil {
			t.Fatal(err)
		}
		if back, err := decodeSafetensors(again); err != nil || len(back) != len(params) {
			t.Fatalf("a second round: %v, %v", back, err)
		}
	})
}

// Programs without this package read the same floats.
func TestNumpyReadsExports(t *testing.T) {
	const python = "/usr/bin/python3" // Debian's own, which its python3-numpy belongs to
	if err := exec.Command(python, "-c", "import numpy").Run(); err != nil {
		t.Skipf("%s has no numpy", python)
	}
	params := []Param{{Name: "layer000/M", Shape: []int{2, 3}, F32: []float32{1, 2, 3, -4, 5.5, math.MaxFloat32}}, {Name: "scale", F64: []float64{math.Pi}}}
	npz, err := EncodeNPZ(params)
	if err != nil {
		t.Fatal(err)
	}
	safetensors, err := EncodeSafetensors(params)
	if err != nil {
		t.Fatal(err)
	}
	const script = `
import json, struct, sys, numpy as np
z = np.load(sys.argv[1])
b = open(sys.argv[2], "rb").read()
n = struct.unpack("<Q", b[:8])[0]
head = json.loads(b[8:8+n])
for name in sorted(head):
    h = head[name]
    s = np.frombuffer(b[8+n:][slice(*h["data_offsets"])], {"F32": "<f4", "F64": "<f8"}[h["dtype"]]).reshape(h["shape"])
    assert s.dtype == z[name].dtype and s.shape == z[name].shape and s.tobytes() == z[name].tobytes(), name
    print(name, s.shape, s.dtype, s.ravel().tolist())
assert sorted(z.files) == sorted(head)
`
	out, err := exec.Command(python, "-c", script, writeFile(t, "w.npz", npz), writeFile(t, "w.safetensors", safetensors)).CombinedOutput()
	want := "layer000/M (2, 3) float32 [1.0, 2.0, 3.0, -4.0, 5.5, 3.4028234663852886e+38]\nscale () float64 [3.141592653589793]\n"
	if err != nil || string(out) != want {
		t.Errorf("numpy read %s (%v)", out, err)
	}
}
