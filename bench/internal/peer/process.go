// Package peer measures our code beside a rival's: the rival runs as a child process that does one timed round for each request, so that
// rounds of both sides alternate and whatever slows the machine slows both.
//
// On one thread times are of the process's CPU, which other processes do not lengthen; on more they are of the clock on the wall.
package peer

import (
	"bufio"
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

// Python is the interpreter of Debian's own packages; another python3 on the PATH may not see them.
const Python = "/usr/bin/python3"

//go:embed peer.py
var prelude string

//go:embed peer.R
var preludeR string

// A Process is a running peer.
type Process struct {
	child    *exec.Cmd
	in       io.WriteCloser
	out      *json.Decoder
	errors   bytes.Buffer
	packages string
}

// Start runs a Python script, with the functions of peer.py before it, on so many threads, and decodes the object that it greets with
// into hello. An error names the Debian packages that the peer is made of.
func Start(script, packages string, threads int, hello any, args ...any) (*Process, error) {
	return start(exec.Command(Python, words("-c", prelude+script, args)...), packages, threads, hello)
}

// StartR is Start for a script in R, with the functions of peer.R before it.
func StartR(script, packages string, threads int, hello any, args ...any) (*Process, error) {
	child := exec.Command("Rscript", words("-e", `eval(parse(text = Sys.getenv("PEER_SCRIPT")))`, args)...)
	child.Env = append(os.Environ(), "PEER_SCRIPT="+preludeR+script) // Rscript would cut an argument at its first line
	return start(child, packages, threads, hello)
}

func words(flag, code string, args []any) []string {
	all := []string{flag, code}
	for _, a := range args {
		all = append(all, fmt.Sprint(a))
	}
	return all
}

func start(child *exec.Cmd, packages string, threads int, hello any) (*Process, error) {
	p := &Process{child: child, packages: packages}
	n := strconv.Itoa(threads)
	p.child.Env = append(p.child.Environ(), "OMP_NUM_THREADS="+n, "OPENBLAS_NUM_THREADS="+n,
		"OMP_WAIT_POLICY=PASSIVE", // idle threads of OpenMP would else spin where those of OpenBLAS have work
		// Without these the allocator of the C library gives large buffers back and faults them in again at every step.
		"MALLOC_TRIM_THRESHOLD_=4294967296", "MALLOC_TOP_PAD_=67108864", "MALLOC_MMAP_THRESHOLD_=4294967296")
	p.child.Stderr = &p.errors
	var err error
	if p.in, err = p.child.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := p.child.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.child.Start(); err != nil {
		return nil, p.missing(err.Error())
	}
	p.out = json.NewDecoder(bufio.NewReader(out))
	if err := p.out.Decode(hello); err != nil {
		return nil, p.missing(p.lastWords(err))
	}
	return p, nil
}

func (p *Process) missing(why string) error {
	return fmt.Errorf("no peer: %s; on Debian: apt-get install %s", why, p.packages)
}

// lastWords ends the process and returns the last line of what it had to say, or else what we saw of it.
func (p *Process) lastWords(seen error) string {
	p.Close()
	lines := strings.Split(strings.TrimSpace(p.errors.String()), "\n")
	if last := lines[len(lines)-1]; last != "" {
		return last
	}
	return seen.Error()
}

// Ask has the peer do a task, named first and followed by its arguments, and decodes its answer.
func (p *Process) Ask(answer any, task ...any) error {
	if _, err := fmt.Fprintln(p.in, task...); err != nil {
		return fmt.Errorf("the peer: %s", p.lastWords(err))
	}
	if err := p.out.Decode(answer); err != nil {
		return fmt.Errorf("the peer: %v: %s", task, p.lastWords(err))
	}
	return nil
}

// Contender is the peer at a task that answers a count with the seconds of so many calls.
func (p *Process) Contender(task string) Contender {
	return func(count int) (seconds float64, err error) {
		err = p.Ask(&seconds, task, count)
		return seconds, err
	}
}

// Close ends the peer.
func (p *Process) Close() {
	p.in.Close()
	p.child.Wait()
}
