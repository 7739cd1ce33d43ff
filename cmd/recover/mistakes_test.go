package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"unroll/checkpoints/npy"
	"unroll/cmd/internal/cli"
)

func TestHelpTeaches(t *testing.T) {
	var out bytes.Buffer
	if err := run([]string{"-h"}, &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Usage: recover", "½‖y − Ax‖²", "scikit-learn", "exit status", "-lambda-ratio float", "default 0.1", "cd, "} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in\n%s", want, &out)
		}
	}
}

// Mistyped commands and files that do not fit: one line that names the flag or the file, the value and what is allowed.
func TestMistakes(t *testing.T) {
	dir := folder(t)
	a, y := dir+"/A.npy", dir+"/y.npy"
	write(t, dir+"/short.csv", []byte("1\n2\n3\n"))
	write(t, dir+"/minus.csv", []byte(strings.Repeat("1\n", 29)+"-1\n"))
	for _, c := range []struct {
		args  []string
		usage bool
		want  string
	}{
		{nil, true, "-A FILE and -y FILE are needed"},
		{[]string{"-A", a}, true, "-A FILE and -y FILE are needed"},
		{[]string{"-A", a, "-y", y, "-lamda", "1"}, true, "-lamda"},
		{[]string{"-A", a, "-y", y, "lambda=1"}, true, `argument "lambda=1": flags alone`},
		{[]string{"-A", a, "-y", y, "x.npy"}, true, `argument "x.npy": flags alone`},
		{[]string{"-A", a, "-y", y, "-lambda", "one"}, true, `invalid value "one" for flag -lambda`},
		{[]string{"-A", a, "-y", y, "-lambda", "-1"}, true, "-lambda -1: a number ≥ 0 is allowed"},
		{[]string{"-A", a, "-y", y, "-lambda", "nan"}, true, "-lambda NaN"},
		{[]string{"-A", a, "-y", y, "-lambda", "inf"}, true, "-lambda +Inf"},
		{[]string{"-A", a, "-y", y, "-lambda-ratio", "2"}, true, "-lambda-ratio 2: a number above 0, at most 1 is allowed"},
		{[]string{"-A", a, "-y", y, "-lambda", "1", "-cv", "5"}, true, "-lambda and -cv: one way"},
		{[]string{"-A", a, "-y", y, "-path", "1"}, true, "-path 1: a number from 2 to 100000 is allowed"},
		{[]string{"-A", a, "-y", y, "-path", "0"}, true, "-path 0"},
		{[]string{"-A", a, "-y", dir + "/Y.npy", "-path", "3"}, true, "3 columns"},
		{[]string{"-A", a, "-y", y, "-cv", "1"}, true, "-cv 1: a number from 2 up is allowed"},
		{[]string{"-A", a, "-y", y, "-cv", "21"}, true, "-cv 21: at most the number of rows is allowed, 20"},
		{[]string{"-A", a, "-y", y, "-solver", "dc"}, true, `unknown solver "dc"; did you mean "cd"?`},
		{[]string{"-A", a, "-y", y, "-penalty", "lasso"}, true, `unknown penalty "lasso"; allowed: l1, nonneg`},
		{[]string{"-A", a, "-y", y, "-solver", "homotopy", "-penalty", "nonneg"}, false, "Homotopy"},
		{[]string{"-A", a, "-y", y, "-tol", "0"}, true, "-tol 0: a number above 0"},
		{[]string{"-A", a, "-y", y, "-workers", "-1"}, true, "-workers -1"},
		{[]string{"-A", a, "-y", y, "-ridge", "1"}, true, "-ridge with -penalty l1: -penalty elasticnet alone has it"},
		{[]string{"-A", a, "-y", y, "-penalty", "box", "-hi", "-1"}, true, "-hi -1: a number at least that of -lo"},
		{[]string{"-A", a, "-y", y, "-penalty", "box", "-lambda", "1"}, true, "a box has no λ"},
		{[]string{"-A", a, "-y", y, "-penalty", "box", "-standardize"}, true, "-standardize with -penalty box"},
		{[]string{"-A", a, "-y", y, "-penalty", "group"}, true, "-groups FILE is needed"},
		{[]string{"-A", a, "-y", y, "-penalty", "squaredl2"}, true, "-lambda V is needed"},
		{[]string{"-A", a, "-y", y, "-o", dir + "/x.txt"}, true, "x.txt: .npy, .npz and .csv are allowed"},
		{[]string{"-A", a, "-y", y, "-o", dir + "/none/x.npy"}, false, "none"},
		{[]string{"-A", dir + "/none.npy", "-y", y}, false, "none.npy: no such file"},
		{[]string{"-A", dir, "-y", y}, false, "no regular file"},
		{[]string{"-A", a, "-y", dir + "/short.csv"}, false, "short.csv: 3 rows, want 20 as in"},
		{[]string{"-A", a, "-y", y, "-weights", dir + "/short.csv"}, false, "short.csv: 3×1 numbers, want 30, one for each column of A"},
		{[]string{"-A", a, "-y", y, "-weights", dir + "/minus.csv"}, false, "minus.csv: number 30 is -1, want a number ≥ 0, or inf"},
	} {
		var out bytes.Buffer
		err := run(c.args, &out)
		if err == nil {
			t.Errorf("%v was accepted", c.args)
			continue
		}
		if _, usage := errors.AsType[*cli.UsageError](err); usage != c.usage || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") || out.Len() > 0 {
			t.Errorf("%v: usage error %v, %q, want %q", c.args, usage, err, c.want)
		}
	}
	if left, err := filepath.Glob(dir + "/.*"); err != nil || len(left) > 0 {
		t.Errorf("temporary files %v, %v", left, err)
	}
}

