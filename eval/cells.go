package eval

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"
)

// A cell is a piece of a long study that can be computed alone. Its numbers are kept in a file of its own, so that a study which was
// interrupted goes on with the cells that are missing.
type cell struct {
	Name    string                    // of the file
	Setting string                    // all that the numbers depend on: a file of another setting is computed again
	Work    func() ([]float64, error) // pure
}

// cellFile is what a cell's file holds.
type cellFile struct {
	Setting string    `json:"setting"`
	Numbers []float64 `json:"numbers"`
}

// A Progress is told of every cell that is done, in no particular order, by one goroutine at a time.
type Progress func(done, total int, name string)

// runCells computes the cells that dir does not hold, on so many goroutines (0: one per processor), and returns the numbers of all, in
// their order. With an empty dir nothing is kept. The numbers depend on neither workers nor dir.
func runCells(cells []cell, dir string, workers int, progress Progress) ([][]float64, error) {
	out, failures := make([][]float64, len(cells)), make([]error, len(cells))
	if workers == 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	var mu sync.Mutex
	next, done, failed := 0, 0, false
	take := func() (i int, ok bool) {
		mu.Lock()
		defer mu.Unlock()
		next++
		return next - 1, next <= len(cells) && !failed
	}
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for i, ok := take(); ok; i, ok = take() {
				out[i], failures[i] = cells[i].run(dir)
				mu.Lock()
				done++
				failed = failed || failures[i] != nil
				if progress != nil {
					progress(done, len(cells), cells[i].Name)
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return out, errors.Join(failures...)
}

// run reads the cell's numbers, or computes and keeps them.
func (c cell) run(dir string) ([]float64, error) {
	name := c.Name + ".json"
	if dir != "" {
		b, err := os.ReadFile(filepath.Join(dir, name))
		var held cellFile
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return nil, fmt.Errorf("eval: cell %s: %w", c.Name, err)
		case json.Unmarshal(b, &held) == nil && held.Setting == c.Setting:
			return held.Numbers, nil
		}
	}
	numbers, err := c.Work()
	if err != nil {
		return nil, fmt.Errorf("eval: cell %s: %w", c.Name, err)
	}
	if dir == "" {
		return numbers, nil
	}
	b, err := json.Marshal(cellFile{c.Setting, numbers})
	if err != nil {
		return nil, fmt.Errorf("eval: cell %s: %w", c.Name, err)
	}
	return numbers, writeFiles(dir, []file{{name, append(b, '\n')}})
}
