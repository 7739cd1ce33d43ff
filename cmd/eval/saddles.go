package main

import (
	"fmt"
	"os"

	"unroll/checkpoints/npy"
	"unroll/cmd/internal/cli"
	"unroll/eval"
)

// saddlesKeys are the keys of the study saddles, with the files of a user's own data.
type saddlesKeys struct {
	eval.Saddles
	X string `yaml:"X" help:"own data: n×d numbers, a .npy file; its shape sets n and d"`
	Y string `yaml:"y" help:"own data: n numbers, a .npy file"`
}

func defaultSaddles() *saddlesKeys { return &saddlesKeys{Saddles: eval.DefaultSaddles()} }

func runSaddles(out string, assignments []string) error {
	keys := defaultSaddles()
	if err := cli.Set(keys, assignments); err != nil {
		return err
	}
	x, y, err := keys.read()
	if err != nil {
		return err
	}
	if err := keys.Saddles.Check(); err != nil {
		return &cli.UsageError{Err: err}
	}
	result, err := keys.Run(x, y)
	if err != nil {
		return err
	}
	return publish(result, out)
}

// read returns the user's data and sets n and d by it; nil without files.
func (k *saddlesKeys) read() (x, y []float64, err error) {
	switch {
	case k.X == "" && k.Y == "":
		return nil, nil, nil
	case k.X == "" || k.Y == "":
		return nil, nil, cli.Usagef("X=%s y=%s: both files or neither are allowed", k.X, k.Y)
	}
	X, err := readArray(k.X, 2)
	if err != nil {
		return nil, nil, err
	}
	Y, err := readArray(k.Y, 1)
	if err != nil {
		return nil, nil, err
	}
	k.N, k.D = X.Shape[0], X.Shape[1]
	if Y.Shape[0] != k.N {
		return nil, nil, fmt.Errorf("%s holds %d numbers, want %d, one for each row of %s", k.Y, Y.Shape[0], k.N, k.X)
	}
	return X.Float64(), Y.Float64(), nil
}

func readArray(path string, dimensions int) (*npy.Array, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	a, err := npy.Read(f, info.Size())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(a.Shape) != dimensions {
		return nil, fmt.Errorf("%s: an array of %d dimensions, want %d", path, len(a.Shape), dimensions)
	}
	return a, nil
}
