package train

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"unroll/checkpoints"
)

// mount mounts something for one test, or skips the test and says why.
func mount(t *testing.T, at string, args ...string) {
	t.Helper()
	if out, err := exec.Command("mount", append(args, at)...).CombinedOutput(); err != nil {
		t.Skipf("mount %s: %v: %s", strings.Join(args, " "), err, strings.TrimSpace(string(out)))
	}
	t.Cleanup(func() { unmount(t, at) })
}

// unmount undoes the newest mount at a path, if there is one.
func unmount(t *testing.T, at string) {
	t.Helper()
	if err := unix.Unmount(at, unix.UMOUNT_NOFOLLOW); err != nil && err != unix.EINVAL {
		t.Errorf("unmount %s: %v", at, err)
	}
}

// A refusal is what a child says that cannot save: one line with the file and the cause.
func refuses(t *testing.T, l life, folder string, cause error) {
	t.Helper()
	if l.err == nil || !strings.Contains(l.stderr, cause.Error()) || !strings.Contains(l.stderr, folder) || strings.Contains(l.stderr, "\n") {
		t.Fatalf("the run ended with %v: %q, want one line with %s and %q", l.err, l.stderr, folder, cause)
	}
}

// A disk that is full from a certain save on, with room for another number of bytes each time.
func TestFullTmpfs(t *testing.T) {
	base := t.TempDir()
	want := golden(t)
	mount(t, base, "-t", "tmpfs", "-o", "size=1m", "none")
	ballast := filepath.Join(base, "ballast")
	count := 0
	for room := range 12 {
		folder := filepath.Join(base, fmt.Sprint("run", room))
		free := len(want[checkpoints.StepName(110)])*room/3 + 100
		if err := os.WriteFile(ballast, make([]byte, 1<<20-free), 0o666); err != nil {
			t.Fatal(err)
		}
		l := live(t, t.Context(), folder, nil, watchNothing)
		if l.err == nil {
			break
		}
		refuses(t, l, folder, unix.ENOSPC)
		if err := os.Remove(ballast); err != nil {
			t.Fatal(err)
		}
		if next := ends(t, folder, want, 2); next.from < l.saved(10) {
			t.Errorf("resumed step %d, but %d was saved", next.from, l.saved(10))
		}
		count++
		if err := os.RemoveAll(folder); err != nil {
			t.Fatal(err)
		}
	}
	if count < 3 {
		t.Errorf("the disk was full %d times", count)
	}
	t.Logf("the disk was full at %d places, each run resumed to the golden files", count)
}

// The checkpoints grow with the record, beyond a limit that the first of them keep.
func TestLimitedFileSize(t *testing.T) {
	want, folder := golden(t), filepath.Join(t.TempDir(), "run")
	limit := len(want[checkpoints.StepName(110)]) - 300
	l := live(t, t.Context(), folder, []string{fmt.Sprintf("%s=%d", childLimit, limit)}, watchNothing)
	refuses(t, l, folder, unix.EFBIG)
	next := ends(t, folder, want, 2)
	if next.from == 0 || next.from < l.saved(10) {
		t.Errorf("resumed step %d, but %d was saved", next.from, l.saved(10))
	}
	t.Logf("no file above %d bytes: stopped after step %d, resumed step %d to the golden files", limit, l.last, next.from)
}

func TestReadOnlyFolder(t *testing.T) {
	want, folder := golden(t), filepath.Join(t.TempDir(), "run")
	l := live(t, t.Context(), folder, nil, func(made int, kill func()) {
		if made == 45 {
			kill()
		}
	})
	mount(t, folder, "--bind", folder)
	if err := unix.Mount("", folder, "", unix.MS_REMOUNT|unix.MS_BIND|unix.MS_RDONLY, ""); err != nil {
		t.Skipf("remount read-only: %v", err)
	}
	refuses(t, live(t, t.Context(), folder, nil, watchNothing), folder, unix.EROFS)
	found, err := checkpoints.Newest(folder)
	if err != nil || found.Step < l.saved(10) {
		t.Errorf("a reader finds %+v, %v", found, err)
	}
	unmount(t, folder)
	ends(t, folder, want, 2)
}

// Shutdown cuts a file system off from its disk as a loss of power does: what is not on the disk by then, its journal included, is lost
// (FS_IOC_SHUTDOWN with NOLOGFLUSH of linux/fs.h, as fstests use it).
const (
	shutdown   = 0x8004587d
	noLogFlush = 2
)

// Power fails again and again under a training on a real ext4; after each failure the journal is replayed and the next life goes on.
func TestPowerCutsOnExt4(t *testing.T) {
	cuts := 3
	if *faults {
		cuts = 24
	}
	base := t.TempDir()
	disk, at := filepath.Join(base, "disk"), filepath.Join(base, "at")
	if err := os.Mkdir(at, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.WriteFile(disk, nil, 0o666), os.Truncate(disk, 16<<20)); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("mkfs.ext4", "-q", "-F", disk).CombinedOutput(); err != nil {
		t.Skipf("mkfs.ext4: %v: %s", err, out)
	}
	want, r := golden(t), rand.New(rand.NewPCG(3, 4))
	mount(t, at, "-o", "loop", disk)
	runs, done := 1, 0
	folder, saved := filepath.Join(at, "run1"), -1
	for done < cuts {
		after := 1 + r.IntN(30)
		l := live(t, t.Context(), folder, nil, func(made int, kill func()) {
			if made == after {
				cut(t, at)
				kill() // what it made after the cut is of no disk
			}
		})
		if l.started && l.from < saved {
			t.Fatalf("resumed step %d, but %d was saved", l.from, saved)
		}
		if l.err == nil { // it ended before the cut
			sameFiles(t, folder, want)
			runs++
			folder, saved = filepath.Join(at, fmt.Sprint("run", runs)), -1
			continue
		}
		done++
		saved = max(saved, (l.from+after-1)/10*10) // by the time of the cut; it may have got on further
		unmount(t, at)
		if out, err := exec.Command("mount", "-o", "loop", disk, at).CombinedOutput(); err != nil {
			t.Fatalf("mount after the cut: %v: %s", err, out)
		}
		survives(t, folder, saved)
	}
	ends(t, folder, want, 2)
	t.Logf("%d power cuts over %d runs: no save lost, every file as golden", done, runs)
}

func cut(t *testing.T, at string) {
	fd, err := unix.Open(at, unix.O_RDONLY, 0)
	if err == nil {
		err = unix.IoctlSetPointerInt(fd, shutdown, noLogFlush)
		unix.Close(fd)
	}
	if err != nil {
		t.Fatalf("shut %s down: %v", at, err)
	}
}

// survives looks at what a cut left: the step saved or a later one, and no file that does not verify.
func survives(t *testing.T, folder string, saved int) {
	t.Helper()
	found, err := checkpoints.Newest(folder)
	switch {
	case err != nil && saved >= 0:
		t.Fatalf("step %d was saved, and after the cut nothing loads: %v", saved, err)
	case err == nil && (found.Step < saved || len(found.Skipped) > 0):
		t.Fatalf("step %d was saved, after the cut %d loads, and %v were skipped", saved, found.Step, found.Skipped)
	}
}
