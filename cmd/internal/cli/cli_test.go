package cli

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

type prompts struct {
	D     int     `yaml:"d" help:"signal dimension"`
	Sigma float64 `yaml:"sigma" help:"noise"`
}

type settings struct {
	prompts
	Steps   int    `yaml:"steps" help:"updates"`
	Seed    uint64 `yaml:"seed,omitempty"`
	Small   int8   `yaml:"small"`
	Values  string `yaml:"values"`
	Network struct {
		K      int  `yaml:"K" help:"layers"`
		Shared bool `yaml:"shared"`
	}
	Derived int `yaml:"-"`
}

func TestParse(t *testing.T) {
	for _, c := range []struct {
		args, positional string
		assignments      []string
		out              string
		fresh            bool
	}{
		{"", "", nil, "runs", false},
		{"icl", "icl", nil, "runs", false},
		{"-out a icl d=8 K=3", "icl", []string{"d=8", "K=3"}, "a", false},
		{"d=8 -fresh icl K=3 -out=a", "icl", []string{"d=8", "K=3"}, "a", true},
		{"icl d=8 -fresh -- K=3 --out a", "icl", []string{"d=8", "K=3"}, "a", true},
		{"out=x=y -fresh=false", "", []string{"out=x=y"}, "runs", false},
	} {
		flags := flag.NewFlagSet("train", flag.PanicOnError)
		out, fresh := flags.String("out", "runs", ""), flags.Bool("fresh", false, "")
		positional, assignments, err := Parse(flags, strings.Fields(c.args))
		if err != nil || positional != c.positional || !slices.Equal(assignments, c.assignments) || *out != c.out || *fresh != c.fresh {
			t.Errorf("%q: %q %q out=%s fresh=%v, error %v", c.args, positional, assignments, *out, *fresh, err)
		}
	}
	for args, want := range map[string]string{
		"icl smoke":     `argument "smoke" after "icl"`,
		"icl -otu a":    "flag provided but not defined: -otu; flags: -fresh, -out",
		"icl -out":      "flag needs an argument: -out",
		"-fresh=x icl":  `invalid boolean value "x" for -fresh`,
		"d=8 icl -fr d": "-fr",
	} {
		flags := flag.NewFlagSet("train", flag.PanicOnError)
		flags.String("out", "", "")
		flags.Bool("fresh", false, "")
		_, _, err := Parse(flags, strings.Fields(args))
		wantUsage(t, err, want)
	}
}

func wantUsage(t *testing.T, err error, want string) {
	t.Helper()
	if _, ok := errors.AsType[*UsageError](err); !ok || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
		t.Errorf("error %v, want a UsageError of one line with %q", err, want)
	}
}

func TestHelp(t *testing.T) {
	flags := flag.NewFlagSet("train", flag.ContinueOnError)
	flags.String("out", "runs/RECIPE", "folder of the `DIR` run")
	if name, _, err := Parse(flags, []string{"icl", "-h"}); !errors.Is(err, flag.ErrHelp) || name != "icl" {
		t.Fatalf("%q, error %v, want icl, flag.ErrHelp", name, err)
	}
	var b bytes.Buffer
	Help(&b, "\ntrain [RECIPE]\n", &settings{Steps: 7}, flags)
	for _, want := range []string{"train [RECIPE]\n\nKeys", "  steps=7 ", "an integer ", " updates\n", "  K=0 ", " layers\n", "Flags:\n  -out DIR\n"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("help lacks %q:\n%s", want, b.String())
		}
	}
	b.Reset()
	if Help(&b, "recover\n", nil, flags); !strings.HasPrefix(b.String(), "recover\n\nFlags:\n  -out DIR\n") {
		t.Errorf("help of a command without keys:\n%s", b.String())
	}
}

func TestSet(t *testing.T) {
	var got, want settings
	want.D, want.Sigma, want.Steps, want.Seed, want.Small, want.Values = 8, 0.25, -1, 1<<64-1, -128, "a=b"
	want.Network.K, want.Network.Shared = 3, true
	err := Set(&got, strings.Fields("d=8 sigma=2.5e-1 steps=-1 seed=18446744073709551615 small=-128 values=a=b K=3 shared=true"))
	if err != nil || got != want {
		t.Errorf("set %+v, want %+v; error %v", got, want, err)
	}
}

