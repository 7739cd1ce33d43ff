package checkpoints

import (
	"errors"
	"io"
	"path"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// Each operation of a save fails, once or from then on until the save is over, with each error that a disk gives. The save fails with
// that error and names its file, the checkpoint before it still loads, no temporary file stays, the next save works, and a loss of
// power after that loses nothing.
func TestEveryOperationFails(t *testing.T) {
	saves := map[string]func(v *voyage) error{
		StepName(150): func(v *voyage) error { return v.save(150, 100) },
		"best.gob":    func(v *voyage) error { return v.store.SaveAs("best.gob", stepFile(-1, 1)) },
		"config.json": func(v *voyage) error { return v.store.Replace("config.json", []byte("{}")) },
	}
	count := 0
	for name, save := range saves {
		for _, errno := range []error{syscall.ENOSPC, syscall.EIO, syscall.EROFS, syscall.EDQUOT} {
			for _, lasting := range []bool{false, true} {
				for at := 1; failAt(t, name, save, at, errno, lasting); at++ {
					count++
				}
			}
		}
	}
	t.Logf("%d failures, all survived", count)
}

// failAt lets operation at of a save fail and returns whether the save has so many.
func failAt(t *testing.T, name string, save func(*voyage) error, at int, errno error, lasting bool) bool {
	t.Helper()
	v := newVoyage(t, newDisk())
	v.disk.before = func() {}
	v.lock()
	v.replace("config.json")
	v.replace("best.gob")
	for _, step := range []int{0, 50, 100} {
		v.must(v.save(step, 50))
	}
	operation, n := "", 0
	v.disk.fault = func(op string) error {
		if n++; n == at || lasting && n > at {
			if operation == "" {
				operation = op
			}
			return errno
		}
		return nil
	}
	err := save(v)
	v.disk.fault = func(string) error { return nil }
	if operation == "" {
		return false
	}
	fatal := func(format string, args ...any) {
		t.Helper()
		t.Fatalf("%s: operation %d (%s), %v, lasting %v: "+format, append([]any{name, at, operation, errno, lasting}, args...)...)
	}
	if !errors.Is(err, errno) || !strings.Contains(err.Error(), path.Join(run, name)) || strings.Contains(err.Error(), "\n") {
		fatal("error %v, want one line with the path and the cause", err)
	}
	if found, err := v.store.Newest(); err != nil || found.Step < 100 || len(found.Skipped) > 0 {
		fatal("the checkpoint before it does not load: %v", err)
	}
	if lasting { // not even the temporary file could be removed; the next program does
		v.lock()
	}
	for name := range v.disk.view.names {
		if isTemp(path.Base(name)) {
			fatal("%s stays", name)
		}
	}
	v.written["best.gob"] = append(v.written["best.gob"], string(mustEncode(t, stepFile(-1, 1))))
	v.written["config.json"] = append(v.written["config.json"], "{}")
	v.must(v.save(200, 200))
	v.cut()
	return true
}

// write(2) may take less than it was given and say so by its count alone.
func TestShortWrite(t *testing.T) {
	d := newDisk()
	s, err := Lock(d, run)
	if err != nil {
		t.Fatal(err)
	}
	d.short = true
	if err := s.Save(stepFile(0, 0), 0); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("error %v, want %v", err, io.ErrShortWrite)
	}
	if err := s.Save(stepFile(0, 0), 0); err != nil {
		t.Error(err)
	}
}

// A store that cannot be opened says which folder, and holds no lock.
func TestEveryOperationOfLockFails(t *testing.T) {
	for at := 1; ; at++ {
		d, n, failed := newDisk(), 0, false
		d.fault = func(op string) error {
			if n++; n == at {
				failed = true
				return syscall.EIO
			}
			return nil
		}
		_, err := Lock(d, run)
		if !failed {
			if at < 5 {
				t.Errorf("Lock has %d operations", at-1)
			}
			return
		}
		if !errors.Is(err, syscall.EIO) || !strings.Contains(err.Error(), run) {
			t.Errorf("operation %d: %v", at, err)
		}
	}
}

