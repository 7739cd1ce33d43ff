package data

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"math/rand/v2"
)

// An Image holds C channels of H rows of W pixels in [0, 1], channel by channel and row by row.
type Image struct {
	C, H, W int
	Data    []float64 // (C, H, W)
}

// Plane returns channel c (H, W), which shares the image's memory.
func (m Image) Plane(c int) []float64 { return m.Data[c*m.H*m.W : (c+1)*m.H*m.W] }

// Crop returns a copy of the size×size pixels whose first row and column are top and left. It panics where they leave the image.
func (m Image) Crop(top, left, size int) Image {
	if top < 0 || left < 0 || size < 1 || top+size > m.H || left+size > m.W {
		panic(fmt.Sprintf("data: a crop of %d pixels at (%d, %d) of an image of %d×%d", size, top, left, m.H, m.W))
	}
	crop := Image{C: m.C, H: size, W: size, Data: make([]float64, 0, m.C*size*size)}
	for c := range m.C {
		plane := m.Plane(c)
		for y := top; y < top+size; y++ {
			crop.Data = append(crop.Data, plane[y*m.W+left:][:size]...)
		}
	}
	return crop
}

// Hash returns the first 16 hexadecimal digits of the SHA-256 of the shape and bits, as that of a [Batch].
func (m Image) Hash() string {
	d := m.digest()
	return hex.EncodeToString(d[:8])
}

func (m Image) digest() [sha256.Size]byte {
	b := make([]byte, 0, 8*(3+len(m.Data)))
	for _, n := range []int{m.C, m.H, m.W} {
		b = binary.LittleEndian.AppendUint64(b, uint64(n))
	}
	for _, v := range m.Data {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
	}
	return sha256.Sum256(b)
}

// DrawImage makes image i of a split, RGB of size×size pixels. A third each are phantoms, piecewise smooth scenes and textures, in turn. It is
// pure: the same arguments give the same bits, on every architecture as far as Sin and Sincos of math do. The scene belongs to (seed, split, i)
// alone, and no two splits share one; another size shows the same scene at another resolution. It panics on a size below 1.
func DrawImage(seed uint64, s Split, i uint64, size int) Image {
	return DrawCrop(seed, s, i, size, size)
}

// DrawCrop makes size×size pixels of DrawImage(seed, s, i, whole), at a place that belongs to (seed, split, i) as well, without painting
// the rest: what a denoiser is trained on. It panics unless 1 ≤ size ≤ whole.
func DrawCrop(seed uint64, s Split, i uint64, whole, size int) Image {
	if size < 1 || size > whole {
		panic(fmt.Sprintf("data: DrawCrop: %d pixels of %d", size, whole))
	}
	r := stream(seed^imageKey, s, i)
	paint := scenes[i%uint64(len(scenes))](r)
	top, left := r.IntN(whole-size+1), r.IntN(whole-size+1)
	m := Image{C: 3, H: size, W: size, Data: make([]float64, 3*size*size)}
	step := 1 / float64(whole)
	for y := range size {
		for x := range size {
			var sum colour
			for k := range supersample * supersample {
				v := float64((float64(top+y) + (float64(k/supersample)+0.5)/supersample) * step)
				u := float64((float64(left+x) + (float64(k%supersample)+0.5)/supersample) * step)
				sum = sum.plus(1, paint(u, v).clipped())
			}
			for c := range sum {
				m.Data[(c*size+y)*size+x] = sum[c] / (supersample * supersample)
			}
		}
	}
	return m
}

// imageKey keeps the streams of images apart from those of prompts under the same seed.
const imageKey = 0x243f6a8885a308d3

// supersample² points are averaged in each pixel, so that edges have no stairs.
const supersample = 2

// A colour is red, green and blue; clipped, in [0, 1].
type colour [3]float64

func (c colour) plus(weight float64, d colour) colour {
	for i := range c {
		c[i] += float64(weight * d[i])
	}
	return c
}

func (c colour) clipped() colour {
	for i := range c {
		c[i] = min(max(c[i], 0), 1)
	}
	return c
}

// randomColour has a grey level in [lo, hi] and a tint: channels of photographs are alike.
func randomColour(r *rand.Rand, lo, hi float64) (c colour) {
	grey := between(r, lo, hi)
	for i := range c {
		c[i] = grey + float64(tint*(2*r.Float64()-1))
	}
	return c
}

const tint = 0.15

func between(r *rand.Rand, lo, hi float64) float64 { return lo + float64((hi-lo)*r.Float64()) }
