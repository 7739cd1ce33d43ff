package eval

import (
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// withLosses adds what a training run hands in: a long table with its figure, and text that must be escaped.
func withLosses(r *DecayResult) *DecayResult {
	s := Section{
		Title: "Training", Paragraph: []string{"‖W−W₀‖ < 1 & more"}, CSVName: "losses.csv",
		Table:  Table{Header: []string{"step", "a|b"}},
		Figure: &Figure{Name: "losses", XTitle: "step", YTitle: "loss", Caption: "Loss.", LogY: true, Lines: []Line{{Name: "training"}}},
	}
	for i := range 200 {
		loss := 1 / float64(i+1)
		s.Table.Rows = append(s.Table.Rows, []string{strconv.Itoa(i), strconv.FormatFloat(loss, 'g', 5, 64)})
		s.Figure.Lines[0].X = append(s.Figure.Lines[0].X, float64(i))
		s.Figure.Lines[0].Y = append(s.Figure.Lines[0].Y, loss)
	}
	r.Sections = []Section{s}
	return r
}

func written(t *testing.T) (dir string, r *DecayResult) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "deep", "report")
	r = withLosses(smallResult(t))
	if err := r.Write(dir); err != nil {
		t.Fatal(err)
	}
	return dir, r
}

func read(t *testing.T, dir, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestReportFolder(t *testing.T) {
	dir, _ := written(t)
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	want := []string{"curves.csv", "decay.png", "decay.svg", "differences.csv", "last_layer.csv", "losses.csv", "losses.png", "losses.svg",
		"rates.csv", "report.html", "report.md", "setting.csv", "weights.csv"}
	if !slices.Equal(names, want) {
		t.Errorf("the folder holds %v, want %v", names, want)
	}
	for _, name := range want {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode().Perm() != 0o644 {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
		text := read(t, dir, name)
		switch filepath.Ext(name) {
		case ".png":
			if _, err := png.Decode(strings.NewReader(text)); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		case ".svg":
			wellFormed(t, name, text)
		case ".csv":
			if _, err := csv.NewReader(strings.NewReader(text)).ReadAll(); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// A second report over the first replaces it by the same bytes.
func TestReportIsReproducible(t *testing.T) {
	dir, r := written(t)
	entries, _ := os.ReadDir(dir)
	var before []string
	for _, e := range entries {
		before = append(before, read(t, dir, e.Name()))
	}
	if err := r.Write(dir); err != nil {
		t.Fatal(err)
	}
	for i, e := range entries {
		if read(t, dir, e.Name()) != before[i] {
			t.Errorf("%s changed", e.Name())
		}
	}
}

func TestCurvesCSV(t *testing.T) {
	dir, r := written(t)
	rows, err := csv.NewReader(strings.NewReader(read(t, dir, "curves.csv"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(rows[0], ","); got != "method,layer,mse_mean,mse_lo,mse_hi,mse_median,mse_q99,nmse_db" {
		t.Errorf("columns %s", got)
	}
	if len(rows) != 1+5*6 {
		t.Fatalf("%d rows, want five methods × layers 0 to 5 below the header", len(rows))
	}
	for i, row := range rows[1:] {
		c, k := r.Curves[i/6], i%6
		if row[0] != c.Method || row[1] != strconv.Itoa(k) {
			t.Errorf("row %d is %s at layer %s", i, row[0], row[1])
		}
		s := c.Layers[k]
		for j, v := range []float64{s.Mean, s.MeanCI.Lo, s.MeanCI.Hi, s.Median, s.Q99, s.NMSE} {
			got, err := strconv.ParseFloat(row[2+j], 64)
			if err != nil || got < v-1e-9*max(v, -v) || got > v+1e-9*max(v, -v) {
				t.Errorf("row %d, column %s: %s, want %v", i, rows[0][2+j], row[2+j], v)
			}
		}
	}
}

// The page opens from any folder without a network, and both reports say what was found.
func TestReportText(t *testing.T) {
	dir, r := written(t)
	html, md := read(t, dir, "report.html"), read(t, dir, "report.md")
	if loads := regexp.MustCompile(`(?i)<script|<link|<img|\bsrc=|@import|url\(|\bon\w+=`).FindString(html); loads != "" {
		t.Errorf("the page loads or runs something: %s", loads)
	}
	if strings.Count(html, "<svg") != 2 || strings.Contains(html, "<?xml") {
		t.Error("the page does not hold its two figures inline")
	}
	if !strings.Contains(md, "](decay.png)") || !strings.Contains(md, "](losses.png)") {
		t.Error("report.md does not show its figures")
	}
	if !strings.Contains(html, "‖W−W₀‖ &lt; 1 &amp; more") || !strings.Contains(md, `| step | a\|b |`) {
		t.Error("text of the caller is not escaped")
	}
	tuned := "λ = " + r.Tunings[1].Weights[5].String() + " for FISTA"
	for _, say := range []string{r.Hash, r.Differences[2].String(), r.Curves[0].Rate.String(), tuned, "| 8, 2, 6 |"} {
		if !strings.Contains(md, say) {
			t.Errorf("report.md does not say %q", say)
		}
	}
	if rows := strings.Count(md, "\n| "); rows > 60 {
		t.Errorf("the long table is printed in full")
	}
	var out bytes.Buffer
	if err := r.WriteTable(&out); err != nil {
		t.Fatal(err)
	}
	for _, say := range []string{r.Hash, "NMSE (dB) at layer", r.Differences[0].String(), r.Curves[3].Rate.String(), "> 10 × mean"} {
		if !strings.Contains(out.String(), say) {
			t.Errorf("the terminal table does not say %q:\n%s", say, out.String())
		}
	}
	t.Log("\n" + out.String())
}

func wellFormed(t *testing.T, name, text string) {
	d := xml.NewDecoder(strings.NewReader(text))
	for {
		if _, err := d.Token(); err == io.EOF {
			return
		} else if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
	}
}

// An error names the file, and what was there before stays whole.
func TestUnwritableReport(t *testing.T) {
	r := smallResult(t)
	dir := t.TempDir()
	occupied := filepath.Join(dir, "occupied")
	if err := os.WriteFile(occupied, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := r.Write(occupied); err == nil || !strings.Contains(err.Error(), occupied) {
		t.Errorf("a folder that is a file: %v", err)
	}
	blocked := filepath.Join(dir, "curves.csv")
	if err := os.Mkdir(blocked, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := r.Write(dir); err == nil || !strings.Contains(err.Error(), blocked) {
		t.Errorf("a file that is a folder: %v", err)
	}
	left, err := filepath.Glob(filepath.Join(dir, ".*"))
	if err != nil || len(left) != 0 {
		t.Errorf("temporary files stay: %v, %v", left, err)
	}
}