// What cannot be read is passed over by name, down to the oldest; what a newer version wrote is not.
func TestNewestPassesOver(t *testing.T) {
	d := newDisk()
	s, err := Lock(d, run)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Newest(); err == nil || !strings.Contains(err.Error(), "find a checkpoint in "+run) {
		t.Errorf("an empty folder: %v", err)
	}
	for _, step := range []int{7, 8, 9} {
		if err := s.Save(stepFile(step, 0), step, 7); err != nil {
			t.Fatal(err)
		}
	}
	damage := func(step int, data string) {
		d.view.contents[d.view.names[path.Join(run, StepName(step))]] = data
	}
	whole := string(mustEncode(t, stepFile(9, 0)))
	for want, bad := range map[string]string{"truncated": whole[:100], "corrupt": whole[:50] + "?" + whole[51:], "not a checkpoint": ""} {
		damage(9, bad)
		found, err := s.Newest()
		if err != nil || found.Step != 8 || len(found.Skipped) != 1 || !strings.Contains(found.Skipped[0].Error(), want) ||
			!strings.Contains(found.Skipped[0].Error(), path.Join(run, StepName(9))) {
			t.Errorf("%s: found %+v, %v", want, found, err)
		}
	}
	d.fault = func(op string) error {
		if op == "open" {
			d.fault = func(string) error { return nil }
			return syscall.EIO
		}
		return nil
	}
	if found, err := s.Newest(); err != nil || found.Step != 8 || !errors.Is(found.Skipped[0], syscall.EIO) {
		t.Errorf("unreadable: found %+v, %v", found, err)
	}
	damage(8, "")
	damage(7, whole[:len(whole)-1])
	if found, err := s.Newest(); err == nil || errors.Is(err, ErrLocked) ||
		strings.Count(err.Error(), run+"/step-") != 3 || strings.Contains(err.Error(), "\n") {
		t.Errorf("nothing verifies: found %+v, %v", found, err)
	}
	damage(9, string(withFooterByte(t, 16, 2)))
	if _, err := s.Newest(); err == nil {
		t.Error("a newer version was passed over")
	} else if _, ok := errors.AsType[*VersionError](err); !ok {
		t.Errorf("a newer version: %v", err)
	}
}

// A checkpoint that is pruned between the listing and its opening is no failure.
func TestNewestBesidePruning(t *testing.T) {
	d := newDisk()
	s, err := Lock(d, run)
	if err != nil {
		t.Fatal(err)
	}
	step := 0
	save := func() {
		d.fault = func(string) error { return nil }
		for range 5 {
			if err := s.Save(stepFile(step, 0), step); err != nil {
				t.Fatal(err)
			}
			step++
		}
	}
	save()
	opened := 0
	d.fault = func(op string) error {
		if op == "open" {
			opened++
			save() // all that was listed is gone
		}
		return nil
	}
	found, err := s.Newest()
	if err != nil || found.Step != step-1 || len(found.Skipped) > 0 || opened != 1 {
		t.Errorf("found %+v, %v", found, err)
	}
}

func TestOtherNamesAreNoSteps(t *testing.T) {
	d := newDisk()
	if _, err := Lock(d, run); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"step-1.gob", "step-000000001.gob~", "step--00000001.gob", "step-+00000001.gob", "xstep-000000001.gob",
		"step-000000001.gob.gob", "step-99999999999999999999.gob", "step-1000000000.gob", "step-000000002.gob"} {
		if _, err := d.Create(path.Join(run, name)); err != nil {
			t.Fatal(err)
		}
	}
	steps, err := listSteps(d, run)
	if err != nil || !slices.Equal(steps, []int{1000000000, 2}) {
		t.Errorf("steps %v, %v", steps, err)
	}
}