// Files that are damaged, or claim to be what they are not: a clear error, with memory in proportion to the file.
func TestHostileFiles(t *testing.T) {
	dir := folder(t)
	whole, err := os.ReadFile(dir + "/A.npy")
	if err != nil {
		t.Fatal(err)
	}
	header := func(descr, order, shape string) []byte {
		text := fmt.Sprintf("{'descr': '%s', 'fortran_order': %s, 'shape': %s, }\n", descr, order, shape)
		return append([]byte("\x93NUMPY\x01\x00"), append([]byte{byte(len(text)), 0}, text...)...)
	}
	for _, c := range []struct {
		name, want string
		file       []byte
	}{
		{"empty.npy", "truncated", nil},
		{"cut.npy", "the data is 4792 bytes, want 8 for each number of shape (20, 30)", whole[:len(whole)-8]},
		{"head.npy", "header's length is 118, want one that fits", whole[:60]},
		{"long.npy", "the data is 4808 bytes", append(append([]byte{}, whole...), make([]byte, 8)...)},
		{"text.npy", "first six bytes", []byte("1,2\n3,4\n")},
		{"object.npy", `"|O"`, header("|O", "False", "(2, 2)")},
		{"complex.npy", `"<c16"`, header("<c16", "False", "(2, 2)")},
		{"huge.npy", "1099511627776", header("<f8", "False", "(1099511627776,)")},
		{"wide.npy", "1099511627776", header("<f8", "True", "(20, 1099511627776)")},
		{"void.npy", "0 rows and 1099511627776 columns", header("<f8", "False", "(0, 1099511627776)")},
		{"cube.npy", "3 dimensions", append(header("|u1", "False", "(1, 1, 1)"), 1)},
		{"nan.npy", "row 1, column 2 is NaN, want a finite number", append(header("<f4", "False", "(1, 2)"), 0, 0, 128, 63, 0, 0, 192, 127)},
		{"inf.npy", "row 2, column 1 is -Inf", append(header("<f4", "True", "(2, 1)"), 0, 0, 128, 63, 0, 0, 128, 255)},
		{"none.npz", "the archive is", whole},
		{"matrix.mat", `the extension is ".mat", want .npy, .npz or .csv`, whole},
		{"empty.csv", "0 rows", nil},
		{"names.csv", "0 rows", []byte("a,b\n")},
		{"word.csv", `line 2, column 2 is "two", want a number`, []byte("1,2\n1,two\n")},
		{"mixed.csv", `line 1, column 2 is "b", want a number`, []byte("1,b\n1,2\n")},
		{"blank.csv", `line 1, column 1 is "", want a number`, []byte(",\n1,2\n")},
		{"hole.csv", `line 3, column 1 is "", want a number`, []byte("a,b\n1,2\n,4\n")},
		{"ragged.csv", "line 3 has 1 columns, want 2 as before", []byte("a,b\n1,2\n3\n")},
		{"quote.csv", "line 2, byte 2", []byte("1,2\n3\"x,4\n")},
		{"large.csv", "row 1, column 2 is +Inf", []byte("1,1e999\n")},
		{"binary.csv", "line 3 has", whole},
	} {
		path := filepath.Join(dir, c.name)
		write(t, path, c.file)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		err := run([]string{"-A", path, "-y", dir + "/y.npy"}, io.Discard)
		runtime.ReadMemStats(&after)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), c.name) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
		if spent := after.TotalAlloc - before.TotalAlloc; spent > 1<<20 {
			t.Errorf("%s: %d bytes allocated for a file of %d", c.name, spent, len(c.file))
		}
	}
}

