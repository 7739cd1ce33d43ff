package l2otest_test

import (
	"testing"

	"unroll/l2o/l2otest"
	"unroll/l2o/prox"
)

// Each of these is the penalty it embeds but for one method.
type (
	identityJacobian struct{ prox.L1 }
	doubledJacobian  struct{ prox.SquaredL2 }
	skewJacobian     struct{ prox.L1 }
	nothingFree      struct{ prox.L1 }
	blockForgotten   struct{ prox.Group }
	blockWithoutStep struct{ prox.L1 }
	blockAtZero      struct{ prox.L1 }
	slackOfOne       struct{ prox.L1 }
	slackHalved      struct{ prox.L1 }
	minusZeroBox     struct{ prox.Box }
)

func (identityJacobian) Jacobian(dst, _ []float64, _ float64, t []float64) { copy(dst, t) }

func (g doubledJacobian) Jacobian(dst, _ []float64, _ float64, t []float64) {
	for j, v := range t {
		dst[j] = 2 * v
	}
}

func (g skewJacobian) Jacobian(dst, v []float64, tau float64, t []float64) {
	g.L1.Jacobian(dst, v, tau, t)
	dst[0] += t[len(t)-1] / 1000
}

func (nothingFree) Free(int) []int { return nil }

func (g blockForgotten) Blocks(int) int { return len(g.Groups) - 1 }

func (g blockWithoutStep) ProxBlock(b int, x []float64, _ float64) { g.L1.ProxBlock(b, x, 1) }

func (g blockAtZero) DistanceBlock(b int, w, _ []float64) float64 {
	return g.L1.DistanceBlock(b, w, []float64{0})
}

func (g slackOfOne) Slack(int, []float64) float64 { return g.Lambda }

func (g slackHalved) Slack(b int, w []float64) float64 { return g.L1.Slack(b, w) / 2 }

// Slack of the side that is open.
func (g minusZeroBox) Slack(_ int, w []float64) float64 { return w[0] }

func TestFuncSuiteRefusesWrongBlocks(t *testing.T) {
	l1 := prox.L1{Lambda: 0.7}
	for _, c := range []struct {
		name, reason string
		g            prox.Func
	}{
		{"Jacobian without a kink", "Jacobian: at v", identityJacobian{l1}},
		{"Jacobian too large", "want a number from 0 to", doubledJacobian{prox.SquaredL2{Lambda: 0.7}}},
		{"Jacobian not symmetric", "not symmetric", skewJacobian{l1}},
		{"free coordinates denied", "Free is []", nothingFree{prox.L1{}}},
		{"a block forgotten", "want each once", blockForgotten{prox.Group{Lambda: 1, Groups: [][]int{{0}, {1}}}}},
		{"a block's prox without the step", "ProxBlock", blockWithoutStep{l1}},
		{"a block's distance at 0", "that of all blocks", blockAtZero{l1}},
		{"slack that knows no w", "ends before", slackOfOne{l1}},
		{"slack too small", "goes on", slackHalved{l1}},
		{"slack of the wrong side", "ends before", minusZeroBox{prox.Box{Hi: 1}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			l2otest.Refuses(t, c.reason, func(t l2otest.TB) { l2otest.Func(t, c.g) })
		})
	}
}
