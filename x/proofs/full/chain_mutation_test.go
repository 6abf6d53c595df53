package full_test

import (
	"bytes"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/proofs/full"
)

// TestChainRandomMutations changes stored proofs of chains, the chains, and the key. A few of the results are shown to the second
// verifier, which is slow.
func TestChainRandomMutations(t *testing.T) {
	stored := readChainVectors(t)
	raw := unhex(t, stored.Key)
	key, err := full.ParseVerifyingKey(raw)
	require.NoError(t, err)
	secret := bigFrom(unhex(t, stored.Secret))
	var chains []full.Chain
	var proofs, parts [][]byte
	for _, v := range stored.Cases {
		c := v.chain(t)
		require.NoError(t, full.VerifyChain(key, c, unhex(t, v.Proof)))
		chains, proofs, parts = append(chains, c), append(proofs, unhex(t, v.Proof)), append(parts, chainParts(&c)...)
	}
	campaign(t, "chain mutations", func(s *stream, tried int) error {
		kind := s.below(16)
		which, proof := newMutator(s, proofs).next()
		chain := copyChain(chains[which])
		switch {
		case kind == 0:
			return refusedUnder(s.key(raw), func(k *full.VerifyingKey) error { return full.VerifyChain(k, chain, proofs[which]) })
		case kind < 4:
			proof = proofs[which]
			s.changeChain(&chain, parts)
		}
		if tried%64 == 0 {
			err := slowVerifyChain(secret, key.Hash(), &chain, proof)
			if err := refused(err, "for the second verifier, a chain and proof", chain, proof); err != nil {
				return err
			}
		}
		return refused(full.VerifyChain(key, chain, proof), "a chain and proof", chain, proof)
	})
}

// copyChain copies one, its inputs and links too.
func copyChain(c full.Chain) full.Chain {
	c.Inputs, c.Links = slices.Clone(c.Inputs), slices.Clone(c.Links)
	return c
}

// chainParts are the digests and commitments of a chain.
func chainParts(c *full.Chain) [][]byte {
	parts := [][]byte{bytes.Clone(c.Digest[:])}
	for _, in := range c.Inputs {
		parts = append(parts, bytes.Clone(in.Commitment[:]))
	}
	for _, l := range c.Links {
		parts = append(parts, bytes.Clone(l.Weights[:]), bytes.Clone(l.Output[:]))
	}
	return parts
}

// changeChain changes one field.
func (s *stream) changeChain(c *full.Chain, parts [][]byte) {
	input, link := &c.Inputs[s.below(len(c.Inputs))], &c.Links[s.below(len(c.Links))]
	switch s.below(10) {
	case 0:
		s.change(c.Digest[:], parts)
	case 1:
		s.change(input.Commitment[:], parts)
	case 2:
		s.number(&input.Rows)
	case 3:
		s.number(&input.Cols)
	case 4:
		s.change(link.Weights[:], parts)
	case 5:
		s.change(link.Output[:], parts)
	case 6:
		s.number(&link.N)
	case 7:
		s.number(&link.Shift)
	case 8:
		link.Int32 = !link.Int32
	default:
		link.Relu = !link.Relu
	}
}
