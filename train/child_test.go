//go:build unix

package train

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"unroll/checkpoints"
	"unroll/model/graph"
)

// The environment of a child, which is this test binary as a training of its own.
const (
	childFolder  = "UNROLL_TEST_FOLDER"
	childWorkers = "UNROLL_TEST_WORKERS"
	childKillAt  = "UNROLL_TEST_KILL_AT" // the operation on files, from 1, before which it kills itself
	childLimit   = "UNROLL_TEST_LIMIT"   // largest file it may write, in bytes
)

func TestMain(m *testing.M) {
	if folder := os.Getenv(childFolder); folder != "" {
		if err := trainAsChild(folder); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// trainAsChild trains the hardy recipe and tells its parent, a line each, the step that it starts from and every step it makes.
func trainAsChild(folder string) error {
	number := func(name string) int {
		n, _ := strconv.Atoi(os.Getenv(name))
		return n
	}
	if limit := number(childLimit); limit > 0 {
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: uint64(limit), Max: uint64(limit)}); err != nil {
			return err
		}
	}
	r := hardy(number(childWorkers))
	disk := &tripwire{at: number(childKillAt), trip: func() error { return syscall.Kill(os.Getpid(), syscall.SIGKILL) }}
	dir, err := openFolder(disk, folder, r, false)
	if err != nil {
		return err
	}
	fmt.Println("resumed", dir.Step())
	err = Run(context.Background(), r, graph.Transformer{Config: r.Model}, dir, watch(func(step int) { fmt.Println("step", step) }))
	return errors.Join(err, dir.Close())
}

// A tripwire is the real disk, and does something before one of its changing operations, which then fails with the error that it gives.
type tripwire struct {
	checkpoints.OS
	at, count int
	trip      func() error
}

func (w *tripwire) step() error {
	if w.count++; w.count == w.at {
		return w.trip()
	}
	return nil
}

func (w *tripwire) Mkdir(path string) error {
	return then(w.step(), func() error { return w.OS.Mkdir(path) })
}

func (w *tripwire) Rename(from, to string) error {
	return then(w.step(), func() error { return w.OS.Rename(from, to) })
}

func (w *tripwire) Remove(path string) error {
	return then(w.step(), func() error { return w.OS.Remove(path) })
}

func (w *tripwire) SyncFolder(path string) error {
	return then(w.step(), func() error { return w.OS.SyncFolder(path) })
}

func (w *tripwire) Create(path string) (checkpoints.Writer, error) {
	if err := w.step(); err != nil {
		return nil, err
	}
	f, err := w.OS.Create(path)
	return &wiredFile{f, w}, err
}

type wiredFile struct {
	checkpoints.Writer
	wire *tripwire
}

// Write counts as two operations, so that a program can die with half a file written.
func (f *wiredFile) Write(b []byte) (int, error) {
	if err := f.wire.step(); err != nil {
		return 0, err
	}
	n, err := f.Writer.Write(b[:len(b)/2])
	if err == nil {
		err = f.wire.step()
	}
	if err != nil {
		return n, err
	}
	more, err := f.Writer.Write(b[n:])
	return n + more, err
}

func (f *wiredFile) Sync() error { return then(f.wire.step(), f.Writer.Sync) }

func (f *wiredFile) Close() error { return errors.Join(f.wire.step(), f.Writer.Close()) }

func then(err error, do func() error) error {
	if err != nil {
		return err
	}
	return do()
}

// A life is what one child did until it ended or was ended.
type life struct {
	from, steps, last int // the step it resumed at, the steps it made, the last of them
	started           bool
	err               error
	stderr            string
}

// saved is the step of the last save that had returned: the step after it was made.
func (l life) saved(every int) int {
	if l.steps == 0 {
		return l.from
	}
	return max(l.from, (l.last-1)/every*every)
}

// live runs a child in a folder. onStep is called with the number of steps it has made so far and the means to kill it.
func live(t *testing.T, ctx context.Context, folder string, env []string, onStep func(made int, kill func())) (l life) {
	t.Helper()
	ctx, kill := context.WithCancel(ctx)
	defer kill()
	c := exec.CommandContext(ctx, os.Args[0]) // the end of ctx kills it
	c.Env = append(append(os.Environ(), childFolder+"="+folder), env...)
	var stderr bytes.Buffer
	c.Stderr = &stderr
	out, err := c.StdoutPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	for {
		text, err := lines.ReadString('\n')
		if err == io.EOF {
			break // what stands before it is no whole line
		}
		word, number, _ := strings.Cut(strings.TrimSpace(text), " ")
		n, err := strconv.Atoi(number)
		switch {
		case err != nil:
			t.Fatalf("the child says %q", text)
		case word == "resumed":
			l.from, l.started = n, true
		default:
			l.steps, l.last = l.steps+1, n
			onStep(l.steps, kill)
		}
	}
	if l.err = c.Wait(); c.ProcessState.Success() {
		l.err = nil // it had ended before ctx did
	}
	l.stderr = strings.TrimSpace(stderr.String())
	return l
}

// scratch is a folder in memory where the machine has one: a kill, unlike a loss of power, asks nothing of the disk, and hundreds of
// runs wait there for no fsync.
func scratch(t *testing.T) string {
	t.Helper()
	folder, err := os.MkdirTemp("/dev/shm", "unroll")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	return folder
}

func watchNothing(int, func()) {}

// final is what a finished run leaves, but for the report.
var finalFiles = []string{configName, bestName, metricsName, npzName, safetensorsName, checkpoints.StepName(110), checkpoints.StepName(120)}

// golden trains without interruption and returns the files by name.
func golden(t *testing.T) map[string]string {
	t.Helper()
	folder := filepath.Join(scratch(t), "golden")
	if l := live(t, t.Context(), folder, nil, watchNothing); l.err != nil || l.steps != 120 {
		t.Fatalf("the run without interruption: %+v", l)
	}
	return files(t, folder)
}

func files(t *testing.T, folder string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, name := range finalFiles {
		all[name] = string(read(t, folder, name))
	}
	return all
}

// ends lets the run in a folder come to its end and compares what it leaves, to the bit.
func ends(t *testing.T, folder string, want map[string]string, workers int) (l life) {
	t.Helper()
	l = live(t, t.Context(), folder, []string{childWorkers + "=" + strconv.Itoa(workers)}, watchNothing)
	if l.err != nil {
		t.Fatalf("the run does not come to its end: %v: %s", l.err, l.stderr)
	}
	sameFiles(t, folder, want)
	return l
}

func sameFiles(t *testing.T, folder string, want map[string]string) {
	t.Helper()
	for name, got := range files(t, folder) {
		if got != want[name] {
			t.Errorf("%s has other bits than in the run without interruption", name)
		}
	}
	entries, err := checkpoints.OS{}.List(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range entries {
		if strings.HasSuffix(name, ".tmp") {
			t.Errorf("%s stays", name)
		}
	}
}
