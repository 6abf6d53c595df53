package command

import "errors"

// Exit codes of assayd, the same for every command.
const (
	// ExitOK is success.
	ExitOK = 0
	// ExitFailure is any failure that has no code of its own.
	ExitFailure = 1
	// ExitUsage is a command line or a file that can't be used as given; nothing was sent.
	ExitUsage = 2
	// ExitRejected is a transaction that the chain refused.
	ExitRejected = 3
	// ExitJobFailed is a job that closed without a result; what was not earned came back.
	ExitJobFailed = 4
	// ExitTimeout is a wait that ran out; the job goes on.
	ExitTimeout = 5
	// ExitInvalid is a certificate or a result that does not verify, also one of a canary whose worker was not convicted.
	ExitInvalid = 6
)

// coded is an error with an exit code.
type coded struct {
	error
	code int
}

// Unwrap returns the error without its code.
func (c coded) Unwrap() error { return c.error }

// WithExitCode gives an error the code with which assayd ends because of it.
func WithExitCode(code int, err error) error {
	if err == nil {
		return nil
	}
	return coded{err, code}
}

// ExitCode returns the code with which assayd ends because of an error.
func ExitCode(err error) int {
	var c coded
	switch {
	case err == nil:
		return ExitOK
	case errors.As(err, &c):
		return c.code
	default:
		return ExitFailure
	}
}
