package peer

import (
	"errors"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// Every contender runs once in every round, in turn, after its calls were counted so that a round lasts as long as asked.
func TestInterleave(t *testing.T) {
	var order []string
	contender := func(name string, perCall float64) Contender {
		return func(count int) (float64, error) {
			if s := perCall * float64(count); s >= 1 {
				order = append(order, name)
			}
			return perCall * float64(count), nil
		}
	}
	times, err := Interleave(3, 1, contender("fast", 1e-4), contender("slow", 2))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Join(order, " "), "fast slow fast slow fast slow fast slow"; got != want {
		t.Errorf("the order was %s, want %s", got, want)
	}
	for i, perCall := range []float64{1e-4, 2} {
		if m := times[i].Median(); m < perCall*(1-1e-9) || m > perCall*(1+1e-9) {
			t.Errorf("contender %d: %g s a call, want %g", i, m, perCall)
		}
	}
	took, i := []float64{5, 9, 4, 7}, 0
	times, err = Interleave(3, 1, func(int) (float64, error) { i++; return took[i-1], nil })
	if err != nil || !slices.Equal(times[0], Times{4, 7, 9}) {
		t.Errorf("rounds of 9, 4 and 7 s after a warm one came out as %v, %v", times, err)
	}
	failed := errors.New("failed")
	if _, err := Interleave(1, 1, func(int) (float64, error) { return 0, failed }); err != failed {
		t.Errorf("error %v, want the contender's", err)
	}
}

func TestTimes(t *testing.T) {
	for _, c := range []struct {
		times       Times
		min, median float64
	}{{Times{1}, 1, 1}, {Times{1, 4}, 1, 1}, {Times{1, 4, 9}, 1, 4}, {Times{1, 2, 3, 9}, 1, 2}} {
		if c.times.Min() != c.min || c.times.Median() != c.median {
			t.Errorf("%v: minimum %g, median %g", c.times, c.times.Min(), c.times.Median())
		}
	}
}

// A script that cannot start is one line that names the packages; one that fails later says what it said last.
func TestMissingPeer(t *testing.T) {
	if _, err := os.Stat(Python); err != nil {
		t.Skip("no peer in Python; apt-get install python3: ", err)
	}
	var hello struct{ T int }
	_, err := Start("import absent_module\n", "python3-absent", 1, &hello)
	if err == nil || !strings.Contains(err.Error(), "No module named 'absent_module'") || !strings.Contains(err.Error(), "apt-get install python3-absent") ||
		strings.Contains(err.Error(), "\n") {
		t.Errorf("error %q", err)
	}
	p, err := Start(`serve({"T": 3}, {"double": lambda n: [int(n), 2 * int(n)], "sleep": timed(lambda: None)})`, "", 1, &hello)
	if err != nil {
		t.Fatal(err)
	}
	var pair []int
	if err := p.Ask(&pair, "double", 4); err != nil || !slices.Equal(pair, []int{4, 8}) || hello.T != 3 {
		t.Errorf("double 4: %v, %v after %+v", pair, err, hello)
	}
	if s, err := p.Contender("sleep")(10); err != nil || s < 0 || s > 1 {
		t.Errorf("10 calls of nothing: %g s, %v", s, err)
	}
	if err := p.Ask(&pair, "absent"); err == nil || !strings.Contains(err.Error(), "KeyError: 'absent'") {
		t.Errorf("an absent task: %v", err)
	}
}

// The same in R, whose last words are the reason.
func TestR(t *testing.T) {
	if _, err := exec.LookPath("Rscript"); err != nil {
		t.Skip("no peer in R; apt-get install r-base-core: ", err)
	}
	var hello struct{ T int }
	_, err := StartR("library(absent.package)\n", "r-cran-absent", 1, &hello)
	if err == nil || !strings.Contains(err.Error(), "there is no package called ‘absent.package’") || !strings.HasSuffix(err.Error(), "apt-get install r-cran-absent") ||
		strings.Contains(err.Error(), "\n") {
		t.Errorf("error %q", err)
	}
	p, err := StartR(`arguments <- commandArgs(TRUE)
serve("{\"T\": 3}", list(double = function(n) 2 * as.numeric(n) + as.numeric(arguments[1]), sleep = timed(function() NULL)))`, "", 1, &hello, 0.25)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	var twice float64
	if err := p.Ask(&twice, "double", 4); err != nil || twice != 8.25 || hello.T != 3 {
		t.Errorf("double 4: %v, %v after %+v", twice, err, hello)
	}
	if s, err := p.Contender("sleep")(10); err != nil || s < 0 || s > 1 {
		t.Errorf("10 calls of nothing: %g s, %v", s, err)
	}
}

// The peak is a rate that one thread of a processor can have.
func TestPeak(t *testing.T) {
	flops := 0.0
	times, err := Interleave(3, 1e-3, Ours(1, func() { flops = Peak() }))
	if err != nil {
		t.Fatal(err)
	}
	if rate := flops / times[0].Min() / 1e9; rate < 0.01 || rate > 2000 {
		t.Errorf("%g GFLOP/s", rate)
	}
}
