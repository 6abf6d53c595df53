// Package full verifies that every entry of a program's steps is right: matrix products Y = X·Wᵀ + bias over integers, by
// sumcheck over the tensors' multilinear extensions and KZG openings on BN254, steps that requantise and activate such sums, by
// look-ups, and chains of both. It is consensus code: pure, sequential, without randomness of its own. README.md is its
// specification; the order of the messages there is that of the code.
package full
