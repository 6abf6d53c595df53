package chain

import (
	"context"
	"fmt"

	"cosmossdk.io/log/v2"
)

// listener keeps what is logged as an error: a hook that isolates a failure logs it, and no failure is expected.
type listener struct {
	log.Logger
	errors *[]string
}

// NewListener returns a logger that keeps error lines and says nothing.
func NewListener(errors *[]string) log.Logger {
	return listener{Logger: log.NewNopLogger(), errors: errors}
}

// Error keeps the line.
func (l listener) Error(msg string, keyVals ...any) {
	*l.errors = append(*l.errors, fmt.Sprintln(append([]any{msg}, keyVals...)...))
}

// ErrorContext keeps the line.
func (l listener) ErrorContext(_ context.Context, msg string, keyVals ...any) {
	l.Error(msg, keyVals...)
}

// With returns the same listener: lines are told apart by what they say.
func (l listener) With(...any) log.Logger { return l }
