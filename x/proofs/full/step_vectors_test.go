package full_test

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/proofs/full"
)

const chainVectorFile = "testdata/chains.json"

// chainVectors are test vectors of chains under the key of the other vectors. All bytes are in hex. A step is a chain of one
// link.
type chainVectors struct {
	Key    string        `json:"key"`
	Secret string        `json:"secret"`
	Cases  []chainVector `json:"cases"`
	// Refused are proofs that differ from a case's in the lowest bit of one byte.
	Refused []flipVector `json:"refused"`
}

type flipVector struct {
	Case int `json:"case"`
	At   int `json:"at"`
}

type chainVector struct {
	Name   string        `json:"name"`
	Digest string        `json:"digest"`
	Inputs []inputVector `json:"inputs"`
	Links  []linkVector  `json:"links"`
	Proof  string        `json:"proof"`
}

type inputVector struct {
	Rows       uint32 `json:"rows"`
	Cols       uint32 `json:"cols"`
	Commitment string `json:"commitment"`
}

type linkVector struct {
	Operand int    `json:"operand"`
	N       uint32 `json:"n"`
	Weights string `json:"weights"`
	Int32   bool   `json:"int32"`
	Shift   uint32 `json:"shift"`
	Relu    bool   `json:"relu"`
	Output  string `json:"output"`
}

func chainVectorOf(name string, c full.Chain, proof []byte) chainVector {
	v := chainVector{Name: name, Digest: hex.EncodeToString(c.Digest[:]), Proof: hex.EncodeToString(proof)}
	for _, in := range c.Inputs {
		v.Inputs = append(v.Inputs, inputVector{in.Rows, in.Cols, hex.EncodeToString(in.Commitment[:])})
	}
	for _, l := range c.Links {
		v.Links = append(v.Links, linkVector{
			l.Operand, l.N, hex.EncodeToString(l.Weights[:]), l.Int32, l.Shift, l.Relu, hex.EncodeToString(l.Output[:]),
		})
	}
	return v
}

func (v *chainVector) chain(t testing.TB) full.Chain {
	c := full.Chain{Digest: [32]byte(unhex(t, v.Digest))}
	for _, in := range v.Inputs {
		c.Inputs = append(c.Inputs, full.Input{Rows: in.Rows, Cols: in.Cols, Commitment: full.Commitment(unhex(t, in.Commitment))})
	}
	for _, l := range v.Links {
		c.Links = append(c.Links, full.Link{
			Operand: l.Operand, N: l.N, Weights: [32]byte(unhex(t, l.Weights)), Int32: l.Int32, Shift: l.Shift, Relu: l.Relu,
			Output: full.Commitment(unhex(t, l.Output)),
		})
	}
	return c
}

// makeChainVectors proves a few programs, and spoils one proof in every element by one bit.
func makeChainVectors(t *testing.T) chainVectors {
	f := load(t, 0)
	out := chainVectors{Key: hex.EncodeToString(f.file.RawKey()), Secret: hex.EncodeToString(bytes32(bigOf(secret)))}
	for i := range 6 {
		p := drawRun(t, fmt.Sprint("vector ", i)).prove(t, f)
		out.Cases = append(out.Cases, chainVectorOf(fmt.Sprintf("program %d of %d links", i, len(p.Chain.Links)), p.Chain, p.Proof))
	}
	p := chainRun(t).prove(t, f)
	out.Cases = append(out.Cases, chainVectorOf("three links, the last int32", p.Chain, p.Proof))
	for at := 31; at < len(p.Proof); at += 32 {
		out.Refused = append(out.Refused, flipVector{len(out.Cases) - 1, at})
	}
	return out
}

func readChainVectors(t testing.TB) (out chainVectors) {
	raw, err := os.ReadFile(chainVectorFile)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, &out))
	return out
}

// TestChainVectors holds the verdicts on stored proofs, by both verifiers; of the wrong ones the second sees one in 64.
func TestChainVectors(t *testing.T) {
	if *update {
		raw, err := json.MarshalIndent(makeChainVectors(t), "", " ")
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(chainVectorFile, append(raw, '\n'), 0o644))
	}
	stored := readChainVectors(t)
	key, err := full.ParseVerifyingKey(unhex(t, stored.Key))
	require.NoError(t, err)
	x := reduce(bigFrom(unhex(t, stored.Secret)))
	for _, v := range stored.Cases {
		c, proof := v.chain(t), unhex(t, v.Proof)
		require.NoError(t, full.VerifyChain(key, c, proof), v.Name)
		require.NoError(t, slowVerifyChain(x, key.Hash(), &c, proof), v.Name)
	}
	for i, flip := range stored.Refused {
		v := &stored.Cases[flip.Case]
		c, proof := v.chain(t), unhex(t, v.Proof)
		proof[flip.At] ^= 1
		require.Error(t, full.VerifyChain(key, c, proof), flip)
		if i%64 == 0 {
			require.Error(t, slowVerifyChain(x, key.Hash(), &c, proof), flip)
		}
	}
}
