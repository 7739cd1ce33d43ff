// Package data holds distributions of problem instances. A distribution is a plain struct; drawing from it is a pure function of
// (seed, split, index), so that any prompt of any run can be made again, alone, in any order, on any number of workers.
package data

import (
	"fmt"
	"slices"
	"strings"
)

// SparseRecovery is the distribution of in-context sparse-recovery prompts of Liu, Zhou, Shen and Yang (2024), with the setting of Garg et
// al. (2022) as its default law: an S-sparse β* ∈ R^d, N demonstration rows x_i, labels y_i = ⟨x_i, β*⟩ + σ·ε_i, and a query row x_{N+1}.
type SparseRecovery struct {
	D       int     `yaml:"d" json:"d" help:"signal dimension"`
	S       int     `yaml:"S" json:"S" help:"nonzeros of the signal"`
	N       int     `yaml:"N" json:"N" help:"demonstration pairs of a prompt"`
	Sigma   float64 `yaml:"sigma" json:"sigma" help:"standard deviation of the noise in y"`
	Values  string  `yaml:"values" json:"values" help:"law of the nonzeros: gaussian (N(0,1)) or sign (±1)"`
	Design  string  `yaml:"design" json:"design" help:"law of the rows: gaussian, ar, coherent or orthonormal"`
	Rho     float64 `yaml:"rho" json:"rho" help:"correlation in [0,1) of the designs ar and coherent"`
	FixedX  bool    `yaml:"fixed_x" json:"fixed_x" help:"one matrix for every prompt, drawn from the seed"`
	Support int     `yaml:"support" json:"support" help:"nonzeros fall among the first so many coordinates; 0: all d"`
}

// The laws of the nonzeros.
const (
	Gaussian = "gaussian" // N(0, 1); also the design of i.i.d. N(0, 1) entries
	Sign     = "sign"     // ±1 with equal probability
)

// The further laws of the rows. Every law has E x_ij² = 1, so that λ, σ and steps keep their meaning across them.
const (
	AR          = "ar"          // x_i ~ N(0, Σ), Σ_jk = ρ^|j−k|
	Coherent    = "coherent"    // x_i ~ N(0, (1−ρ)I + ρ11ᵀ): every pair of columns is correlated
	Orthonormal = "orthonormal" // N ≤ d orthogonal rows of length √d, uniformly distributed
)

var (
	valueLaws  = []string{Gaussian, Sign}
	designLaws = []string{Gaussian, AR, Coherent, Orthonormal}
)

// A FieldError names the field of a distribution that has no meaning, its value and what is allowed.
type FieldError struct {
	Field, Value, Want string
}

func (e *FieldError) Error() string {
	return fmt.Sprintf("%s=%s: want %s", e.Field, e.Value, e.Want)
}

// Validate returns a *FieldError for the first field that has no meaning, nil when the distribution can be drawn from.
func (d SparseRecovery) Validate() error {
	places := d.D
	if d.Support != 0 {
		places = d.Support
	}
	for _, c := range []struct {
		ok          bool
		field       string
		value, want any
	}{
		{d.D >= 1, "d", d.D, "at least 1"},
		{d.N >= 1, "N", d.N, "at least 1"},
		{d.Support >= 0 && d.Support <= d.D, "support", d.Support, fmt.Sprintf("0 (all) to d=%d", d.D)},
		{d.S >= 1 && d.S <= places, "S", d.S, fmt.Sprintf("1 to %d, the coordinates it may fall on", places)},
		{d.Sigma >= 0 && d.Sigma <= maxSigma, "sigma", d.Sigma, fmt.Sprintf("0 to %g", maxSigma)},
		{slices.Contains(valueLaws, d.Values), "values", d.Values, strings.Join(valueLaws, " or ")},
		{slices.Contains(designLaws, d.Design), "design", d.Design, strings.Join(designLaws, ", ")},
		{d.Rho >= 0 && d.Rho < 1, "rho", d.Rho, "0 ≤ rho < 1"},
		{d.Design != Orthonormal || d.N <= d.D, "N", d.N, fmt.Sprintf("at most d=%d for orthonormal rows", d.D)},
	} {
		if !c.ok {
			return &FieldError{c.field, fmt.Sprint(c.value), fmt.Sprint(c.want)}
		}
	}
	return nil
}

// maxSigma bounds the noise: beyond it no signal of unit size can be seen, and squares stay far from overflow.
const maxSigma = 1e6
