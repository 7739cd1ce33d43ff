package npy_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"unroll/checkpoints/npy"
)

func open(b []byte) (*npy.Archive, error) { return npy.OpenArchive(bytes.NewReader(b), int64(len(b))) }

func archived(t *testing.T, arrays ...npy.Named) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := npy.WriteArchive(&b, arrays); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

var pair = []npy.Named{
	{Name: "A", Array: &npy.Array{Shape: []int{1, 2}, F64: []float64{1, 2}}},
	{Name: "layer/0.w", Array: &npy.Array{Shape: []int{3}, F32: []float32{4, 5, 6}}},
}

func TestArchive(t *testing.T) {
	b := archived(t, pair...)
	if !bytes.Equal(b, archived(t, pair...)) {
		t.Error("two archives of the same arrays differ")
	}
	a, err := open(b)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"A", "layer/0.w"}; !slices.Equal(a.Names(), want) {
		t.Errorf("names %q, want %q", a.Names(), want)
	}
	for _, want := range pair {
		if got, err := a.Read(want.Name); err != nil || !reflect.DeepEqual(got, want.Array) {
			t.Errorf("%s: %+v, %v; want %+v", want.Name, got, err, want.Array)
		}
	}
	if _, err := a.Read("B"); err == nil || !strings.Contains(err.Error(), `"B", want one of A, layer/0.w`) {
		t.Errorf("an absent name: %v", err)
	}
}

// Of an archive cut short or with one bit changed, nothing wrong is ever read.
func TestDamagedArchives(t *testing.T) {
	whole := archived(t, pair...)
	for n := range whole {
		if _, err := open(whole[:n]); err == nil {
			t.Errorf("%d of %d bytes were opened", n, len(whole))
		}
	}
	for bit := range 8 * len(whole) {
		b := slices.Clone(whole)
		b[bit/8] ^= 1 << (bit % 8)
		a, err := open(b)
		if err != nil {
			continue
		}
		for _, want := range pair {
			if got, err := a.Read(want.Name); err == nil && !reflect.DeepEqual(got, want.Array) {
				t.Fatalf("with bit %d of byte %d changed, %s was read as %+v", bit%8, bit/8, want.Name, got)
			}
		}
	}
}

// zipped makes an archive of any files, each compressed.
func zipped(t *testing.T, files map[string][]byte, names ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range names {
		w, err := z.Create(name)
		if err == nil {
			_, err = w.Write(files[name])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestCompressedArchive(t *testing.T) {
	good := file(describe("<f8", "False", "(100, 100)"), make([]byte, 80_000)...)
	b := zipped(t, map[string][]byte{"A.npy": good}, "A.npy")
	a, err := open(b)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := a.Read("A"); err != nil || len(got.F64) != 10_000 {
		t.Errorf("%v", err)
	}
	// The directory claims 1 TB; what there is decides. Both sizes stand in the entry's last 46 + len("A.npy") bytes, uncompressed at 24.
	entry := bytes.LastIndex(b, []byte("PK\x01\x02"))
	binary.LittleEndian.PutUint32(b[entry+24:], 0xFFFFFFF0)
	if a, err = open(b); err == nil {
		_, err = a.Read("A")
	}
	if _, ok := errors.AsType[*npy.FormatError](err); !ok {
		t.Errorf("a false size in the directory: %v", err)
	}
}

func TestArchiveRefuses(t *testing.T) {
	small := file(describe("|u1", "False", "(1,)"), 1)
	files := map[string][]byte{"A.npy": small, "note.txt": []byte("hello"), "cut.npy": small[:len(small)-1]}
	// Two entries of the directory that lead to the same bytes.
	overlap := archived(t, npy.Named{Name: "A", Array: &npy.Array{Shape: []int{50_000}, F64: make([]float64, 50_000)}},
		npy.Named{Name: "B", Array: &npy.Array{Shape: []int{1}, F64: make([]float64, 1)}})
	first, second := bytes.Index(overlap, []byte("PK\x01\x02")), bytes.LastIndex(overlap, []byte("PK\x01\x02"))
	copy(overlap[second+16:second+28], overlap[first+16:first+28])
	copy(overlap[second+42:second+46], overlap[first+42:first+46])
	for _, c := range []struct {
		name, want string
		file       []byte
	}{
		{"no archive", "the archive is", small},
		{"an empty file", "the archive is", nil},
		{"a file that is no array", `"note.txt"`, zipped(t, files, "A.npy", "note.txt")},
		{"a name twice", `"A.npy"`, zipped(t, files, "A.npy", "A.npy")},
		{"an array cut short", `array "cut": npy: the data is 0 bytes`, zipped(t, files, "cut.npy")},
		{"overlapping entries", "the directory is of at least 800", overlap},
	} {
		a, err := open(c.file)
		if err == nil {
			_, err = a.Read(a.Names()[0])
		}
		if _, ok := errors.AsType[*npy.FormatError](err); !ok || !strings.Contains(fmt.Sprint(err), c.want) {
			t.Errorf("%s: error %v, want %s", c.name, err, c.want)
		}
	}
	for _, names := range [][]string{{""}, {"A", "A"}} {
		var arrays []npy.Named
		for _, name := range names {
			arrays = append(arrays, npy.Named{Name: name, Array: pair[0].Array})
		}
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("an archive of %q was written", names)
				}
			}()
			_ = npy.WriteArchive(new(bytes.Buffer), arrays)
		}()
	}
}

func FuzzArchive(f *testing.F) {
	var b bytes.Buffer
	if err := npy.WriteArchive(&b, pair); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := open(b)
		if err != nil {
			return
		}
		for _, name := range a.Names() {
			if array, err := a.Read(name); err == nil && len(array.F32)+len(array.F64) > 1032*len(b) {
				t.Fatalf("%d numbers from %d bytes", len(array.F32)+len(array.F64), len(b))
			}
		}
	})
}
