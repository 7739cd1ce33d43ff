package train

import (
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// NewWatch shows a run's progress: a bar on a terminal; elsewhere one line for each validation, but none sooner than 10 s after the line
// before it, save the first and the last. This file alone looks at the clock, and nothing it sees enters a result.
func NewWatch(out *os.File, steps int) Watch {
	if term.IsTerminal(int(out.Fd())) {
		return &bar{progressbar.NewOptions(steps, progressbar.OptionSetWriter(out), progressbar.OptionSetWidth(30),
			progressbar.OptionShowCount(), progressbar.OptionSetPredictTime(true), progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionOnCompletion(func() { fmt.Fprintln(out) }))}
	}
	return &lines{log: slog.New(slog.NewTextHandler(out, withoutTime)), steps: steps}
}

type bar struct{ *progressbar.ProgressBar }

func (b *bar) Step(step, steps int, loss float64) {
	_ = b.Set(step) // a bar that cannot be drawn must not end a run
}

func (b *bar) Line(h History) {
	b.Describe(fmt.Sprintf("loss %.4g  validation %.4g", h.Loss, h.Validation))
}

func (b *bar) Event(e Event) { b.Describe(e.String()) }

type lines struct {
	log   *slog.Logger
	steps int
	last  time.Time
}

func (l *lines) Step(step, steps int, loss float64) {}

func (l *lines) Line(h History) {
	if time.Since(l.last) < quiet && h.Step < l.steps {
		return
	}
	l.last = time.Now()
	l.log.Info("train", "step", h.Step, "of", l.steps, "loss", fmt.Sprintf("%.4g", h.Loss),
		"validation", fmt.Sprintf("%.4g", h.Validation), "lr", fmt.Sprintf("%.2g", h.LR))
}

func (l *lines) Event(e Event) { l.log.Info("train", "event", e.String()) }

const quiet = 10 * time.Second

var withoutTime = &slog.HandlerOptions{ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey || a.Key == slog.LevelKey || a.Key == slog.MessageKey {
		return slog.Attr{}
	}
	return a
}}
