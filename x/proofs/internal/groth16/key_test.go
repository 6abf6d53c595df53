package groth16_test

import (
	"bytes"
	"crypto/sha256"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/proofs/internal/groth16"
)

// The parts of an encoded verifying key.
const (
	keyAlpha, keyBeta1, keyBeta2, keyGamma, keyDelta1, keyDelta2 = 0, 32, 64, 128, 192, 224
	keyCount, keyK, keyCommitments, keyG, keyGSigma              = 288, 292, 388, 400, 464
)

func TestKeyHash(t *testing.T) {
	f := load(t)
	require.Equal(t, sha256.Sum256(f.rawKey), f.key.Hash())
	require.NoError(t, groth16.LintKey(f.rawKey))
}

func TestKeyOfAnyOtherLengthIsRefused(t *testing.T) {
	f := load(t)
	long := append(bytes.Clone(f.rawKey), f.rawKey...)
	for length := range len(long) + 1 {
		if length != groth16.KeySize {
			require.ErrorIs(t, groth16.LintKey(long[:length]), groth16.ErrKey)
		}
	}
}

// TestKeysThatBindNothingAreRefused changes a key in each way that the lint is for.
func TestKeysThatBindNothingAreRefused(t *testing.T) {
	f := load(t)
	_, _, _, generator := bn254.Generators()
	negated := func(raw []byte, at int) bn254.G1Affine {
		p := g1At(raw, at)
		return *p.Neg(&p)
	}
	opposite := func(raw []byte, at int) bn254.G2Affine {
		p := g2At(raw, at)
		return *p.Neg(&p)
	}
	for name, c := range map[string]struct {
		change func(raw []byte)
		reason string
	}{
		"input not bound":      {func(raw []byte) { putG1(raw, keyK+32, bn254.G1Affine{}) }, "infinity"},
		"constant not bound":   {func(raw []byte) { putG1(raw, keyK, bn254.G1Affine{}) }, "infinity"},
		"inputs tradable":      {func(raw []byte) { putG1(raw, keyK+64, g1At(raw, keyK+32)) }, "same up to sign"},
		"inputs opposite":      {func(raw []byte) { putG1(raw, keyK+64, negated(raw, keyK)) }, "same up to sign"},
		"alpha infinite":       {func(raw []byte) { putG1(raw, keyAlpha, bn254.G1Affine{}) }, "infinity"},
		"beta infinite":        {func(raw []byte) { putG2(raw, keyBeta2, bn254.G2Affine{}) }, "infinity"},
		"gamma infinite":       {func(raw []byte) { putG2(raw, keyGamma, bn254.G2Affine{}) }, "infinity"},
		"delta infinite":       {func(raw []byte) { putG2(raw, keyDelta2, bn254.G2Affine{}) }, "infinity"},
		"g infinite":           {func(raw []byte) { putG2(raw, keyG, bn254.G2Affine{}) }, "infinity"},
		"g sigma infinite":     {func(raw []byte) { putG2(raw, keyGSigma, bn254.G2Affine{}) }, "infinity"},
		"gamma is delta":       {func(raw []byte) { putG2(raw, keyGamma, g2At(raw, keyDelta2)) }, "must differ"},
		"gamma is minus delta": {func(raw []byte) { putG2(raw, keyGamma, opposite(raw, keyDelta2)) }, "must differ"},
		"delta is generator":   {func(raw []byte) { putG2(raw, keyDelta2, generator) }, "must differ"},
		"sigma is one":         {func(raw []byte) { putG2(raw, keyGSigma, opposite(raw, keyG)) }, "the same up to sign"},
		"sigma is minus one":   {func(raw []byte) { putG2(raw, keyGSigma, g2At(raw, keyG)) }, "the same up to sign"},
		"beta differs":         {func(raw []byte) { putG1(raw, keyBeta1, g1At(raw, keyAlpha)) }, "beta differs"},
		"delta differs":        {func(raw []byte) { putG1(raw, keyDelta1, g1At(raw, keyAlpha)) }, "delta differs"},
		"more inputs":          {func(raw []byte) { raw[keyCount+3] = 4 }, "must be 3"},
		"no commitment":        {func(raw []byte) { raw[keyCommitments+3] = 0 }, "must be 1"},
		"committed input":      {func(raw []byte) { raw[keyCommitments+7] = 1 }, "must be 0"},
		"two keys":             {func(raw []byte) { raw[keyCommitments+11] = 2 }, "must be 1"},
		"not a point":          {func(raw []byte) { copy(raw[keyK+32:], bytes.Repeat([]byte{0x9f}, 32)) }, "k[1]"},
	} {
		t.Run(name, func(t *testing.T) {
			raw := bytes.Clone(f.rawKey)
			c.change(raw)
			_, err := groth16.ParseVerifyingKey(raw)
			require.ErrorIs(t, err, groth16.ErrKey)
			require.ErrorContains(t, err, c.reason)
		})
	}
}

// TestPointsOutsideOfTheGroupAreRefused uses a point of the twist's curve that is not in the subgroup.
func TestPointsOutsideOfTheGroupAreRefused(t *testing.T) {
	f := load(t)
	outside := outsideOfG2(t)
	raw := bytes.Clone(f.rawKey)
	copy(raw[keyGamma:], outside)
	require.ErrorIs(t, groth16.LintKey(raw), groth16.ErrKey)
	proof := bytes.Clone(f.claims[0].Proof)
	copy(proof[bsAt:], outside)
	_, err := groth16.DecodeProof(proof)
	require.ErrorIs(t, err, groth16.ErrProofEncoding)
	require.ErrorContains(t, err, "subgroup")
}

// outsideOfG2 searches a coordinate that is on the twist: nearly all such points are outside of the subgroup.
func outsideOfG2(t *testing.T) []byte {
	for i := range byte(200) {
		raw := make([]byte, 64)
		raw[0], raw[63] = 0x80, i
		var p bn254.G2Affine
		if _, err := p.SetBytes(raw); err != nil && p.IsOnCurve() && !p.IsInSubGroup() {
			return raw
		}
	}
	t.Fatal("no point outside of the subgroup found")
	return nil
}
