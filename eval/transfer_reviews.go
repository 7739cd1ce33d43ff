package eval

import (
	"archive/zip"
	"bufio"
	"bytes"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"unroll/l2o/linop"
	"unroll/l2o/transfer"
)

// reviews measures the corners on customer reviews of 14 products (M. Hu and B. Liu, "Mining and summarizing customer reviews", KDD 2004;
// X. Ding, B. Liu, P. S. Yu, WSDM 2008): a row is a sentence, a column a word, the response the sum of the sentence's signed strengths.
func (r *TransferResult) reviews(run cellRunner) ([]Section, error) {
	if r.Study.Reviews == "" {
		return []Section{{Title: "Product reviews", Paragraph: []string{"Left out: data=DIR names the folder with the reviews."}}}, nil
	}
	c, err := readReviews(r.Study.Reviews)
	if err != nil {
		return nil, err
	}
	t, err := c.table(run, "reviews", r.Study.Splits, r.Study.Seed)
	if err != nil {
		return nil, err
	}
	_, n := c.sets[0].A.Dims()
	return []Section{{
		Title: "Product reviews",
		Paragraph: []string{fmt.Sprintf("%d products, each in turn the target, %d splits per size; %d words. Errors are mean squared errors on the target's other sentences, "+
			"divided by that of the mean response.", len(c.sets), r.Study.Splits, n)},
		Table: t, CSVName: "reviews.csv",
	}}, nil
}

// sentence is a row before words have columns.
type sentence struct {
	words    []string // distinct
	strength float64
}

const wordSentences = 120 // in how many sentences a word must stand to have a column

var (
	reviewStrength = regexp.MustCompile(`\[([+-])([1-3]?)\]`)
	reviewWord     = regexp.MustCompile(`[a-z']+`)
)

// readReviews reads every text of the folder's zip files, in the order of their names.
func readReviews(dir string) (corpus, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.zip"))
	if err != nil || len(paths) == 0 {
		return corpus{}, fmt.Errorf("eval: %s: no zip files of product reviews", dir)
	}
	c := corpus{sizes: []int{60, 180}, keep: 80}
	var products [][]sentence
	count := map[string]int{}
	for _, p := range paths {
		z, err := zip.OpenReader(p)
		if err != nil {
			return corpus{}, fmt.Errorf("eval: %s: %w", p, err)
		}
		for _, f := range z.File {
			if !strings.HasSuffix(f.Name, ".txt") || strings.Contains(strings.ToLower(f.Name), "readme") {
				continue
			}
			text, err := readZipped(f)
			if err != nil {
				return corpus{}, fmt.Errorf("eval: %s: %s: %w", p, f.Name, err)
			}
			s := parseReviews(text)
			for _, one := range s {
				for _, w := range one.words {
					count[w]++
				}
			}
			products, c.names = append(products, s), append(c.names, f.Name)
		}
		if err := z.Close(); err != nil {
			return corpus{}, fmt.Errorf("eval: %s: %w", p, err)
		}
	}
	maps.DeleteFunc(count, func(_ string, n int) bool { return n < wordSentences })
	for _, s := range products {
		c.sets = append(c.sets, bagOfWords(s, slices.Sorted(maps.Keys(count))))
	}
	if len(c.sets) < 2 || len(count) == 0 {
		return corpus{}, fmt.Errorf("eval: %s: %d products with %d words, want at least two products and a word", dir, len(c.sets), len(count))
	}
	return c, nil
}

// largestText bounds what is read of a zip entry, whatever it says of its size.
const largestText = 16 << 20

func readZipped(f *zip.File) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close() // reading a zip entry has nothing to flush
	return io.ReadAll(io.LimitReader(r, largestText))
}

// parseReviews reads lines of the form feature[+2], feature[-1]##sentence; other lines are titles and remarks.
func parseReviews(text []byte) (all []sentence) {
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, largestText)
	for lines.Scan() {
		tags, words, ok := strings.Cut(lines.Text(), "##")
		if !ok {
			continue
		}
		var s sentence
		for _, m := range reviewStrength.FindAllStringSubmatch(tags, -1) {
			v, err := strconv.ParseFloat(m[1]+m[2], 64)
			if err != nil { // a sign alone
				v, _ = strconv.ParseFloat(m[1]+"1", 64)
			}
			s.strength += v
		}
		s.words = slices.Compact(slices.Sorted(slices.Values(reviewWord.FindAllString(strings.ToLower(words), -1))))
		all = append(all, s)
	}
	return all
}

// bagOfWords has 1 where a word stands in a sentence.
func bagOfWords(all []sentence, words []string) transfer.DataSet {
	a := &linop.ColMajor{M: len(all), N: len(words), Data: make([]float64, len(all)*len(words))}
	y := make([]float64, len(all))
	for i, s := range all {
		y[i] = s.strength
		for _, w := range s.words {
			if j, ok := slices.BinarySearch(words, w); ok {
				a.Data[j*a.M+i] = 1
			}
		}
	}
	return transfer.DataSet{A: a, Y: y}
}