// The same numbers in every format give the same answer, to the bit.
func TestFormats(t *testing.T) {
	dir := folder(t)
	a, err := readArray(dir+"/A.npy", "")
	if err != nil {
		t.Fatal(err)
	}
	y, err := readArray(dir+"/y.npy", "")
	if err != nil {
		t.Fatal(err)
	}
	var text, turned, swapped bytes.Buffer
	text.WriteString("\ufeff")
	for j := range 30 {
		fmt.Fprintf(&text, "%sx%d", map[bool]string{true: ",", false: ""}[j > 0], j)
	}
	for i := range 20 {
		for j := range 30 {
			fmt.Fprintf(&text, "%s%v", map[bool]string{true: ",", false: "\n"}[j > 0], a.data[30*i+j])
		}
	}
	// Fortran order and big-endian, by numpy's rules: the bytes of each number turned round, the first index fastest.
	var npz, plain bytes.Buffer
	A, Y := &npy.Array{Shape: []int{20, 30}, F64: a.data}, &npy.Array{Shape: []int{20}, F64: y.data}
	if err := errors.Join(npy.Write(&plain, A), npy.WriteArchive(&npz, []npy.Named{{Name: "y", Array: Y}, {Name: "A", Array: A}})); err != nil {
		t.Fatal(err)
	}
	head := string(plain.Bytes()[:128])
	turned.WriteString(strings.Replace(head, "False", "True ", 1))
	swapped.WriteString(strings.Replace(head, "<f8", ">f8", 1))
	for k := range 600 {
		i, j := k%20, k/20
		turned.Write(plain.Bytes()[128+8*(30*i+j):][:8])
		number := append([]byte{}, plain.Bytes()[128+8*k:][:8]...)
		for b := range 4 {
			number[b], number[7-b] = number[7-b], number[b]
		}
		swapped.Write(number)
	}
	var files []string
	for name, data := range map[string][]byte{"A.csv": text.Bytes(), "F.npy": turned.Bytes(), "B.npy": swapped.Bytes(), "A.npz": npz.Bytes()} {
		write(t, filepath.Join(dir, name), data)
		files = append(files, name)
	}
	want := recovered(t, dir)
	for _, name := range files {
		got := recovered(t, dir, "-A", filepath.Join(dir, name))
		if got.Primal != want.Primal || len(got.Nonzeros) != len(want.Nonzeros) || got.Nonzeros[0].Value != want.Nonzeros[0].Value {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
		first := got.Nonzeros[0]
		if want := fmt.Sprintf("x%d", first.Column-1); (first.Name == want) != (name == "A.csv") {
			t.Errorf("%s: the name of the first unknown in use is %q", name, first.Name)
		}
	}
	if got := recovered(t, dir, "-A", dir+"/A.npz", "-y", dir+"/A.npz"); got.Primal != want.Primal {
		t.Errorf("y from the archive: %+v", got)
	}
	row := strings.Trim(strings.ReplaceAll(fmt.Sprint(y.data), " ", ","), "[]")
	write(t, dir+"/row.csv", []byte(row))
	if got := recovered(t, dir, "-y", dir+"/row.csv"); got.Primal != want.Primal {
		t.Errorf("y in a row: %+v", got)
	}
}

// A mark of UTF-8 is no part of the first cell, and a line of numbers is no header.
func TestReadCSV(t *testing.T) {
	for text, want := range map[string]array{
		"\ufeff1,2\n3,4":        {rows: 2, cols: 2, data: []float64{1, 2, 3, 4}},
		"\ufeffa, b\n 3, 4e0\n": {rows: 1, cols: 2, data: []float64{3, 4}, names: []string{"a", "b"}},
		"\"x\ny\"\n-0.5\n":      {rows: 1, cols: 1, data: []float64{-0.5}, names: []string{"x\ny"}},
	} {
		if got, err := readCSV(strings.NewReader(text)); err != nil || !reflect.DeepEqual(*got, want) {
			t.Errorf("%q: %+v, %v, want %+v", text, got, err, want)
		}
	}
}

// Any text is refused in one line, or is a matrix with as many numbers as its rows and columns say.
func FuzzCSV(f *testing.F) {
	for _, seed := range []string{"", "a,b\n1,2\n", "1;2\n", "\ufeff\"x\n y\",z\n1e3,-0\n", "1,2\n3", "inf\nnan\n", "a,1\n", ",\n1,2\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		a, err := readCSV(bytes.NewReader(text))
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Fatalf("error of two lines: %v", err)
			}
			return
		}
		if len(a.data) != a.rows*a.cols || len(a.data) > len(text) || a.names != nil && len(a.names) != a.cols {
			t.Fatalf("%d numbers and %d names in %d×%d from %d bytes", len(a.data), len(a.names), a.rows, a.cols, len(text))
		}
	})
}
