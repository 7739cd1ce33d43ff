package l2otest_test

import (
	"strings"
	"testing"

	"unroll/l2o/l2otest"
)

// sink is a TB that counts.
type sink struct {
	failures int
	text     string
}

func (*sink) Helper() {}

func (s *sink) Errorf(format string, args ...any) { s.failures++; s.text = format }

func TestRefusesIsNotSatisfiedByWhatPasses(t *testing.T) {
	var quiet, other, right sink
	l2otest.Refuses(&quiet, "reason", func(l2otest.TB) {})
	l2otest.Refuses(&other, "reason", func(t l2otest.TB) { t.Errorf("something else") })
	l2otest.Refuses(&right, "reason", func(t l2otest.TB) { t.Errorf("one"); t.Errorf("the %s is this", "reason") })
	if quiet.failures != 1 || other.failures != 1 || right.failures != 0 {
		t.Errorf("failures %d, %d, %d, want 1, 1, 0", quiet.failures, other.failures, right.failures)
	}
	if !strings.Contains(quiet.text, "l2otest") {
		t.Errorf("message %q does not say where it comes from", quiet.text)
	}
}
