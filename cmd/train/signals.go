package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// A stopped is the signal that ended a run.
type stopped struct{ signal syscall.Signal }

func (s stopped) Error() string { return s.signal.String() }

// status is what a shell sees of a program that a signal has ended.
func (s stopped) status() int { return 128 + int(s.signal) }

// untilSignal returns a context that the first SIGINT or SIGTERM ends; from then on a second one ends the program at once. After release
// a signal does what it does to any program.
func untilSignal() (ctx context.Context, release func()) {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	done := make(chan struct{})
	go func() {
		for again := false; ; again = true {
			select {
			case s := <-signals:
				stop := stopped{s.(syscall.Signal)}
				if again {
					os.Exit(stop.status())
				}
				cancel(stop)
			case <-done:
				return
			}
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(done)
	}
}