// badPairs are refused alike on the command line and in a file.
var badPairs = []struct{ key, value, want string }{
	{"sigam", "1", `unknown key "sigam"; did you mean "sigma"? allowed: d, sigma, steps, seed, small, values, K, shared`},
	{"k", "1", `unknown key "k"; did you mean "K"?`},
	{"Derived", "1", `unknown key "Derived"; allowed:`},
	{"d", "1.5", `key "d": value "1.5": an integer is allowed`},
	{"d", "1e3", `key "d": value "1e3": an integer is allowed`},
	{"d", "9223372036854775808", `key "d": value "9223372036854775808": an integer is allowed`},
	{"small", "128", `key "small": value "128": an integer of 8 bits is allowed`},
	{"seed", "-1", `key "seed": value "-1": an integer from 0 up is allowed`},
	{"shared", "yes", `key "shared": value "yes": true or false is allowed`},
	{"sigma", "NaN", `key "sigma": value "NaN": a finite number is allowed`},
	{"sigma", "1e999", `key "sigma": value "1e999": a finite number is allowed`},
	{"sigma", "one", `key "sigma": value "one": a finite number is allowed`},
}

func TestSetRefuses(t *testing.T) {
	for _, c := range badPairs {
		wantUsage(t, Set(&settings{}, []string{c.key + "=" + c.value}), c.want)
	}
	wantUsage(t, Set(&settings{}, []string{"d=1", "K=2", "d=1"}), `key "d" stands twice`)
	wantUsage(t, Set(&settings{}, []string{"d"}), `"d": key=value is allowed`)
	wantUsage(t, Set(&settings{}, []string{"-=1"}), `unknown key "-"`)
	wantUsage(t, Set(&settings{}, []string{"inf=1", "d=2"}), `unknown key "inf"`)
	wantUsage(t, Set(&settings{}, []string{"sigma=-Inf"}), `a finite number`)
}

func writeYAML(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "c.yaml")
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestLoadYAML(t *testing.T) {
	var got, want settings
	want.D, want.Sigma, want.Steps, want.Seed, want.Values = 8, 0.25, -1, 1<<64-1, "true"
	want.Network.K, want.Network.Shared = 3, true
	err := LoadYAML(&got, writeYAML(t, "# a comment\nd: 8\nsigma: 2.5e-1 # noise\n\nsteps: -1\nseed: 18446744073709551615\nvalues: \"true\"\nK: 3\nshared: true\n"))
	if err != nil || got != want {
		t.Errorf("loaded %+v, want %+v; error %v", got, want, err)
	}
	for _, text := range []string{"", "# nothing\n", "---\n", "d: 0\n"} {
		got = settings{}
		if err := LoadYAML(&got, writeYAML(t, text)); err != nil || got != (settings{}) {
			t.Errorf("%q: %+v, error %v", text, got, err)
		}
	}
}

func TestLoadYAMLRefuses(t *testing.T) {
	for _, c := range badPairs {
		wantUsage(t, LoadYAML(&settings{}, writeYAML(t, "values: x\n"+c.key+": "+c.value+"\n")), "c.yaml:2: "+c.want)
	}
	for text, want := range map[string]string{
		"d: 1\nK: 2\nd: 1\n":      "c.yaml:3: ",
		"K: 1\nd: [1, 2]\n":       `c.yaml:2: key "d": one plain value is allowed`,
		"d: {a: 1}\n":             `c.yaml:1: key "d": one plain value is allowed`,
		"d:\n":                    `key "d": one plain value is allowed`,
		"d: null\n":               `key "d": one plain value is allowed`,
		"sigma: .nan\n":           `key "sigma": one plain value is allowed`,
		"values: |\n  a\n  b\n":   `key "values": one plain value is allowed`,
		"a: &x 1\nd: *x\n":        "c.yaml:1: ",
		"- 1\n":                   "c.yaml:1: lines of the form key: value are allowed",
		"word\n":                  "c.yaml:1: lines of the form key: value are allowed",
		"d: 1\n---\nK: 2\n":       "one document is allowed",
		"d: 1\n---\n":             "one document is allowed",
		"d: 1\nK: \"open\nx: 1\n": "c.yaml:2: ",
		"d: 1\n\t: 2\n":           "c.yaml:",
	} {
		wantUsage(t, LoadYAML(&settings{}, writeYAML(t, text)), want)
	}
	if err := LoadYAML(&settings{}, filepath.Join(t.TempDir(), "none.yaml")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing file: %v", err)
	}
}

