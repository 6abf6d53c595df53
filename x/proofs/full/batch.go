package full

import (
	"crypto/sha256"
	"encoding/binary"
)

// batchDomain separates the coefficients of a batch from all other hashes.
const batchDomain = "assay/full/batch/v1"

// Claimed is a statement with the proof of it.
type Claimed struct {
	Statement Statement
	Proof     []byte
}

// VerifyBatch gives one verdict for each claimed proof, nil for those that verify. All that are sound but for the pairings
// are settled together, each equation to the power of a 128-bit coefficient that is a hash of the key and of the whole batch;
// a wrong proof passes with a probability of about 2^-127. If that fails each is settled alone.
func VerifyBatch(key *VerifyingKey, batch []Claimed) []error {
	verdicts := make([]error, len(batch))
	known := knownOf(len(batch), func(raw encodings, i int) encodings { return batch[i].Statement.collect(raw, batch[i].Proof) })
	var together []*obligation
	var places []int
	for i := range batch {
		o, err := reduce(key, &batch[i].Statement, batch[i].Proof, known)
		if verdicts[i] = err; err == nil {
			together, places = append(together, o), append(places, i)
		}
	}
	if len(together) == 0 {
		return verdicts
	}
	if settle(key, together, coefficients(batchSeed(key, batch, places), together)) == nil {
		return verdicts
	}
	for i, place := range places {
		verdicts[place] = settleOne(key, together[i])
	}
	return verdicts
}

// batchSeed hashes the state of each transcript's start, which stands for key and statement, and the proofs.
func batchSeed(key *VerifyingKey, batch []Claimed, places []int) [sha256.Size]byte {
	h := sha256.New()
	h.Write([]byte(batchDomain))
	h.Write(key.hash[:])
	for _, place := range places {
		c := &batch[place]
		var length [8]byte
		binary.BigEndian.PutUint32(length[:4], uint32(len(c.Statement.Products)))
		binary.BigEndian.PutUint32(length[4:], uint32(len(c.Proof)))
		h.Write(length[:])
		h.Write(c.Statement.Digest[:])
		h.Write(c.Statement.Weights[:])
		h.Write(binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, c.Statement.N), c.Statement.K))
		for i := range c.Statement.Products {
			p := &c.Statement.Products[i]
			h.Write(binary.BigEndian.AppendUint32(nil, p.M))
			h.Write(p.X[:])
			h.Write(p.Y[:])
		}
		h.Write(c.Proof)
	}
	return [sha256.Size]byte(h.Sum(nil))
}
