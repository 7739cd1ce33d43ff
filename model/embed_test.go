package model_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"unroll/model"
)

// The tokens of two pairs with d=2, by hand; D is one slot wider than the embedding.
func TestEmbed(t *testing.T) {
	x, y, query := []float64{1, 2, 3, 4}, []float64{5, 6}, []float64{7, 8}
	for embedding, tokens := range map[string][]float64{
		model.Paired: {
			// x  y  1  β     free
			1, 2, 5, 1, 0, 0, 0,
			3, 4, 6, 1, 0, 0, 0,
			7, 8, 0, 1, 0, 0, 0,
		},
		model.Interleaved: {
			// x  y  1  t  β     free
			1, 2, 0, 1, 0, 0, 0, 0,
			1, 2, 5, 1, 1, 0, 0, 0,
			3, 4, 0, 1, 0, 0, 0, 0,
			3, 4, 6, 1, 1, 0, 0, 0,
			7, 8, 0, 1, 0, 0, 0, 0,
		},
	} {
		c := model.Config{D: 2, Embedding: embedding}
		c.Width = c.Fixed() + 3
		got := slices.Repeat([]float64{9}, len(tokens))
		model.Embed(c, got, x, y, query)
		if !slices.Equal(got, tokens) {
			t.Errorf("%s: tokens %v, want %v", embedding, got, tokens)
		}
		model.Embed(c, got, x, y, nil)
		if last := len(tokens) - c.Width; !slices.Equal(got[:last], tokens[:last]) || !slices.Equal(got[last:last+3], []float64{0, 0, 0}) {
			t.Errorf("%s: tokens without a query %v", embedding, got)
		}
	}
}

// A normalised prompt: X = diag(3, −4) has norm 4, by which x, y and the query are divided, and no other slot. X = 0 stays.
func TestEmbedNormalises(t *testing.T) {
	c := model.Config{D: 2, Width: 6, Embedding: model.Paired, Normalise: true}
	got := make([]float64, 18)
	model.Embed(c, got, []float64{3, 0, 0, -4}, []float64{2, 1}, []float64{8, 4})
	want := []float64{0.75, 0, 0.5, 1, 0, 0, 0, -1, 0.25, 1, 0, 0, 2, 1, 0, 1, 0, 0}
	if off := distance(got, want); off > 1e-12 {
		t.Errorf("tokens %v, want %v", got, want)
	}
	model.Embed(c, got, make([]float64, 4), []float64{2, 1}, nil)
	if want := []float64{0, 0, 2, 1, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 1, 0, 0}; !slices.Equal(got, want) {
		t.Errorf("tokens for X = 0: %v, want %v", got, want)
	}
}

func TestMask(t *testing.T) {
	for _, c := range []struct {
		config model.Config
		n      int
		want   []float64
	}{
		{model.Config{Embedding: model.Paired}, 2, []float64{.5, .5, 0, .5, .5, 0, .5, .5, 0}},
		{model.Config{Embedding: model.Paired, Normalise: true}, 2, []float64{1, 1, 0, 1, 1, 0, 1, 1, 0}},
		{model.Config{Embedding: model.Interleaved}, 1, []float64{1, 0, 0, .5, .5, 0, 1. / 3, 1. / 3, 1. / 3}},
		{model.Config{Embedding: model.Interleaved, Normalise: true}, 0, []float64{1}},
		{model.Config{Embedding: model.Paired}, 0, []float64{0}},
	} {
		got := slices.Repeat([]float64{9}, len(c.want))
		if model.Mask(c.config, got, c.n); !slices.Equal(got, c.want) {
			t.Errorf("%s, %d pairs: mask %v, want %v", c.config.Embedding, c.n, got, c.want)
		}
	}
}

// Slices that do not fit are a programmer's mistake.
func TestWrongLengthsPanic(t *testing.T) {
	c := model.Config{D: 2, Width: 7, Embedding: model.Paired}
	for name, call := range map[string]func(){
		"X": func() { model.Embed(c, make([]float64, 21), make([]float64, 3), make([]float64, 2), nil) },
		"query": func() {
			model.Embed(c, make([]float64, 21), make([]float64, 4), make([]float64, 2), make([]float64, 1))
		},
		"tokens": func() { model.Embed(c, make([]float64, 20), make([]float64, 4), make([]float64, 2), nil) },
		"mask":   func() { model.Mask(c, make([]float64, 8), 2) },
	} {
		if message := panics(call); len(message) < 7 || message[:7] != "model: " {
			t.Errorf("%s: panic %q", name, message)
		}
	}
}

func panics(call func()) (message string) {
	defer func() {
		if r := recover(); r != nil {
			message = fmt.Sprint(r)
		}
	}()
	call()
	return ""
}

// distance is ‖a−b‖∞; NaN or +Inf where they cannot be compared.
func distance(a, b []float64) float64 {
	if len(a) != len(b) {
		return math.Inf(1)
	}
	worst := 0.0
	for i, v := range a {
		worst = max(worst, v-b[i], b[i]-v)
	}
	return worst
}
