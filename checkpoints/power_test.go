package checkpoints

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"
)

// A voyage is a program that keeps a run in a Store and notes what it was promised, to compare with what a loss of power leaves.
type voyage struct {
	t       *testing.T
	disk    *disk
	store   *Store
	written map[string][]string // every version of every file, by name
	kept    map[string]int      // the version that must not be lost, by the names of files that are replaced
	acked   []int               // steps whose Save has returned
	best    int
	states  int
}

const run = "runs/icl"

func newVoyage(t *testing.T, d *disk) *voyage {
	v := &voyage{t: t, disk: d, written: map[string][]string{}, kept: map[string]int{}}
	v.disk.before = v.cut
	return v
}

func (v *voyage) must(err error) {
	v.t.Helper()
	if err != nil {
		v.t.Fatal(err)
	}
}

func (v *voyage) lock() {
	var err error
	v.store, err = Lock(v.disk, run)
	v.must(err)
}

// stepFile is the checkpoint of a step; the version tells apart two with the same step.
func stepFile(step, version int) *File {
	return &File{State: fmt.Appendf(nil, `{"step":%d,"version":%d}`, step, version), Params: []Param{{Name: "w", F64: []float64{float64(step)}}}}
}

func (v *voyage) save(step, best int) error {
	v.t.Helper()
	f := stepFile(step, len(v.written[StepName(step)]))
	v.written[StepName(step)] = append(v.written[StepName(step)], string(mustEncode(v.t, f)))
	err := v.store.Save(f, step, best)
	if err == nil {
		v.acked, v.best = append(v.acked, step), best
	}
	return err
}

// replace writes another version of a file that is no step's.
func (v *voyage) replace(name string) {
	v.t.Helper()
	version := len(v.written[name])
	f := stepFile(-1, version)
	v.written[name] = append(v.written[name], string(mustEncode(v.t, f)))
	if version%2 == 0 {
		v.must(v.store.SaveAs(name, f))
	} else {
		v.must(v.store.Replace(name, []byte(v.written[name][version])))
	}
	v.kept[name] = version
}

// clear starts over; from here on only what follows is promised.
func (v *voyage) clear() {
	v.acked, v.kept = nil, map[string]int{}
	v.must(v.store.Clear("best.gob", "missing.gob"))
}

// cut looks at everything that a loss of power at this moment may leave.
func (v *voyage) cut() {
	for left := range v.disk.crashes {
		v.states++
		v.check(left)
		if v.t.Failed() {
			v.t.Fatalf("power lost after the saves %v, best %d; left: %v", v.acked, v.best, slices.Sorted(maps.Keys(left.names)))
		}
	}
}

func (v *voyage) check(left image) {
	verified := map[int]bool{}
	for name, n := range left.names {
		base := path.Base(name)
		if left.names[path.Dir(name)] == nil || n.folder || isTemp(base) {
			continue
		}
		if !slices.Contains(v.written[base], left.contents[n]) {
			v.t.Errorf("%s holds what nobody wrote there", name)
		}
		var step int
		if _, err := fmt.Sscanf(base, "step-%d.gob", &step); err == nil {
			verified[step] = true
		}
	}
	for name, version := range v.kept {
		n := left.names[path.Join(run, name)]
		if n == nil || left.names[run] == nil || slices.Index(v.written[name], left.contents[n]) < version {
			v.t.Errorf("%s has lost version %d", name, version)
		}
	}
	if want := min(keep, len(v.acked)); len(verified) < want {
		v.t.Errorf("%d checkpoints, want %d", len(verified), want)
	}
	if len(v.acked) > 0 && !verified[v.best] {
		v.t.Errorf("the best checkpoint is lost")
	}
	if len(verified) > 0 && (left.names[run+"/config.json"] == nil || left.names[run+"/best.gob"] == nil) {
		v.t.Error("there are checkpoints, and the files that a run writes before them are lost")
	}
	v.restart(left.restarted())
}

// restart goes on after the loss: the newest checkpoint is at least the last that Save has returned for, nothing is skipped, the next
// save works, and no temporary file stays.
func (v *voyage) restart(d *disk) {
	found, err := newest(d, run)
	switch {
	case err == nil && len(found.Skipped) > 0:
		v.t.Errorf("skipped %v", found.Skipped)
	case err == nil && len(v.acked) > 0 && found.Step < slices.Max(v.acked):
		v.t.Errorf("step %d, want %d or later", found.Step, slices.Max(v.acked))
	case err != nil && (len(v.acked) > 0 || !errors.Is(err, fs.ErrNotExist)):
		v.t.Errorf("nothing to go on from: %v", err)
	}
	s, err := Lock(d, run)
	if err == nil {
		err = s.Save(stepFile(1e6, 0), 1e6)
	}
	if err != nil {
		v.t.Errorf("after the restart: %v", err)
	}
	for name := range d.view.names {
		if isTemp(path.Base(name)) {
			v.t.Errorf("after the restart %s stays", name)
		}
	}
}

// Power is lost before every operation of several runs' saves, and leaves every subset of what no fsync has made durable: what was
// promised is there.
func TestPowerLoss(t *testing.T) {
	v, saves := newVoyage(t, newDisk()), 0
	for range 2 { // the second time over the first
		v.lock()
		v.clear()
		v.replace("config.json")
		best := 0
		for step := 0; step <= 1000; step += 50 {
			if step%150 == 0 {
				v.replace("best.gob")
				best = step
			}
			v.must(v.save(step, best))
			v.replace("metrics.jsonl")
		}
		saves += len(v.acked)
		v.acked = nil // the checkpoints so far are refused, and an earlier step is saved
		v.must(v.save(870, 870))
	}
	v.cut()
	t.Logf("power lost in %d states during %d saves: none lost", v.states, saves)
	if v.states < 1900 {
		t.Errorf("%d states, want 1900", v.states)
	}
}

// The enumeration itself: a file that was not synced may be lost, empty, torn or whole; one that was not named durably may be missing.
func TestDiskForgets(t *testing.T) {
	d := newDisk()
	w, err := d.Create("a")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte("xyz")); err != nil {
		t.Fatal(err)
	}
	list := func() string {
		seen := map[string]bool{}
		for left := range d.crashes {
			if n := left.names["a"]; n != nil {
				seen[fmt.Sprintf("%q", left.contents[n])] = true
			} else {
				seen["none"] = true
			}
		}
		return strings.Join(slices.Sorted(maps.Keys(seen)), " ")
	}
	for _, c := range []struct {
		sync func() error
		want string
	}{
		{func() error { return nil }, `"" "\x00\x00z" "\x00y" "\x00yz" "x" "x\x00z" "xy" "xyz" none`},
		{w.Sync, `"xyz" none`},
		{func() error { return d.SyncFolder(".") }, `"xyz"`},
	} {
		if err := c.sync(); err != nil || list() != c.want {
			t.Errorf("a crash leaves %s, want %s (%v)", list(), c.want, err)
		}
	}
}
