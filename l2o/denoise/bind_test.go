package denoise_test

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"unroll/checkpoints"
	"unroll/l2o/denoise"
)

// A config is refused by its first field without a meaning.
func TestConfigRefusals(t *testing.T) {
	for field, change := range map[string]func(c *denoise.Config){
		"channels":  func(c *denoise.Config) { c.Channels = 2 },
		"layers":    func(c *denoise.Config) { c.Layers = 0 },
		"filters":   func(c *denoise.Config) { c.Filters = 0 },
		"size":      func(c *denoise.Config) { c.Size = 4 },
		"cap":       func(c *denoise.Config) { c.Cap = 2.5 },
		"precision": func(c *denoise.Config) { c.Precision = "half" },
	} {
		c := small(1.9)
		change(&c)
		e, ok := errors.AsType[*denoise.ConfigError](c.Validate())
		if !ok || e.Field != field || !strings.Contains(e.Error(), "want") {
			t.Errorf("%s: %v", field, e)
		}
		for name, f := range map[string]func(){"Init": func() { c.Init(1) }, "On": func() { c.On(4, 4) }} {
			func() {
				defer func() {
					if recover() == nil {
						t.Errorf("%s with a wrong %s: no panic", name, field)
					}
				}()
				f()
			}()
		}
	}
}

// A checkpoint and a safetensors file give back the weights; in float32 up to rounding.
func TestOpen(t *testing.T) {
	dir := t.TempDir()
	for _, precision := range []string{denoise.Float32, denoise.Float64} {
		c := small(0)
		c.Precision = precision
		params := c.Init(3)
		file, err := checkpoints.EncodeSafetensors(params)
		if err != nil {
			t.Fatal(err)
		}
		tensors, gob := filepath.Join(dir, precision+".safetensors"), filepath.Join(dir, precision+".gob")
		if err := os.WriteFile(tensors, file, 0o666); err != nil {
			t.Fatal(err)
		}
		config := fmt.Sprintf(`{"denoiser":{"channels":3,"layers":3,"filters":4,"size":3,"cap":0,"precision":%q}}`, precision)
		if err := checkpoints.Save(gob, &checkpoints.File{Config: []byte(config), Params: params}); err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{tensors, gob} {
			b, err := denoise.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			want, err := denoise.New(c, params)
			if err != nil {
				t.Fatal(err)
			}
			if b.Config != c || !slices.Equal(b.Weights, want.Weights) {
				t.Errorf("%s: %+v", path, b.Config)
			}
		}
	}
}

// What is no denoiser is one line that names the file, the parameter and what is wrong.
func TestOpenRefusals(t *testing.T) {
	dir := t.TempDir()
	drunet := []checkpoints.Param{{Name: "m_head.weight", Shape: []int{2, 4, 3, 3}, F32: make([]float32, 72)}}
	full := small(1).Init(1)
	nan := small(1).Init(1)
	nan[3].F64[5] = math.NaN()
	for name, c := range map[string]struct {
		params []checkpoints.Param
		want   string
	}{
		"another network": {drunet, "m_head.weight"},
		"nothing":         {nil, "layer000/logtheta"},
		"missing":         {append(slices.Clone(full[:2]), full[3:]...), "is missing, "},
		"one too many":    {append(slices.Clone(full), checkpoints.Param{Name: "zero", F64: []float64{0}}), "zero"},
		"shape":           {append([]checkpoints.Param{{Name: full[0].Name, Shape: []int{8}, F64: full[0].F64}}, full[1:]...), "shape [8]"},
		"precision":       {append([]checkpoints.Param{{Name: full[0].Name, Shape: []int{2, 4}, F32: make([]float32, 8)}}, full[1:]...), "float64"},
		"not finite":      {nan, "layer001"},
	} {
		file, err := checkpoints.EncodeSafetensors(c.params)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, "a.safetensors")
		if err := os.WriteFile(path, file, 0o666); err != nil {
			t.Fatal(err)
		}
		_, err = denoise.Open(path)
		_, typed := errors.AsType[*denoise.ParamError](err)
		if !typed || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), path) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "b.safetensors"), []byte("no"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := denoise.Open(filepath.Join(dir, "b.safetensors")); err == nil || !strings.Contains(err.Error(), "b.safetensors") {
		t.Errorf("no such file: %v", err)
	}
	if _, err := denoise.Open("smoke"); err == nil || !strings.Contains(err.Error(), "no denoiser") {
		t.Errorf("a transformer: %v", err)
	}
	if _, err := denoise.Open(filepath.Join(dir, "c.gob")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("nothing there: %v", err)
	}
}

// Whatever a file holds, Open returns a denoiser that runs, or an error in one line.
func FuzzOpen(f *testing.F) {
	for _, params := range [][]checkpoints.Param{small(1).Init(1), {{Name: "layer000/w", Shape: []int{1, 2, 3, 3}, F64: make([]float64, 18)}}, nil} {
		file, err := checkpoints.EncodeSafetensors(params)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(file)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		path := filepath.Join(t.TempDir(), "a.safetensors")
		if err := os.WriteFile(path, file, 0o666); err != nil {
			t.Fatal(err)
		}
		b, err := denoise.Open(path)
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("several lines: %v", err)
			}
			return
		}
		v := make([]float64, b.Config.Channels*4)
		b.On(2, 2).Apply(v, make([]float64, len(v)), []float64{0.1}, nil)
	})
}
