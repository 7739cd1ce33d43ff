package eval

import (
	"fmt"
	"io"
	"strings"
)

// WriteTable prints the result for a terminal.
func (r *DecayResult) WriteTable(w io.Writer) error {
	d := r.Study.Data
	last := r.lastSection().Table
	last.Header = []string{fmt.Sprintf("layer %d", r.Study.K), "mean", "95 % interval", "median", "q99", "> 10 × mean"}
	var b strings.Builder
	fmt.Fprintf(&b, "d=%d S=%d N=%d σ=%g K=%d, %s design; %d test prompts %s, seed %d\n",
		d.D, d.S, d.N, d.Sigma, r.Study.K, d.Design, r.Study.Prompts, r.Hash, r.Study.Seed)
	for _, t := range []Table{r.decibels(), last, r.rateSection().Table} {
		fmt.Fprintf(&b, "\n%v", t)
	}
	b.WriteString("\n")
	for _, d := range r.Differences {
		fmt.Fprintln(&b, d)
	}
	fmt.Fprintf(&b, "At depth %d, %s; converged Lasso at λ = %g, %d of %d certificates open.\n",
		r.Study.K, r.chosen(), r.Lasso.Lambda, r.Lasso.Unconverged, r.Study.Prompts)
	_, err := io.WriteString(w, b.String())
	return err
}
