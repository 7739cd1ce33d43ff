// Package cli is the one shape of the project's command lines,
//
//	NAME [POSITIONAL] [key=value …] [-flag …]
//
// with flags before or after the rest, and with keys that are the fields of a configuration struct,
// whether they come from the command line or from a YAML file.
package cli

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
)

// A UsageError is a mistake in what the user typed, on the command line or in a configuration file.
type UsageError struct{ Err error }

func (e *UsageError) Error() string { return e.Err.Error() }
func (e *UsageError) Unwrap() error { return e.Err }

// A StatusError ends the program with a status of its own, for work that was done but not to what was asked.
type StatusError struct {
	Err    error
	Status int
}

func (e *StatusError) Error() string { return e.Err.Error() }
func (e *StatusError) Unwrap() error { return e.Err }

// Usagef returns a UsageError with a formatted message.
func Usagef(format string, args ...any) error {
	return &UsageError{fmt.Errorf(format, args...)}
}

// Parse sets flags from args, the command line without the program's name, and returns the one
// positional argument, or "", and the key=value assignments in their order. After -h the error is
// flag.ErrHelp, and the positional argument the one before it; any other error is a UsageError.
func Parse(flags *flag.FlagSet, args []string) (positional string, assignments []string, err error) {
	flags.Init(flags.Name(), flag.ContinueOnError)
	flags.SetOutput(io.Discard) // the caller prints the error or calls Help
	for {
		switch err := flags.Parse(args); {
		case errors.Is(err, flag.ErrHelp):
			return positional, nil, err
		case err != nil:
			return "", nil, Usagef("%w; flags: %s", err, names(flags))
		case flags.NArg() == 0:
			return positional, assignments, nil
		}
		// The flag package stops at the first argument that is no flag; go on behind it.
		arg := flags.Arg(0)
		args = flags.Args()[1:]
		switch {
		case strings.Contains(arg, "="):
			assignments = append(assignments, arg)
		case positional == "":
			positional = arg
		default:
			return "", nil, Usagef("argument %q after %q: one name is allowed, beside key=value and -flag", arg, positional)
		}
	}
}

func names(flags *flag.FlagSet) string {
	var all []string
	flags.VisitAll(func(f *flag.Flag) { all = append(all, "-"+f.Name) })
	return strings.Join(all, ", ")
}

// Help prints a command's own text, then its keys, which are the fields of the struct that config
// points to and have their defaults there, then its flags. A command without keys has the config nil.
func Help(w io.Writer, text string, config any, flags *flag.FlagSet) {
	fmt.Fprintln(w, strings.TrimSpace(text))
	if config != nil {
		fmt.Fprintln(w, "\nKeys, with their defaults:")
		table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		for _, k := range Keys(config) {
			fmt.Fprintf(table, "  %s=%s\t%s\t%s\n", k.Name, k.Value, k.Type, k.Help)
		}
		table.Flush()
	}
	fmt.Fprintln(w, "\nFlags:")
	flags.SetOutput(w)
	flags.PrintDefaults()
}

// Exit ends the program name with what its work returned.
func Exit(name string, err error) {
	os.Exit(report(os.Stderr, name, err))
}

// report prints at most two lines about err and returns the status of the program: 0 for nil, 2 for a
// UsageError, its own for a StatusError, 1 for any other error.
func report(w io.Writer, name string, err error) (status int) {
	if err == nil {
		return 0
	}
	lines := strings.SplitN(strings.TrimSpace(err.Error()), "\n", 3)
	fmt.Fprintf(w, "%s: %s\n", name, strings.Join(lines[:min(2, len(lines))], "\n"))
	if _, ok := errors.AsType[*UsageError](err); ok {
		return 2
	}
	if e, ok := errors.AsType[*StatusError](err); ok {
		return e.Status
	}
	return 1
}
