package main

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// pipeBytes is what Linux lets every user ask for.
const pipeBytes = 1 << 20

// takeStdout keeps standard output for the protocol and points the process's descriptor 1 to standard error: libraries of drivers print
// what they like.
func takeStdout() (*os.File, error) {
	for _, pipe := range []int{0, 1} {
		// Bigger pipes move panels faster. Standard input and output may be no pipes, and the user's share of pipes may be used up.
		_, _ = unix.FcntlInt(uintptr(pipe), unix.F_SETPIPE_SZ, pipeBytes)
	}
	kept, err := unix.FcntlInt(1, unix.F_DUPFD_CLOEXEC, 3)
	if err != nil {
		return nil, fmt.Errorf("standard output: %w", err)
	}
	if err := unix.Dup3(2, 1, 0); err != nil {
		return nil, fmt.Errorf("standard output: %w", err)
	}
	return os.NewFile(uintptr(kept), "stdout"), nil
}
