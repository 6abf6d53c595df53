package full

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"github.com/assaychain/assay/x/proofs/internal/group"
)

const (
	// chainLinksDomain separates the coefficients of a chain's equations from all other hashes, chainBatchDomain those of several
	// chains'.
	chainLinksDomain = "assay/full/chain/links/v1"
	chainBatchDomain = "assay/full/chain/batch/v1"
)

// VerifyChain is nil when the proof proves the chain: the proofs of its links, one after the other. All links are reduced
// before the equations that are left are settled together, each to the power of a 128-bit coefficient that is a hash of key,
// chain and proof.
func VerifyChain(key *VerifyingKey, chain Chain, proof []byte) error {
	known := knownOf(1, func(raw encodings, _ int) encodings { return chain.collect(raw, proof) })
	all, err := reduceChain(key, &chain, proof, known)
	if err != nil {
		return err
	}
	return settle(key, all, coefficients(chainSeed(key, &chain, proof), all))
}

// reduceChain checks everything but the pairings, and returns what those have to show of each link.
func reduceChain(key *VerifyingKey, chain *Chain, proof []byte, known *group.Known) (all []*obligation, err error) {
	defer recoverTo(&err, ErrProof)
	claims, err := chain.claims()
	if err != nil {
		return nil, err
	}
	if want := ChainProofSize(*chain); len(proof) != want {
		return nil, fmt.Errorf("%w: %d bytes, want %d", ErrProofEncoding, len(proof), want)
	}
	for i, claim := range claims {
		size := claim.size()
		o, err := claim.reduce(key, proof[:size], known)
		if err != nil {
			return nil, fmt.Errorf("link %d: %w", i, err)
		}
		all, proof = append(all, o), proof[size:]
	}
	return all, nil
}

// ClaimedChain is a chain with the proof of it.
type ClaimedChain struct {
	Chain Chain
	Proof []byte
}

// VerifyChainBatch gives one verdict for each claimed chain, nil for those that verify. As in VerifyBatch all that are sound
// but for the pairings are settled together, and if that fails each is settled alone.
func VerifyChainBatch(key *VerifyingKey, batch []ClaimedChain) []error {
	verdicts, reduced := make([]error, len(batch)), make([][]*obligation, len(batch))
	seeds := []byte(chainBatchDomain)
	known := knownOf(len(batch), func(raw encodings, i int) encodings { return batch[i].Chain.collect(raw, batch[i].Proof) })
	var together []*obligation
	for i := range batch {
		c := &batch[i]
		if reduced[i], verdicts[i] = reduceChain(key, &c.Chain, c.Proof, known); verdicts[i] == nil {
			seed := chainSeed(key, &c.Chain, c.Proof)
			seeds, together = append(seeds, seed[:]...), append(together, reduced[i]...)
		}
	}
	if len(together) == 0 || settle(key, together, coefficients(sha256.Sum256(seeds), together)) == nil {
		return verdicts
	}
	for i := range batch {
		if verdicts[i] == nil {
			seed := chainSeed(key, &batch[i].Chain, batch[i].Proof)
			verdicts[i] = settle(key, reduced[i], coefficients(seed, reduced[i]))
		}
	}
	return verdicts
}

// chainSeed hashes everything that the equations come from, each part of a fixed length or behind its length.
func chainSeed(key *VerifyingKey, c *Chain, proof []byte) [sha256.Size]byte {
	h := sha256.New()
	b := append([]byte(chainLinksDomain), key.hash[:]...)
	b = append(b, c.Digest[:]...)
	b = binary.BigEndian.AppendUint32(b, uint32(len(c.Inputs)))
	for i := range c.Inputs {
		b = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(b, c.Inputs[i].Rows), c.Inputs[i].Cols)
		b = append(b, c.Inputs[i].Commitment[:]...)
	}
	b = binary.BigEndian.AppendUint32(b, uint32(len(c.Links)))
	for i := range c.Links {
		l := &c.Links[i]
		for _, v := range []uint32{uint32(l.Operand), l.N, l.Shift} {
			b = binary.BigEndian.AppendUint32(b, v)
		}
		b = append(b, flag(l.Int32), flag(l.Relu))
		b = append(append(b, l.Weights[:]...), l.Output[:]...)
	}
	h.Write(b)
	h.Write(proof)
	return [sha256.Size]byte(h.Sum(nil))
}

func flag(set bool) byte {
	if set {
		return 1
	}
	return 0
}
