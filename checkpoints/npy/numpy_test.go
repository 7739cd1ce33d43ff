package npy_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"unroll/checkpoints/npy"
)

// numpy is the interpreter of Debian's python3-numpy; another python3 on the PATH may lack it.
const numpy = "/usr/bin/python3"

// python runs a script in a folder, or skips the test where numpy is not installed.
func python(t *testing.T, folder, script string) {
	t.Helper()
	if out, err := exec.Command(numpy, "-c", "import numpy").CombinedOutput(); err != nil {
		t.Skipf("needs numpy (on Debian: apt-get install python3-numpy): %v %s", err, out)
	}
	cmd := exec.Command(numpy, "-c", script)
	cmd.Dir = folder
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

func TestWeReadNumpy(t *testing.T) {
	folder := t.TempDir()
	python(t, folder, `
import numpy as np
a = np.arange(24).reshape(2, 3, 4) - 5
for code in "<f8 >f8 <f4 >f4 <i1 <i2 >i2 <i4 >i4 <i8 >i8 <u1 >u2 <u4 >u8".split():
    v = abs(a) if code[1] == "u" else a
    for order in "CF":
        np.save(f"{code[0].replace('<', 'l').replace('>', 'b')}{code[1:]}{order}.npy", np.asarray(v, code, order))
np.save("lb1C.npy", a > 3)
with open("l2C.npy", "wb") as f: np.lib.format.write_array(f, a.astype(float), version=(2, 0))
with open("l3C.npy", "wb") as f: np.lib.format.write_array(f, a.astype(float), version=(3, 0))
np.savez("s.npz", a=a, f=a.astype("f4"))
np.savez_compressed("c.npz", a=a, f=a.astype("f4"))
`)
	files, err := filepath.Glob(filepath.Join(folder, "*.npy"))
	if err != nil || len(files) != 33 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, path := range files {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		a, err := read(b)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		checkCount(t, path, a)
	}
	for _, path := range []string{"s.npz", "c.npz"} {
		b, err := os.ReadFile(filepath.Join(folder, path))
		if err != nil {
			t.Fatal(err)
		}
		archive, err := open(b)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"a", "f"} {
			a, err := archive.Read(name)
			if err != nil {
				t.Fatal(err)
			}
			if (a.F32 != nil) != (name == "f") {
				t.Errorf("%s: array %s has the wrong type", path, name)
			}
			checkCount(t, path, a)
		}
	}
}

// checkCount asserts that a counts from −5 up in shape (2, 3, 4), or is the size of that, or where it is larger than 3.
func checkCount(t *testing.T, path string, a *npy.Array) {
	t.Helper()
	if !slices.Equal(a.Shape, []int{2, 3, 4}) {
		t.Errorf("%s: shape %v", path, a.Shape)
		return
	}
	name := filepath.Base(path)
	for i, v := range a.Float64() {
		want := float64(i - 5)
		switch {
		case name[1] == 'u':
			want = max(want, -want)
		case name[1] == 'b' && want > 3:
			want = 1
		case name[1] == 'b':
			want = 0
		}
		if v != want {
			t.Errorf("%s: number %d is %v, want %v", path, i, v, want)
			return
		}
	}
}

// numpy reads what we write, and writes the same bytes itself.
func TestNumpyReadsUs(t *testing.T) {
	folder := t.TempDir()
	f64 := &npy.Array{Shape: []int{2, 3}, F64: []float64{0, 1, 2, 3, 4, 5}}
	f32 := &npy.Array{Shape: []int{3}, F32: []float32{0, 1, 2}}
	one := &npy.Array{Shape: []int{}, F64: []float64{7}}
	for name, a := range map[string]*npy.Array{"f64": f64, "f32": f32, "one": one} {
		var b bytes.Buffer
		if err := npy.Write(&b, a); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, name+".npy"), b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var heads bytes.Buffer
	for rank := range 32 { // of no numbers, with headers of every length
		a := &npy.Array{Shape: append(slices.Repeat([]int{1}, rank), 0), F64: []float64{}}
		a.Shape[0] *= 1234567
		if err := npy.Write(&heads, a); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(folder, "heads"), heads.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	b := archived(t, npy.Named{Name: "x", Array: f64}, npy.Named{Name: "y", Array: f32})
	if err := os.WriteFile(filepath.Join(folder, "all.npz"), b, 0o600); err != nil {
		t.Fatal(err)
	}
	python(t, folder, `
import io, numpy as np
def same(name, want):
    got = np.load(name + ".npy")
    assert got.dtype == want.dtype and got.shape == want.shape and (got == want).all(), (name, got)
    b = io.BytesIO()
    np.save(b, want)
    assert b.getvalue() == open(name + ".npy", "rb").read(), (name, b.getvalue()[:128])
same("f64", np.arange(6.).reshape(2, 3))
same("f32", np.arange(3, dtype="f4"))
same("one", np.float64(7))
b = io.BytesIO()
for rank in range(32):
    np.save(b, np.zeros(((1234567,) + (1,) * (rank - 1) if rank else ()) + (0,)))
assert open("heads", "rb").read() == b.getvalue()
z = np.load("all.npz")
assert z.files == ["x", "y"] and (z["x"] == np.arange(6.).reshape(2, 3)).all() and z["y"].dtype == np.float32, z.files
`)
}
