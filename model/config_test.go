package model_test

import (
	"errors"
	"math"
	"testing"

	"unroll/model"
)

// Validate names the field that is wrong, its value and what is allowed.
func TestValidate(t *testing.T) {
	for _, c := range []struct {
		name         string
		change       func(c *model.Config)
		field, value string
	}{
		{"no dimension", func(c *model.Config) { c.D = 0 }, "d", "0"},
		{"no layers", func(c *model.Config) { c.K = 0 }, "K", "0"},
		{"layers of four digits", func(c *model.Config) { c.K = 1000 }, "K", "1000"},
		{"no heads", func(c *model.Config) { c.Start, c.Heads = model.Random, 0 }, "heads", "0"},
		{"a token too narrow", func(c *model.Config) { c.Start, c.Width = model.Random, c.Fixed()+c.D-1 }, "width", "13"},
		{"no units", func(c *model.Config) { c.Start, c.Hidden = model.Random, 0 }, "hidden", "0"},
		{"unknown embedding", func(c *model.Config) { c.Embedding = "pairs" }, "embedding", "pairs"},
		{"softmax", func(c *model.Config) { c.Attention = "softmax" }, "attention", "softmax"},
		{"unknown precision", func(c *model.Config) { c.Precision = "float16" }, "precision", "float16"},
		{"unknown start", func(c *model.Config) { c.Start = "zeros" }, "init", "zeros"},
		{"negative bound", func(c *model.Config) { c.Saturate = -1 }, "saturate", "-1"},
		{"bound is NaN", func(c *model.Config) { c.Saturate = math.NaN() }, "saturate", "NaN"},
		{"negative threshold", func(c *model.Config) { c.Theta = -0.1 }, "theta", "-0.1"},
		{"threshold is NaN", func(c *model.Config) { c.Theta = math.NaN() }, "theta", "NaN"},
		{"no step", func(c *model.Config) { c.Tau = 0 }, "tau", "0"},
		{"step is NaN", func(c *model.Config) { c.Tau = math.NaN() }, "tau", "NaN"},
		{"construction with too few units", func(c *model.Config) { c.Hidden = 35 }, "hidden", "35"},
		{"construction with one head of ReLU", func(c *model.Config) { c.Attention, c.Heads = model.ReLU, 1 }, "heads", "1"},
		{"interleaved construction with linear scores", func(c *model.Config) { c.Embedding, c.Width = model.Interleaved, 40 }, "attention", "linear"},
		{"interleaved construction with three heads", func(c *model.Config) {
			c.Embedding, c.Attention, c.Width, c.Heads = model.Interleaved, model.ReLU, 40, 3
		}, "heads", "3"},
		{"momentum without slots", func(c *model.Config) { c.Width = c.Fixed() + 2*c.D - 1 }, "width", "19"},
	} {
		config := constructible(model.Paired, model.Linear, true, true)
		c.change(&config)
		bad, ok := errors.AsType[*model.ConfigError](config.Validate())
		if !ok || bad.Field != c.field || bad.Value != c.value || bad.Want == "" {
			t.Errorf("%s: error %v, want one for %s=%s", c.name, config.Validate(), c.field, c.value)
		}
	}
}

// What is allowed up to its edge.
func TestValidateAccepts(t *testing.T) {
	each(t, func(t *testing.T, c model.Config) {
		c.Saturate, c.Theta, c.K = 0, 0, 999
		c.Width = c.Fixed() + c.D
		c.Hidden, c.Heads = 4*c.D, 4
		if c.Momentum {
			c.Width, c.Hidden = c.Width+c.D, 6*c.D
		}
		if err := c.Validate(); err != nil {
			t.Error(err)
		}
		c.Start, c.Width, c.Hidden, c.Heads = model.Random, c.Fixed()+c.D, 1, 1
		if err := c.Validate(); err != nil {
			t.Error(err)
		}
	})
}
