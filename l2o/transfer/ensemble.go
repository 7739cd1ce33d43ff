package transfer

import (
	"fmt"
	"math"
)

// An Ensemble is a law of K related data sets in the limit of many unknowns N.
//
// The truths r_k share their values on a fraction Common of the coordinates, and each has values of its own on a fraction of its own; the
// fractions are disjoint, all values are N(0, 1). y_k = X_k r_k + noise, with entries of X_k from N(0, 1/N).
type Ensemble struct {
	Common float64 // π₀
	Sets   []Law   // (K), the target first
	Fresh  bool    // stage 2 has target rows that stage 1 did not see, as many again
}

// A Law is that of one data set.
type Law struct {
	Rows  float64 // α_k = m_k/N
	Own   float64 // π_k, the fraction of coordinates on which this truth alone is not 0
	Sigma float64 // standard deviation of the noise
}

// An InputError names a data set or a setting, a field of it, the value and what is allowed.
type InputError struct {
	Where string // "data set 2", "two-stage"; the target is data set 1
	Field string
	Value any
	Want  string
}

func (e *InputError) Error() string {
	return fmt.Sprintf("transfer: %s: %s is %v, want %s", e.Where, e.Field, e.Value, e.Want)
}

// Check returns nil, or an *[InputError]. One data set is an ensemble: that of the Lasso.
func (e Ensemble) Check() error {
	if len(e.Sets) == 0 {
		return &InputError{"ensemble", "Sets", "empty", "at least the target"}
	}
	if !fraction(e.Common) {
		return &InputError{"ensemble", "Common", e.Common, "a fraction from 0 to 1"}
	}
	taken := e.Common
	for k, l := range e.Sets {
		where := fmt.Sprintf("data set %d", k+1)
		switch {
		case !(l.Rows > 0 && finite(l.Rows)):
			return &InputError{where, "Rows", l.Rows, "a finite number > 0"}
		case !fraction(l.Own):
			return &InputError{where, "Own", l.Own, "a fraction from 0 to 1"}
		case !(l.Sigma >= 0 && finite(l.Sigma)):
			return &InputError{where, "Sigma", l.Sigma, "a finite number ≥ 0"}
		}
		taken += l.Own
		if taken > 1+1e-12 {
			return &InputError{where, "Own", l.Own, "fractions that add up to at most 1 with Common and those before"}
		}
	}
	return nil
}

// power returns ρ_k = E r_k².
func (e Ensemble) power(k int) float64 { return e.Common + e.Sets[k].Own }

// A class is a set of coordinates with one law: those that every truth shares, those of one truth alone, those that are 0 in all.
type class struct {
	weight float64 // fraction of the coordinates
	in     func(k int) bool
}

// classes lists the classes that are not empty.
func (e Ensemble) classes() []class {
	rest := 1 - e.Common
	all := []class{{e.Common, func(int) bool { return true }}}
	for k, l := range e.Sets {
		all = append(all, class{l.Own, func(j int) bool { return j == k }})
		rest -= l.Own
	}
	all = append(all, class{max(rest, 0), func(int) bool { return false }})
	var filled []class
	for _, c := range all {
		if c.weight > 0 {
			filled = append(filled, c)
		}
	}
	return filled
}

func fraction(v float64) bool { return v >= 0 && v <= 1 }

// finite is false for NaN, as is every comparison with it, and for ±Inf.
func finite(v float64) bool { return !math.IsNaN(v - v) }
