package checkpoints

import (
	"embed"
	"io/fs"
	"strings"
)

//go:embed pretrained/*.gob
var pretrained embed.FS

// Pretrained lists the models that [Open] knows by name:
//
//   - smoke: what `train smoke` ends at, four layers for d=8, S=2, N=6; to try things with
func Pretrained() (names []string) {
	files, err := fs.Glob(pretrained, pretrainedPath("*"))
	if err != nil {
		panic("checkpoints: " + err.Error())
	}
	for _, f := range files {
		name := strings.TrimPrefix(f, "pretrained/")
		names = append(names, strings.TrimSuffix(name, ".gob"))
	}
	return names
}

func pretrainedPath(name string) string { return "pretrained/" + name + ".gob" }
