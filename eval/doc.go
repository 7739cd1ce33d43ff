// Package eval measures. Solvers yield estimates, one judge measures them: a contestant sees a prompt's matrix and labels and nothing
// else, and the judge alone knows x*, so that ISTA's iterates, LISTA's layers and the layers of a transformer are compared by one ruler.
// A study is one file: the question it answers, the contestants, and the report it writes. Every number follows from a seed, whatever the
// number of workers; none comes from a clock, but for the times in one table of the study derivative.
package eval
