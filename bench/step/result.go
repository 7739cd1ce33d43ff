package main

import (
	"fmt"

	"unroll/bench/internal/peer"
	"unroll/bench/internal/trainer"
	"unroll/model/graph"
)

// A result is what one cell came to.
type result struct {
	task
	by                        hello
	ours, peer, plain, single peer.Times // plain in the headline alone, single worker on more threads than one alone
	peak                      float64    // operations a second, all threads
	allocs, kB                float64    // a step
	memory, peerMemory        float64    // bytes
}

func measure(t task, threads, rounds int) (r result, err error) {
	r.task = t
	forget()
	ours, err := newTrainer(t, threads, graph.Transformer.Graph)
	if err != nil {
		return r, err
	}
	defer ours.Close()
	losses := make([]float64, compared)
	for i := range losses {
		losses[i] = ours.Step()
	}
	r.allocs, r.kB = allocated(ours)
	r.memory = resident()

	p, by, err := t.start(threads)
	if err != nil {
		return r, err
	}
	defer p.Close()
	r.by = by
	var theirs []float64
	if err := p.Ask(&theirs, "losses", compared); err != nil {
		return r, err
	}
	if err := t.sameLosses(losses, theirs); err != nil {
		return r, err
	}
	if err := r.race(ours, p, threads, rounds); err != nil {
		return r, err
	}
	return r, p.Ask(&r.peerMemory, "resident")
}

// race times a step of all contenders in turn.
func (r *result) race(ours *trainer.Trainer, p *peer.Process, threads, rounds int) error {
	flops := 0.0
	contenders := []peer.Contender{ours.Contender(threads), p.Contender("step"), peer.Ours(1, func() { flops = peer.Peak() })}
	into := []*peer.Times{&r.ours, &r.peer, new(peer.Times)}
	for _, also := range []struct {
		wanted  bool
		workers int
		build   build
		times   *peer.Times
	}{{threads > 1, 1, graph.Transformer.Graph, &r.single}, {r.cell == headline, threads, graph.Transformer.Plain, &r.plain}} {
		if !also.wanted {
			continue
		}
		tr, err := newTrainer(r.task, also.workers, also.build)
		if err != nil {
			return err
		}
		defer tr.Close()
		contenders, into = append(contenders, tr.Contender(threads)), append(into, also.times)
	}
	times, err := peer.Interleave(rounds, 100e-3, contenders...)
	if err != nil {
		return err
	}
	for i, t := range times {
		*into[i] = t
	}
	r.peak = flops / into[2].Min() * float64(threads)
	return nil
}

const columns = "%-26s %4v %3v %7v | %7s %7s %5s %6s %5s %5s | %7s %7s %5s %5s | %s\n"

// print writes the table's line.
func (r *result) print() {
	ms := func(s float64) string { return fmt.Sprintf("%.2f", 1e3*s) }
	whole := func(v float64) string { return fmt.Sprintf("%.0f", v) }
	share := func(flops float64, t peer.Times) string { return fmt.Sprintf("%.0f%%", 100*flops/t.Median()/r.peak) }
	fmt.Printf(columns, r.cell, r.by.Tokens, r.by.Width, r.by.Parameters,
		ms(r.ours.Min()), ms(r.ours.Median()), share(r.needed(), r.ours), whole(r.allocs), whole(r.kB), whole(r.memory/1e6),
		ms(r.peer.Min()), ms(r.peer.Median()), share(r.direct(), r.peer), whole(r.peerMemory/1e6),
		fmt.Sprintf("%.2f", r.peer.Median()/r.ours.Median()))
}

// report adds the cell's ratios.
func (r *result) report(ratios *peer.Ratios) {
	ratios.Add(fmt.Sprintf("pytorch_over_ours_%v", r.cell), r.peer.Median()/r.ours.Median())
	if r.single != nil {
		ratios.Add(fmt.Sprintf("one_worker_over_ours_%v", r.cell), r.single.Median()/r.ours.Median())
	}
	if r.plain != nil {
		ratios.Add("plain_over_fused", r.plain.Median()/r.ours.Median())
		ratios.Add("ours_over_peak", r.needed()/r.ours.Median()/r.peak)
		ratios.Add("pytorch_memory_over_ours", r.peerMemory/r.memory)
	}
}
