package train

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// An IdentityError is a folder's file that belongs to the run of another recipe.
type IdentityError struct {
	Path string
	Keys []string // that differ, as "lr=0.003 there, 0.5 asked"
}

func (e *IdentityError) Error() string {
	keys := e.Keys
	if len(keys) > 4 {
		keys = append(slices.Clone(keys[:4]), fmt.Sprintf("and %d more", len(keys)-4))
	}
	return fmt.Sprintf("%s holds the run of another recipe (%s); take another -out, or -fresh to start over", e.Path, strings.Join(keys, "; "))
}

// sameRecipe refuses a config that is not the one asked for.
func sameRecipe(path string, there, asked []byte) error {
	if !json.Valid(there) {
		return fmt.Errorf("%s is damaged: it is no JSON; -fresh starts over", path)
	}
	have, want := leaves(there), leaves(asked)
	var keys []string
	for key, w := range want {
		if h, ok := have[key]; !ok || h != w {
			keys = append(keys, fmt.Sprintf("%s=%s there, %s asked", name(key), h, w))
		}
	}
	for key, h := range have {
		if _, ok := want[key]; !ok {
			keys = append(keys, fmt.Sprintf("%s=%s there, no such key asked", name(key), h))
		}
	}
	if len(keys) == 0 {
		return nil
	}
	slices.Sort(keys)
	return &IdentityError{path, slices.Compact(keys)}
}

// name is what a user calls a key: the dimension d stands in two places of a config.
func name(key string) string { return key[strings.LastIndex(key, ".")+1:] }

// leaves maps the leaves of a JSON object to their texts, by their path.
func leaves(config []byte) map[string]string {
	all := map[string]string{}
	var walk func(key string, value json.RawMessage)
	walk = func(key string, value json.RawMessage) {
		var object map[string]json.RawMessage
		var text string
		switch {
		case json.Unmarshal(value, &object) == nil:
			for k, v := range object {
				walk(key+"."+k, v)
			}
		case json.Unmarshal(value, &text) == nil: // JSON can spell one text in several ways
			all[key] = strconv.Quote(text)
		default:
			all[key] = string(value)
		}
	}
	walk("", config)
	return all
}
