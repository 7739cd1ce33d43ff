//go:build unix

package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"unroll/checkpoints"
)

// The environment variable that makes this test binary the command itself.
const asCommand = "UNROLL_TEST_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		os.Args[0] = "train"
		main()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// past is when a folder holds a checkpoint past a step.
func past(step int) func(folder string) bool {
	return func(folder string) bool {
		found, err := checkpoints.Newest(folder)
		return err == nil && found.Step > step
	}
}

// start begins a training as a process of its own and waits until its folder is ready.
func start(t *testing.T, folder string, ready func(folder string) bool, more ...string) (c *exec.Cmd, stderr *bytes.Buffer) {
	t.Helper()
	c, stderr = command(folder, more...)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Process.Kill() })
	for range 2000 {
		if ready(folder) {
			return c, stderr
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("not ready after 20 s: %s", stderr)
	return nil, nil
}

func command(folder string, more ...string) (*exec.Cmd, *bytes.Buffer) {
	c := exec.Command(os.Args[0], append([]string{"smoke", "steps=100000", "every=20", "K=2", "-out", folder}, more...)...)
	c.Env = append(os.Environ(), asCommand+"=1")
	stderr := &bytes.Buffer{}
	c.Stderr = stderr
	return c, stderr
}

// stop sends signals and returns how long the process took to end after the last one, and what it ended with.
func stop(t *testing.T, c *exec.Cmd, signals ...os.Signal) (time.Duration, int) {
	t.Helper()
	for i, s := range signals {
		if i > 0 {
			time.Sleep(300 * time.Millisecond) // two of a kind that wait are one
		}
		if err := c.Process.Signal(s); err != nil {
			t.Fatal(err)
		}
	}
	began := time.Now()
	patience := time.AfterFunc(20*time.Second, func() { c.Process.Kill() })
	defer patience.Stop()
	err := c.Wait()
	took := time.Since(began)
	exit, ok := errors.AsType[*exec.ExitError](err)
	if !ok {
		t.Fatalf("ended with %v", err)
	}
	status := exit.Sys().(syscall.WaitStatus)
	if status.Signaled() {
		return took, 128 + int(status.Signal()) // as a shell says it
	}
	return took, status.ExitStatus()
}

// SIGTERM and SIGINT: one save, a line, exit 143 or 130 within two seconds, and the next start goes on from there.
func TestSignalsSaveOnce(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "run")
	last := 0
	for _, c := range []struct {
		signal os.Signal
		status int
	}{{syscall.SIGTERM, 143}, {os.Interrupt, 130}} {
		process, stderr := start(t, folder, past(last))
		took, status := stop(t, process, c.signal)
		found, err := checkpoints.Newest(folder)
		if err != nil {
			t.Fatal(err)
		}
		if status != c.status || took > 2*time.Second {
			t.Errorf("%v: status %d after %v, want %d within 2 s", c.signal, status, took, c.status)
		}
		text := stderr.String()
		if last > 0 && !strings.Contains(text, "resumed step ") || !strings.Contains(text, ": saved step ") || !strings.Contains(text, folder) || found.Step <= last {
			t.Errorf("%v: step %d, said %q", c.signal, found.Step, text)
		}
		t.Logf("%v: status %d after %v, at step %d", c.signal, status, took.Round(time.Millisecond), found.Step)
		last = found.Step
	}
}

// A second signal ends the program at once, whatever it is doing.
func TestSecondSignalEndsAtOnce(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "run")
	validating := func(folder string) bool {
		_, err := os.Stat(filepath.Join(folder, "config.json"))
		return err == nil
	}
	process, _ := start(t, folder, validating, "validate=10000000")
	if took, status := stop(t, process, syscall.SIGTERM, syscall.SIGTERM); status != 143 || took > 500*time.Millisecond {
		t.Errorf("status %d after %v", status, took)
	}
}

// Two trainings in one folder: the second is refused in one line, and the first goes on.
func TestSecondTrainingIsRefused(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "run")
	first, _ := start(t, folder, past(0))
	second, stderr := command(folder)
	err := second.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != 1 || strings.Count(stderr.String(), "\n") != 1 ||
		!strings.Contains(stderr.String(), folder+": another training holds its lock") {
		t.Errorf("the second ended with %v: %q", err, stderr)
	}
	if _, status := stop(t, first, syscall.SIGTERM); status != 143 {
		t.Errorf("the first ended with status %d", status)
	}
}
