package data

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg"
	_ "image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Photographs are the images of a folder, each in one split for ever: crops of two splits never show one file. Which split a file is in
// depends on the lumas of all of them alone, not on names or seeds; files of equal luma count once.
type Photographs struct {
	C, Largest int        // channels; the largest crop that all files have
	files      [3][]photo // of the splits Train, Validation and Test
}

type photo struct {
	Image
	path   string
	digest [sha256.Size]byte // of its luma: the split is the same in grey and in colour
}

// The formats that the standard library reads.
var photoSuffixes = []string{".png", ".jpg", ".jpeg"}

// maxPixels bounds the memory that a file of a few kilobytes may ask for.
const maxPixels = 1 << 26

// An ImageError is a file or folder that cannot serve as images.
type ImageError struct {
	Path, Reason string
	Err          error // that of the file system or the decoder, or nil
}

func (e *ImageError) Error() string { return fmt.Sprintf("data: %s: %s", e.Path, e.Reason) }

func (e *ImageError) Unwrap() error { return e.Err }

// OpenPhotographs reads the .png, .jpg and .jpeg files of a folder for crops of size×size pixels. With channels 3 grey files are repeated in
// all three; with 1 colours become their luma 0.299R + 0.587G + 0.114B (Rec. ITU-R BT.601); with 0 all files must have as many channels as
// they need. Transparent pixels are on black. In the order of their digests, a third of the files are for Test, a sixth or at least one for
// Validation, and the rest for Train. The error is an *ImageError: no image in the folder, fewer than one for each split, a file that is no
// image, is smaller than size or differs in channels.
func OpenPhotographs(dir string, channels, size int) (*Photographs, error) {
	if size < 1 || channels != 0 && channels != 1 && channels != 3 {
		panic(fmt.Sprintf("data: OpenPhotographs: %d channels, %d pixels", channels, size))
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, &ImageError{dir, "not a readable folder: " + cause(err), err}
	}
	p := &Photographs{C: channels, Largest: maxPixels}
	var all []photo
	for _, e := range entries {
		if e.IsDir() || !slices.Contains(photoSuffixes, strings.ToLower(filepath.Ext(e.Name()))) {
			continue
		}
		f := photo{path: filepath.Join(dir, e.Name())}
		if err = f.read(channels); err != nil {
			return nil, err
		}
		if len(all) > 0 && f.C != all[0].C {
			return nil, &ImageError{f.path, fmt.Sprintf("%d channels, and %s has %d: ask for 1 or 3", f.C, all[0].path, all[0].C), nil}
		}
		if f.H < size || f.W < size {
			return nil, &ImageError{f.path, fmt.Sprintf("%d×%d pixels are too small for crops of %d×%d", f.W, f.H, size, size), nil}
		}
		p.C, p.Largest, all = f.C, min(p.Largest, f.W, f.H), append(all, f)
	}
	if err = p.share(dir, all); err != nil {
		return nil, err
	}
	return p, nil
}

// share puts each file into its split.
func (p *Photographs) share(dir string, all []photo) error {
	if len(all) == 0 {
		return &ImageError{dir, "no image: there is no file " + strings.Join(photoSuffixes, ", "), nil}
	}
	slices.SortFunc(all, func(a, b photo) int { return bytes.Compare(a.digest[:], b.digest[:]) })
	all = slices.CompactFunc(all, func(a, b photo) bool { return a.digest == b.digest })
	if len(all) < 3 {
		return &ImageError{dir, fmt.Sprintf("%d different images: want at least 3, as training, validation and test share none", len(all)), nil}
	}
	test, validation := len(all)/3, max(1, len(all)/6)
	p.files = [3][]photo{Train: all[test+validation:], Validation: all[test:][:validation], Test: all[:test]}
	return nil
}

// Files lists the paths of a split.
func (p *Photographs) Files(s Split) (paths []string) {
	for _, f := range p.files[s] {
		paths = append(paths, f.path)
	}
	return paths
}

// Draw returns crop i of a split, of size×size pixels: the files take turns, and the place belongs to (seed, split, i). It is pure, as
// [DrawImage], whose place it takes. It panics where size is not 1 to Largest.
func (p *Photographs) Draw(seed uint64, s Split, i uint64, size int) Image {
	if size < 1 || size > p.Largest {
		panic(fmt.Sprintf("data: Draw: crops of %d pixels of photographs of %d", size, p.Largest))
	}
	f, r := p.files[s][i%uint64(len(p.files[s]))], stream(seed^imageKey, s, i)
	return f.Crop(r.IntN(f.H-size+1), r.IntN(f.W-size+1), size)
}

// read fills f with its file's pixels in 1 or 3 channels, or for 0 in those that it has.
func (f *photo) read(channels int) error {
	file, err := os.ReadFile(f.path)
	if err != nil {
		return &ImageError{f.path, "not readable: " + cause(err), err}
	}
	head, _, err := image.DecodeConfig(bytes.NewReader(file))
	if err == nil && (head.Width < 1 || head.Height < 1 || head.Width > maxPixels/head.Height) {
		return &ImageError{f.path, fmt.Sprintf("%d×%d pixels, at most %d in all are allowed", head.Width, head.Height, maxPixels), nil}
	}
	var in image.Image
	if err == nil {
		in, _, err = image.Decode(bytes.NewReader(file))
	}
	if err != nil {
		return &ImageError{f.path, "no image: " + err.Error(), err}
	}
	if channels == 0 {
		channels = 3
		switch in.(type) {
		case *image.Gray, *image.Gray16:
			channels = 1
		}
	}
	f.Image, f.digest = fromPixels(in, channels), fromPixels(in, 1).digest()
	return nil
}

func fromPixels(in image.Image, channels int) Image {
	at := in.Bounds()
	m := Image{C: channels, H: at.Dy(), W: at.Dx(), Data: make([]float64, channels*at.Dx()*at.Dy())}
	for y := range m.H {
		for x := range m.W {
			r, g, b, _ := in.At(at.Min.X+x, at.Min.Y+y).RGBA()
			pixel := colour{float64(r) / 0xffff, float64(g) / 0xffff, float64(b) / 0xffff}
			if channels == 1 && (r != g || g != b) {
				pixel[0] = float64(0.299*pixel[0]) + float64(0.587*pixel[1]) + float64(0.114*pixel[2])
			}
			for c := range channels {
				m.Data[(c*m.H+y)*m.W+x] = pixel[c]
			}
		}
	}
	return m
}

// cause is the reason in an error of the file system, without the path that stands before it.
func cause(err error) string {
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(err) {
		err = inner
	}
	return err.Error()
}
