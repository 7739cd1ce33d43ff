package data_test

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"unroll/data"
)

// folder writes files of 20×16 pixels whose first level is their own: grey k of the file k, colours for odd k.
func folder(t *testing.T, files int) string {
	t.Helper()
	dir := t.TempDir()
	for k := range files {
		write(t, filepath.Join(dir, fmt.Sprintf("%02d.png", k)), picture(20, 16, uint8(10*k), k%2 == 1))
	}
	return dir
}

func picture(w, h int, level uint8, coloured bool) image.Image {
	at := image.Rect(0, 0, w, h)
	if !coloured {
		m := image.NewGray(at)
		for i := range m.Pix {
			m.Pix[i] = level
		}
		return m
	}
	m := image.NewNRGBA(at)
	for i := range w * h {
		m.Set(i%w, i/w, color.NRGBA{level, 255 - level, 128, 255})
	}
	return m
}

func write(t *testing.T, path string, m image.Image) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if filepath.Ext(path) == ".png" {
		err = png.Encode(f, m)
	} else {
		err = jpeg.Encode(f, m, &jpeg.Options{Quality: 100})
	}
	if err = errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, dir string, channels, size int) *data.Photographs {
	t.Helper()
	p, err := data.OpenPhotographs(dir, channels, size)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// No pixel of one split is in another: each file has levels of its own, and every split draws all of its files and no other.
func TestPhotographsSplitByFile(t *testing.T) {
	for files := 3; files <= 12; files++ {
		p := open(t, folder(t, files), 3, 16)
		owner := map[float64]data.Split{}
		total := 0
		for _, s := range splits {
			own := map[float64]bool{}
			for i := range uint64(40) {
				m := p.Draw(1, s, i, 8)
				own[m.Data[0]] = true
				if other, ok := owner[m.Data[0]]; ok && other != s {
					t.Fatalf("%d files: splits %d and %d share the file of level %g", files, s, other, m.Data[0])
				}
				owner[m.Data[0]] = s
			}
			if len(own) != len(p.Files(s)) || len(own) == 0 {
				t.Errorf("%d files: split %d draws %d of its %v", files, s, len(own), p.Files(s))
			}
			total += len(own)
		}
		if total != files {
			t.Errorf("%d of %d files are in a split", total, files)
		}
	}
}

// A file stays in its split when it gets another name, when it is there twice, and in grey as in colour.
func TestSplitFollowsPixels(t *testing.T) {
	dir := folder(t, 9)
	before := open(t, dir, 3, 16)
	for k := range 9 {
		old := filepath.Join(dir, fmt.Sprintf("%02d.png", k))
		if err := os.Rename(old, filepath.Join(dir, fmt.Sprintf("x%02d.PNG", 8-k))); err != nil {
			t.Fatal(err)
		}
	}
	write(t, filepath.Join(dir, "copy.png"), picture(20, 16, 30, true))
	after, grey := open(t, dir, 3, 16), open(t, dir, 1, 16)
	for _, s := range splits {
		for i := range uint64(9) {
			if a, b := before.Draw(1, s, i, 8), after.Draw(1, s, i, 8); a.Hash() != b.Hash() {
				t.Errorf("crop %d of split %d depends on names", i, s)
			}
		}
		if !slices.Equal(after.Files(s), grey.Files(s)) {
			t.Errorf("split %d: %v in colour, %v in grey", s, after.Files(s), grey.Files(s))
		}
	}
}

// Pixels arrive where they belong, in every way of counting channels: grey repeated, luma, as they are; JPEG keeps luma well and has coarser colours.
func TestPhotographsPixels(t *testing.T) {
	dir := t.TempDir()
	for k, name := range []string{"a.png", "b.jpg", "c.jpeg"} {
		m := image.NewNRGBA(image.Rect(0, 0, 9, 8))
		for i := range 72 {
			m.Set(i%9, i/9, color.NRGBA{uint8(20*(i%9) + k), uint8(25 * (i / 9)), 100, 255})
		}
		write(t, filepath.Join(dir, name), m)
	}
	p, luma := open(t, dir, 0, 8), open(t, dir, 1, 8)
	if p.C != 3 || p.Largest != 8 || luma.C != 1 {
		t.Errorf("%d and %d channels, crops of %d", p.C, luma.C, p.Largest)
	}
	for _, s := range splits {
		name := filepath.Base(p.Files(s)[0])
		k := slices.Index([]string{"a.png", "b.jpg", "c.jpeg"}, name)
		tol, grey := 0.3, 0.03
		if name == "a.png" {
			tol, grey = 1e-12, 1e-12
		}
		m, l := p.Draw(1, s, 0, 8), luma.Draw(1, s, 0, 8)
		left := math.Round((m.Data[0]*255 - float64(k)) / 20)
		for i := range 64 {
			want := [3]float64{(20*(left+float64(i%8)) + float64(k)) / 255, 25 * float64(i/8) / 255, 100. / 255}
			for c, v := range want {
				if math.Abs(m.Plane(c)[i]-v) > tol {
					t.Fatalf("%s: channel %d of pixel %d is %g, want %g", name, c, i, m.Plane(c)[i], v)
				}
			}
			if v := 0.299*want[0] + 0.587*want[1] + 0.114*want[2]; math.Abs(l.Data[i]-v) > grey {
				t.Fatalf("%s: luma of pixel %d is %g, want %g", name, i, l.Data[i], v)
			}
		}
	}
	mixed := open(t, folder(t, 4), 3, 8)
	for i := range uint64(4) {
		for _, s := range splits {
			if m := mixed.Draw(1, s, i, 8); m.C != 3 || m.Data[0] != m.Data[64] && m.Data[0]+m.Data[64] != 1 {
				t.Errorf("levels %g, %g: neither grey nor its colour", m.Data[0], m.Data[64])
			}
		}
	}
}

// What cannot serve is one line that names the file and what is wrong.
func TestPhotographsRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		change         func(dir string)
		channels, size int
		want           []string
	}{
		"no folder":    {func(dir string) { os.RemoveAll(dir) }, 3, 8, []string{"not a readable folder"}},
		"no image":     {func(dir string) { os.RemoveAll(dir); os.Mkdir(dir, 0o777); os.WriteFile(dir+"/notes.txt", nil, 0o666) }, 3, 8, []string{"no image", ".png"}},
		"text":         {func(dir string) { os.WriteFile(dir+"/03.png", []byte("hello"), 0o666) }, 3, 8, []string{"03.png", "no image"}},
		"cut":          {func(dir string) { truncate(dir+"/02.png", 60) }, 3, 8, []string{"02.png", "no image"}},
		"small":        {func(dir string) {}, 3, 17, []string{"20×16", "17×17", ".png"}},
		"two channels": {func(dir string) {}, 0, 8, []string{"01.png", "3 channels", "00.png has 1", "ask for 1 or 3"}},
		"two files":    {func(dir string) { os.Remove(dir + "/00.png"); os.Remove(dir + "/01.png") }, 3, 8, []string{"2 different images", "at least 3"}},
		"unreadable":   {func(dir string) { os.Symlink("nowhere", dir+"/04.png") }, 3, 8, []string{"04.png", "not readable"}},
		"bomb":         {func(dir string) { bomb(dir + "/04.png") }, 3, 8, []string{"04.png", "65536×65536"}},
	} {
		dir := folder(t, 4)
		c.change(dir)
		p, err := data.OpenPhotographs(dir, c.channels, c.size)
		typed, ok := errors.AsType[*data.ImageError](err)
		if !ok || p != nil || strings.Contains(err.Error(), "\n") || !strings.HasPrefix(typed.Path, dir) {
			t.Errorf("%s: %v with %v", name, p, err)
			continue
		}
		for _, want := range c.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v, want one with %q", name, err, want)
			}
		}
		if (name == "no folder") != errors.Is(err, os.ErrNotExist) && name != "unreadable" {
			t.Errorf("%s: wraps %v", name, errors.Unwrap(err))
		}
	}
}

func truncate(path string, size int64) {
	if err := os.Truncate(path, size); err != nil {
		panic(err)
	}
}

// bomb writes the head of a PNG of 65536×65536 pixels: signature, IHDR and its CRC.
func bomb(path string) {
	head := "\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR\x00\x01\x00\x00\x00\x01\x00\x00\x08\x00\x00\x00\x00"
	crc := uint32(0xffffffff)
	for _, b := range []byte(head[12:]) { // CRC-32 of ISO 3309, as PNG wants it
		crc ^= uint32(b)
		for range 8 {
			crc = crc>>1 ^ 0xedb88320*(crc&1)
		}
	}
	crc = ^crc
	body := append([]byte(head), byte(crc>>24), byte(crc>>16), byte(crc>>8), byte(crc))
	if err := os.WriteFile(path, body, 0o666); err != nil {
		panic(err)
	}
}
