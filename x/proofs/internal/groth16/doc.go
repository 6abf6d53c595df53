// Package groth16 verifies Groth16 proofs over BN254 with one BSB22 commitment and one public input: the shape of every
// circuit of the family opening. It is the fence between the chain and the proof library: fixed sizes are checked before
// anything is decoded, only canonical encodings are accepted, every call recovers from a panic, and nothing draws
// randomness. It computes the same predicate as gnark's verifier, from gnark-crypto's curve arithmetic alone.
//
// A proof can be re-randomised by anybody, so its bytes identify nothing: key replay protection on the statement.
package groth16
