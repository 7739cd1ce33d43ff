package checkpoints_test

import (
	"encoding/binary"
	"encoding/gob"
	"encoding/json"
	"fmt"
	"log"
	"math"
	"os"
	"path/filepath"

	"unroll/checkpoints"
)

func ExampleOpen() {
	folder, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "model.gob")
	err = checkpoints.Save(path, &checkpoints.File{
		Config: json.RawMessage(`{"K":2}`),
		Params: []checkpoints.Param{{Name: "step", Shape: []int{2}, F64: []float64{0.5, 0.25}}},
	})
	if err != nil {
		log.Fatal(err)
	}
	f, err := checkpoints.Open(path)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s\n", f.Config)
	for _, p := range f.Params {
		fmt.Println(p.Name, p.Shape, p.F64)
	}
	// Output:
	// {"K":2}
	// step [2] [0.5 0.25]
}

// A program without this package declares the fields it wants of checkpoints.Envelope.
func Example_gobAlone() {
	r, err := os.Open("testdata/v1.gob")
	if err != nil {
		log.Fatal(err)
	}
	defer r.Close()
	var e struct {
		Names, DTypes []string
		Ranks, Dims   []int
		Data          []byte
	}
	if err := gob.NewDecoder(r).Decode(&e); err != nil {
		log.Fatal(err)
	}
	dims, data := e.Dims, e.Data
	for i, name := range e.Names {
		n := 1
		for _, d := range dims[:e.Ranks[i]] {
			n *= d
		}
		values := make([]float64, n)
		for j := range values {
			if e.DTypes[i] == "float32" {
				values[j] = float64(math.Float32frombits(binary.LittleEndian.Uint32(data)))
				data = data[4:]
			} else {
				values[j] = math.Float64frombits(binary.LittleEndian.Uint64(data))
				data = data[8:]
			}
		}
		fmt.Println(name, dims[:e.Ranks[i]], values)
		dims = dims[e.Ranks[i]:]
	}
	// Output:
	// W [4] [-0 5e-324 NaN NaN]
	// layer.0.θ [2 1 3] [1 -0 1.401298464324817e-45 NaN NaN -Inf]
	// scale [] [3.141592653589793]
}