// The parser is not ours: whatever the file, the answer is no panic and at most a UsageError of one line.
func FuzzSetYAML(f *testing.F) {
	for _, text := range []string{"d: 1\nK: 2\n", "d: 1\n---\n", "? a\n: b\n", "d: [1, {a: b}]\n", "<<: *x\n", "&a d: 1\n",
		"%YAML 1.2\n---\nd: 1\n...\n", "!!str d: 1\n", "null: 1\n", "d: !!int 1", "\"a\\nb\": 1"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if err := setYAML(&settings{}, "c.yaml", text); err != nil {
			wantUsage(t, err, "c.yaml:")
		}
	})
}

func TestKeysPanics(t *testing.T) {
	for name, config := range map[string]any{
		"no pointer": settings{},
		"nil":        nil,
		"no struct":  new(int),
		"no tag":     &struct{ A int }{},
		"not public": &struct {
			a int `yaml:"a"`
		}{},
		"a slice": &struct {
			A []int `yaml:"a"`
		}{},
		"a key twice": &struct {
			A int `yaml:"a"`
			B struct {
				C int `yaml:"a"`
			}
		}{},
	} {
		func() {
			defer func() {
				if r, ok := recover().(string); !ok || !strings.HasPrefix(r, "cli: ") {
					t.Errorf("%s: recovered %v", name, r)
				}
			}()
			Keys(config)
		}()
	}
}

func TestNearest(t *testing.T) {
	candidates := []string{"d", "S", "N", "K", "sigma", "heads", "width", "steps", "batch", "lr", "seed"}
	for word, want := range map[string]string{
		"sigam": "sigma", "Sigma": "sigma", "sigm": "sigma", "stpes": "steps", "stebs": "steps", "head": "heads",
		"s": "S", "n": "N", "k": "K", "rl": "lr", "sead": "seed", "zzzzz": "", "": "", "x": "",
	} {
		if got := Nearest(word, candidates); got != want {
			t.Errorf("nearest to %q is %q, want %q", word, got, want)
		}
	}
	if got := Nearest("ab", []string{"xy", "aa", "bb"}); got != "aa" {
		t.Errorf("of two at one distance the second: %q", got)
	}
	if got := Nearest("a", nil); got != "" {
		t.Errorf("nearest of none is %q", got)
	}
	wantUsage(t, Unknown("recipe", "smok", []string{"icl", "smoke"}), `unknown recipe "smok"; did you mean "smoke"? allowed: icl, smoke`)
}

// Distances by hand, in half edits.
func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"", "abc", 6}, {"abc", "", 6}, {"abc", "abc", 0}, {"abc", "aBc", 1}, {"abc", "acb", 2},
		{"abc", "axc", 2}, {"kitten", "sitting", 6}, {"ca", "abc", 6}, {"λ", "Λ", 1}, {"ab", "BA", 4},
	} {
		if got := distance([]rune(c.a), []rune(c.b)); got != c.want {
			t.Errorf("distance of %q and %q is %d, want %d", c.a, c.b, got, c.want)
		}
	}
}

func TestReport(t *testing.T) {
	for _, c := range []struct {
		err    error
		status int
		lines  string
	}{
		{nil, 0, ""},
		{errors.New("disk full"), 1, "train: disk full\n"},
		{Usagef("S %d > d", 9), 2, "train: S 9 > d\n"},
		{fmt.Errorf("b: %w", &StatusError{errors.New("no proof"), 3}), 3, "train: b: no proof\n"},
		{errors.Join(errors.New("first"), Usagef("second"), errors.New("third")), 2, "train: first\nsecond\n"},
	} {
		var b bytes.Buffer
		if status := report(&b, "train", c.err); status != c.status || b.String() != c.lines {
			t.Errorf("%v: status %d, printed %q", c.err, status, b.String())
		}
	}
}
