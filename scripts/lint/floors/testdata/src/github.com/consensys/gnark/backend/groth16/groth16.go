package groth16
