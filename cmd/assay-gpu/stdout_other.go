//go:build !linux

package main

import "os"

// takeStdout keeps standard output for the protocol; Go code prints to standard error from then on.
func takeStdout() (*os.File, error) {
	out := os.Stdout
	os.Stdout = os.Stderr
	return out, nil
}
