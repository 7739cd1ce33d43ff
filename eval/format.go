package eval

import (
	"fmt"
	"math"
	"strings"
)

// digits prints a squared error with three significant digits.
func digits(v float64) string { return strings.TrimSuffix(fmt.Sprintf("%#.3g", v), ".") }

// decimals prints decibels with two decimals, and never a negative zero.
func decimals(v float64) string {
	if math.Abs(v) < 0.005 {
		v = 0
	}
	return fmt.Sprintf("%.2f", v)
}

func bracket(i Interval, format func(float64) string) string {
	return "[" + format(i.Lo) + ", " + format(i.Hi) + "]"
}

// significant prints six digits.
func significant(v float64) string { return fmt.Sprintf("%.6g", v) }

// percent prints a share with two digits, all of them before the point, and as 0 what is below a thousandth of a percent.
func percent(v float64) string {
	if math.Abs(v) < 1e-5 {
		v = 0
	}
	if math.Abs(v) >= 0.995 {
		return fmt.Sprintf("%.0f %%", 100*v)
	}
	return fmt.Sprintf("%.2g %%", 100*v)
}
