package train

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
)

// A Number is a float64 that JSON can hold whatever it is: NaN, +Inf and -Inf are texts of these names, which strconv and Python's float
// both read.
type Number float64

// MarshalJSON implements json.Marshaler.
func (n Number) MarshalJSON() ([]byte, error) {
	if !finite(float64(n)) {
		return json.Marshal(fmt.Sprint(float64(n)))
	}
	return json.Marshal(float64(n))
}

// UnmarshalJSON implements json.Unmarshaler.
func (n *Number) UnmarshalJSON(b []byte) error {
	var text string
	if json.Unmarshal(b, &text) != nil {
		return json.Unmarshal(b, (*float64)(n))
	}
	v, err := strconv.ParseFloat(text, 64)
	*n = Number(v)
	return err
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
