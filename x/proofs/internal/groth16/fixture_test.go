package groth16_test

import (
	"bytes"
	"math/big"
	"sync"
	"testing"

	"github.com/consensys/gnark-crypto/ecc"
	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	gnark "github.com/consensys/gnark/backend/groth16"
	"github.com/consensys/gnark/backend/witness"
	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/proofs/circuits/opening"
	"github.com/assaychain/assay/x/proofs/circuits/opening/openingtest"
	"github.com/assaychain/assay/x/proofs/internal/groth16"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/setup"
	"github.com/assaychain/assay/x/proofs/setup/setuptest"
	"github.com/assaychain/assay/x/proofs/statement"
)

// The parts of an encoded proof.
const (
	arAt, bsAt, krsAt, countAt, commitmentAt, knowledgeAt = 0, 32, 96, 128, 132, 164
)

// fixture is a key with a few honest proofs under it.
type fixture struct {
	rawKey    []byte
	key       *groth16.VerifyingKey
	reference gnark.VerifyingKey
	claims    []groth16.Claim
}

var (
	fixtureOnce sync.Once
	shared      fixture
)

const fixtureProofs = 4

// load makes the fixture once for all tests of the package.
func load(t testing.TB) *fixture {
	fixtureOnce.Do(func() { shared = makeFixture(t) })
	require.Len(t, shared.claims, fixtureProofs)
	return &shared
}

func makeFixture(t testing.TB) (f fixture) {
	keys, err := setup.Open(setuptest.Dir(t))
	require.NoError(t, err)
	id := statement.CircuitID(statement.ClassSmall)
	f.rawKey, err = keys.LoadVerifyingKey(id)
	require.NoError(t, err)
	f.key, err = groth16.ParseVerifyingKey(f.rawKey)
	require.NoError(t, err)
	f.reference = gnark.NewVerifyingKey(ecc.BN254)
	_, err = f.reference.ReadFrom(bytes.NewReader(f.rawKey))
	require.NoError(t, err)

	provingKey, err := keys.LoadProvingKey(id)
	require.NoError(t, err)
	system, err := opening.Compile(statement.ClassSmall)
	require.NoError(t, err)
	step, err := openingtest.Draw(openingtest.Spec{
		Seed: 1, M: 5, N: 6, K: 100, Shift: 20, Activation: program.ACTIVATION_RELU, OutputType: program.DATA_TYPE_INT8,
	})
	require.NoError(t, err)
	for i := range uint32(fixtureProofs) {
		s, o, err := step.At(i%5, i%6, i)
		require.NoError(t, err)
		full, err := opening.Witness(s, o)
		require.NoError(t, err)
		proof, err := provingKey.Prove(system, full)
		require.NoError(t, err)
		digest, err := s.Digest()
		require.NoError(t, err)
		f.claims = append(f.claims, groth16.Claim{Digest: digest, Proof: proof})
	}
	return f
}

// referenceVerify is gnark's own verdict; a panic is a refusal. Its decoder allocates as many commitments as the encoding
// says before it reads them, so a flipped bit can ask for 137 GB: other counts than 1 are not passed on.
func (f *fixture) referenceVerify(t testing.TB, claim groth16.Claim) (accepted bool) {
	if !bytes.Equal(claim.Proof[countAt:commitmentAt], []byte{0, 0, 0, 1}) {
		return false
	}
	defer func() {
		if recover() != nil {
			accepted = false
		}
	}()
	proof := gnark.NewProof(ecc.BN254)
	if _, err := proof.ReadFrom(bytes.NewReader(claim.Proof)); err != nil {
		return false
	}
	public, err := witness.New(ecc.BN254.ScalarField())
	require.NoError(t, err)
	values := make(chan any, 1)
	values <- new(big.Int).SetBytes(claim.Digest[:])
	close(values)
	require.NoError(t, public.Fill(1, 0, values))
	return gnark.Verify(proof, f.reference, public) == nil
}

func clone(claim groth16.Claim) groth16.Claim {
	claim.Proof = bytes.Clone(claim.Proof)
	return claim
}

func g1At(raw []byte, at int) (p bn254.G1Affine) {
	if _, err := p.SetBytes(raw[at : at+32]); err != nil {
		panic(err)
	}
	return p
}

func putG1(raw []byte, at int, p bn254.G1Affine) {
	encoded := p.Bytes()
	copy(raw[at:], encoded[:])
}

func g2At(raw []byte, at int) (p bn254.G2Affine) {
	if _, err := p.SetBytes(raw[at : at+64]); err != nil {
		panic(err)
	}
	return p
}

func putG2(raw []byte, at int, p bn254.G2Affine) {
	encoded := p.Bytes()
	copy(raw[at:], encoded[:])
}

// rerandomise makes another valid proof of the same claim: (z*Ar, Bs/z, Krs).
func rerandomise(claim groth16.Claim, z uint64) groth16.Claim {
	out := clone(claim)
	scalar := fr.NewElement(z)
	var inverse fr.Element
	inverse.Inverse(&scalar)
	ar, bs := g1At(out.Proof, arAt), g2At(out.Proof, bsAt)
	ar.ScalarMultiplication(&ar, scalar.BigInt(new(big.Int)))
	bs.ScalarMultiplication(&bs, inverse.BigInt(new(big.Int)))
	putG1(out.Proof, arAt, ar)
	putG2(out.Proof, bsAt, bs)
	return out
}
