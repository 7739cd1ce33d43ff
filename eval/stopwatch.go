package eval

import "time"

// seconds returns the time that work takes, the shortest of three. It is the one number of a report that two runs do not share.
func seconds(work func()) float64 {
	best := 0.0
	for i := range 3 {
		start := time.Now()
		work()
		if s := time.Since(start).Seconds(); i == 0 || s < best {
			best = s
		}
	}
	return best
}
