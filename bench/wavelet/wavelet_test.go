package main

import (
	"os"
	"os/exec"
	"testing"

	"unroll/bench/internal/peer"
	"unroll/l2o/linop"
)

// Our coefficients, reconstruction and periodic blur are those of PyWavelets and SciPy, for shapes with and without a margin, and with
// periods shorter than the filters.
func TestPeersAgree(t *testing.T) {
	if _, err := os.Stat(peer.Python); err != nil {
		t.Skip("no peer in Python; apt-get install python3: ", err)
	}
	if err := exec.Command(peer.Python, "-c", "import pywt, scipy").Run(); err != nil {
		t.Skip("no PyWavelets and SciPy; apt-get install "+packages+": ", err)
	}
	for _, c := range []struct {
		shape        linop.Shape
		levels, size int
	}{
		{linop.Shape{C: 3, H: 48, W: 80}, 4, 25}, {linop.Shape{C: 2, H: 16, W: 24}, 3, 16},
	} {
		ours, err := newContest(c.shape, c.levels, c.size)
		if err != nil {
			t.Fatal(err)
		}
		p, err := ours.start(1)
		if err != nil {
			t.Fatal(err)
		}
		if err := ours.agree(p); err != nil {
			t.Errorf("%v: %v", c.shape, err)
		}
		ours.image[0] += 1e-6 // the peer has another image
		if err := ours.agree(p); err == nil {
			t.Errorf("%v: the image of another is accepted", c.shape)
		}
		p.Close()
	}
}
