package dln

import (
	"fmt"
	"math"

	"unroll/l2o/linop"
)

// An InputError names an argument that is not allowed, its value and what is allowed.
type InputError struct {
	Arg   string
	Value any
	Want  string
}

func (e *InputError) Error() string {
	return fmt.Sprintf("dln: %s is %v, want %s", e.Arg, e.Value, e.Want)
}

// An AmbiguityError says that rounding, and not the data, decides what happens at a jump: two dual coordinates reach the boundary within
// 1e-9 of each other's time, as duplicated columns do, or a column that has to enter lies in the span of the active ones.
type AmbiguityError struct {
	Step        int   // the jump, 1 for the first; 0 for the refit of a warm start
	Coordinates []int // columns of X, the first is 0
	Singular    bool  // the last of them depends on the others; otherwise they tie
}

func (e *AmbiguityError) Error() string {
	if e.Singular {
		return fmt.Sprintf("dln: jump %d: columns %v of X are linearly dependent, want columns in general position", e.Step, e.Coordinates)
	}
	return fmt.Sprintf("dln: jump %d: coordinates %v reach the boundary together, want one at a time", e.Step, e.Coordinates)
}

// checkData returns an *InputError for data without a loss: no rows or columns, lengths that do not fit, values that are not finite or
// whose products are not.
func checkData(X linop.Columns, y []float64) error {
	if X == nil {
		return &InputError{"X", nil, "a matrix"}
	}
	n, d := X.Dims()
	if n < 1 || d < 1 {
		return &InputError{"X", fmt.Sprintf("%d×%d", n, d), "at least one row and one column"}
	}
	if len(y) != n {
		return &InputError{"y", fmt.Sprintf("of length %d", len(y)), fmt.Sprintf("length %d, the rows of X", n)}
	}
	for i, v := range y {
		if !finite(v) {
			return &InputError{fmt.Sprintf("y[%d]", i), v, "a finite number"}
		}
	}
	column := make([]float64, n)
	for j := range d {
		X.Column(column, j)
		for i, v := range column {
			if !finite(v) {
				return &InputError{fmt.Sprintf("X[%d,%d]", i, j), v, "a finite number"}
			}
		}
		if v := dot(column, column); !finite(v) || (v == 0) != zero(column) {
			return &InputError{fmt.Sprintf("column %d of X", j), fmt.Sprintf("of squared norm %g", v), "numbers whose squares neither overflow nor vanish"}
		}
	}
	if v := dot(y, y); !finite(v) || (v == 0) != zero(y) {
		return &InputError{"y", fmt.Sprintf("of squared norm %g", v), "numbers whose squares neither overflow nor vanish"}
	}
	return nil
}

// checkStart returns an *InputError for a starting point of the wrong length or with values that are not finite; nil stands for 0.
func checkStart(start []float64, d int) error {
	if start != nil && len(start) != d {
		return &InputError{"start", fmt.Sprintf("of length %d", len(start)), fmt.Sprintf("length %d, the columns of X", d)}
	}
	for i, v := range start {
		if !finite(v) {
			return &InputError{fmt.Sprintf("start[%d]", i), v, "a finite number"}
		}
	}
	return nil
}

func checkAlpha(alpha float64) error {
	if !(alpha > 0 && alpha < 1) {
		return &InputError{"alpha", alpha, "a number between 0 and 1, both excluded"}
	}
	return nil
}

func zero(v []float64) bool {
	for _, t := range v {
		if t != 0 {
			return false
		}
	}
	return true
}

// finite is false for NaN and ±Inf.
func finite(v float64) bool { return !math.IsNaN(v - v) }
