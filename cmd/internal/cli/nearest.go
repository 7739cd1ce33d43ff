package cli

import (
	"slices"
	"strings"
	"unicode"
)

// Unknown returns the UsageError for a word that is none of the candidates, which are of the kind
// "key", "recipe", …: it names the nearest candidate and all of them.
func Unknown(kind, word string, candidates []string) error {
	hint := ""
	if c := Nearest(word, candidates); c != "" {
		hint = " did you mean \"" + c + "\"?"
	}
	return Usagef("unknown %s %q;%s allowed: %s", kind, word, hint, strings.Join(candidates, ", "))
}

// Nearest returns the candidate at the least distance from word, the first of several, or "" if more
// than half of the longer word would have to change.
func Nearest(word string, candidates []string) string {
	best, least := "", -1
	for _, c := range candidates {
		longer := max(len([]rune(word)), len([]rune(c)))
		if d := distance([]rune(word), []rune(c)); d <= longer && (least < 0 || d < least) {
			best, least = c, d
		}
	}
	return best
}

// distance is twice the number of letters to insert, delete, replace or swap with their neighbour to
// get from a to b (optimal string alignment, Damerau 1964); a letter in the other case costs 1, half
// of another letter.
func distance(a, b []rune) int {
	var before, above []int // rows i−2 and i−1 of the table
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = 2 * j
	}
	for i, x := range a {
		before, above, row = above, row, slices.Clone(row)
		row[0] = 2 * (i + 1)
		for j, y := range b {
			row[j+1] = min(above[j]+replacement(x, y), above[j+1]+2, row[j]+2)
			if i > 0 && j > 0 && x == b[j-1] && a[i-1] == y {
				row[j+1] = min(row[j+1], before[j-1]+2)
			}
		}
	}
	return row[len(b)]
}

func replacement(x, y rune) int {
	switch {
	case x == y:
		return 0
	case unicode.ToLower(x) == unicode.ToLower(y):
		return 1
	}
	return 2
}
