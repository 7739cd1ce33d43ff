package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A file is replaced whole or not at all, and nothing else stays in its folder.
func TestReplace(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x.npy")
	for _, text := range []string{"first", "second"} {
		if err := replace(path, []byte(text)); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != text {
			t.Errorf("%q, %v, want %q", got, err, text)
		}
	}
	taken := filepath.Join(dir, "taken.npy")
	if err := os.MkdirAll(filepath.Join(taken, "inside"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := replace(taken, []byte("third")); err == nil {
		t.Error("a folder was replaced by a file")
	}
	if left, err := filepath.Glob(filepath.Join(dir, ".*")); err != nil || len(left) > 0 {
		t.Errorf("temporary files %v, %v", left, err)
	}
}

// Away from a terminal a watch is silent for a while and then says how much is done, in whole lines.
func TestWatch(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	newWatch(f).stop()
	if said, err := os.ReadFile(f.Name()); err != nil || len(said) > 0 {
		t.Errorf("%q, %v for short work", said, err)
	}
	w := &watch{out: f, quit: make(chan struct{}), ended: make(chan struct{})}
	w.expect(7)
	w.done(3)
	go w.show(time.Millisecond)
	var said []byte
	for len(said) == 0 {
		if said, err = os.ReadFile(f.Name()); err != nil {
			t.Fatal(err)
		}
	}
	w.stop()
	if !strings.HasPrefix(string(said), "recover: 3 of 7 solved after 0 s\n") {
		t.Errorf("said %q", said)
	}
}

// With names, several answers and an intercept a file of text says which is which.
func TestCSVOutput(t *testing.T) {
	dir := t.TempDir()
	write(t, dir+"/A.csv", []byte("\"a,b\",c\n2,0\n0,4\n"))
	write(t, dir+"/Y.csv", []byte("p,q\n6,0\n4,0\n"))
	if err := run([]string{"-A", dir + "/A.csv", "-y", dir + "/Y.csv", "-lambda", "2", "-o", dir + "/x.csv"}, io.Discard); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(dir + "/x.csv"); err != nil || string(got) != "unknown,p,q\n\"a,b\",2.5,0\nc,0.875,0\n" {
		t.Errorf("wrote %q, %v", got, err)
	}
	if left, err := filepath.Glob(dir + "/.*"); err != nil || len(left) > 0 {
		t.Errorf("temporary files %v, %v", left, err)
	}
}
