package main

import (
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// A watch tells those who wait how many solutions there are: a bar on a terminal; elsewhere a line every quiet seconds, so that short
// work is silent.
type watch struct {
	out      *os.File
	solved   atomic.Int64
	expected atomic.Int64
	bar      *progressbar.ProgressBar // nil where there is no terminal
	quit     chan struct{}
	ended    chan struct{}
}

const quiet = 10 * time.Second

func newWatch(out *os.File) *watch {
	w := &watch{out: out, quit: make(chan struct{}), ended: make(chan struct{})}
	every := quiet
	if term.IsTerminal(int(out.Fd())) {
		every = 100 * time.Millisecond
		w.bar = progressbar.NewOptions(-1, progressbar.OptionSetWriter(out), progressbar.OptionSetWidth(30), progressbar.OptionShowCount(),
			progressbar.OptionSetDescription("solved"), progressbar.OptionClearOnFinish())
	}
	go w.show(every)
	return w
}

// expect adds to the number of solutions there will be.
func (w *watch) expect(n int) { w.expected.Add(int64(n)) }

// done counts solutions.
func (w *watch) done(n int) { w.solved.Add(int64(n)) }

// stop ends the display.
func (w *watch) stop() {
	close(w.quit)
	<-w.ended
}

func (w *watch) show(every time.Duration) {
	defer close(w.ended)
	tick := time.NewTicker(every)
	defer tick.Stop()
	for start := time.Now(); ; {
		select {
		case <-w.quit:
			if w.bar != nil {
				_ = w.bar.Finish() // a bar that cannot be drawn must not end the work
			}
			return
		case <-tick.C:
			solved, expected := w.solved.Load(), w.expected.Load()
			if w.bar == nil {
				fmt.Fprintf(w.out, "recover: %d of %d solved after %.0f s\n", solved, expected, time.Since(start).Seconds())
				continue
			}
			w.bar.ChangeMax64(max(expected, 1))
			_ = w.bar.Set64(solved)
		}
	}
}
