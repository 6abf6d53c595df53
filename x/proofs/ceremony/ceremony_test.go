package ceremony_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"math/big"
	"path/filepath"
	"testing"
	"time"

	"github.com/consensys/gnark-crypto/ecc"
	"github.com/consensys/gnark/frontend"
	"github.com/consensys/gnark/frontend/cs/r1cs"
	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/proofs/ceremony"
	"github.com/assaychain/assay/x/proofs/circuits"
	"github.com/assaychain/assay/x/proofs/internal/groth16"
	"github.com/assaychain/assay/x/proofs/internal/proving"
	"github.com/assaychain/assay/x/proofs/setup"
)

// tiny has what the chain's circuits have: one public input and one commitment.
type tiny struct {
	Public frontend.Variable `gnark:",public"`
	Secret [6]frontend.Variable
	// twist makes a circuit of the same size with other coefficients.
	twist int
}

// Define proves that Public is the product of the secrets, times the twist, and binds a commitment to them.
func (c *tiny) Define(api frontend.API) error {
	product := frontend.Variable(1 + c.twist)
	for _, s := range c.Secret {
		product = api.Mul(product, s)
	}
	api.AssertIsEqual(product, c.Public)
	committed, err := api.(frontend.Committer).Commit(c.Secret[:]...)
	if err != nil {
		return err
	}
	api.AssertIsDifferent(api.Mul(committed, c.Secret[0]), 0)
	return nil
}

func compileTiny(twist int) (proving.System, error) {
	return frontend.Compile(ecc.BN254.ScalarField(), r1cs.NewBuilder, &tiny{twist: twist})
}

func tinyCircuits(t *testing.T, ids ...string) []ceremony.Circuit {
	var all []ceremony.Circuit
	for i, id := range ids {
		system, err := compileTiny(i)
		require.NoError(t, err)
		all = append(all, ceremony.Circuit{
			Circuit: circuits.Circuit{ID: id, Class: 1, Constraints: system.GetNbConstraints(), SHA256: fmt.Sprint(id)},
			Compile: func() (proving.System, error) { return compileTiny(i) },
		})
	}
	return all
}

// hashBeacon is a beacon whose signature of a round is its SHA-256: verifiable, which is all that a ceremony asks.
type hashBeacon struct{}

func (hashBeacon) TimeOf(round uint64) (int64, error) { return int64(round), nil }

func (hashBeacon) Randomness(round uint64, signature []byte) ([32]byte, error) {
	if string(signature) != string(sign(round)) {
		return [32]byte{}, errors.New("signature does not verify")
	}
	return sha256.Sum256(signature), nil
}

func sign(round uint64) []byte {
	sum := sha256.Sum256([]byte(fmt.Sprint("round ", round)))
	return sum[:]
}

// world is a ceremony of two small circuits whose phases end at the seconds 100 and 200.
type world struct {
	*ceremony.Ceremony
	dir   string
	now   int64
	tools ceremony.Tools
}

func begin(t *testing.T) *world {
	w := &world{dir: filepath.Join(t.TempDir(), "ceremony"), now: 10}
	w.tools = ceremony.Tools{
		Library: "test", Circuits: tinyCircuits(t, "tiny-a", "tiny-b"),
		Now:    func() time.Time { return time.Unix(w.now, 0) },
		Beacon: func(ceremony.BeaconChain) (ceremony.Beacon, error) { return hashBeacon{}, nil },
	}
	plan, err := ceremony.NewPlan("test", w.tools.Circuits, ceremony.BeaconChain{PublicKey: "00"}, 100, 200)
	require.NoError(t, err)
	require.Equal(t, uint64(16), plan.Domain)
	w.Ceremony, err = ceremony.Begin(w.dir, plan, w.tools)
	require.NoError(t, err)
	return w
}

func (w *world) contribute(t *testing.T, names ...string) {
	for _, name := range names {
		_, err := w.Contribute(name)
		require.NoError(t, err)
	}
}

// complete runs a whole ceremony of two contributors a phase.
func complete(t *testing.T) *world {
	w := begin(t)
	w.contribute(t, "alice", "bob")
	w.now = 101
	require.NoError(t, w.Seal(sign(100)))
	w.contribute(t, "carol", "dave")
	w.now = 201
	require.NoError(t, w.Seal(sign(200)))
	return w
}

func TestKeysOfACeremonyProveAndVerify(t *testing.T) {
	w := complete(t)
	require.Zero(t, w.Phase())
	transcript, err := w.Verify()
	require.NoError(t, err)
	require.Equal(t, []string{"alice", "bob"}, transcript.Phase1)
	require.Equal(t, []string{"tiny-a/carol", "tiny-a/dave", "tiny-b/carol", "tiny-b/dave"}, transcript.Phase2)
	require.Len(t, transcript.Files, 1+2+1+4+1)
	for i, k := range transcript.Keys {
		proveTiny(t, k, i)
	}
	again, err := w.Verify()
	require.NoError(t, err)
	require.Equal(t, transcript.Hash, again.Hash)
	require.Equal(t, transcript.Keys[0].VerifyingKey, again.Keys[0].VerifyingKey, "keys follow from the folder")
	require.NotEqual(t, transcript.Hash, mustVerify(t, complete(t)).Hash, "two ceremonies have nothing in common")
}

func mustVerify(t *testing.T, w *world) *ceremony.Transcript {
	transcript, err := w.Verify()
	require.NoError(t, err)
	return transcript
}

// proveTiny makes a proof with a ceremony's key and checks it with the chain's verifier, against the right and a wrong input.
func proveTiny(t *testing.T, k ceremony.Keys, twist int) {
	system, err := k.Circuit.Compile()
	require.NoError(t, err)
	assignment := &tiny{Public: 720 * (1 + twist)}
	for i := range assignment.Secret {
		assignment.Secret[i] = i + 1
	}
	full, err := frontend.NewWitness(assignment, ecc.BN254.ScalarField())
	require.NoError(t, err)
	proof, err := k.ProvingKey.Prove(system, full)
	require.NoError(t, err)
	key, err := groth16.ParseVerifyingKey(k.VerifyingKey)
	require.NoError(t, err)
	digest := func(public int64) (d [32]byte) {
		big.NewInt(public).FillBytes(d[:])
		return d
	}
	require.NoError(t, key.Verify(digest(int64(720*(1+twist))), proof))
	require.Error(t, key.Verify(digest(719), proof))
}

func TestInstalledKeysNameTheirCeremony(t *testing.T) {
	transcript := mustVerify(t, complete(t))
	dir := filepath.Join(t.TempDir(), "keys")
	var pairs []setup.Pair
	for _, k := range transcript.Keys {
		pairs = append(pairs, setup.Pair{Circuit: k.Circuit.Circuit, ProvingKey: k.ProvingKey, VerifyingKey: k.VerifyingKey})
	}
	_, err := setup.Install(dir, transcript.Hash, pairs)
	require.NoError(t, err)
	keys, err := setup.Open(dir)
	require.NoError(t, err)
	hash, ok := keys.Ceremony("tiny-a")
	require.True(t, ok)
	require.Equal(t, transcript.Hash[:], hash)
	_, err = setup.Make(dir, nil)
	require.ErrorContains(t, err, "holds the keys of ceremony")
	_, err = setup.Install(dir, [32]byte{1}, pairs)
	require.ErrorContains(t, err, "holds other keys")
	wider := pairs[1]
	wider.Circuit.ID = "tiny-wide"
	_, err = setup.Install(dir, [32]byte{2}, []setup.Pair{wider})
	require.NoError(t, err, "circuits of another size have a ceremony of their own")
	keys, err = setup.Open(dir)
	require.NoError(t, err)
	for id, want := range map[string][32]byte{"tiny-a": transcript.Hash, "tiny-b": transcript.Hash, "tiny-wide": {2}} {
		hash, ok := keys.Ceremony(id)
		require.True(t, ok)
		require.Equal(t, want[:], hash, id)
	}
}

func TestStepsOutOfOrderAreRefused(t *testing.T) {
	w := begin(t)
	require.ErrorIs(t, w.Seal(sign(100)), ceremony.ErrOrder, "nobody contributed")
	for _, name := range []string{"", "Alice", "-a", "a/../b", "abcdefghijabcdefghijabcdefghijabc"} {
		_, err := w.Contribute(name)
		require.ErrorIs(t, err, ceremony.ErrOrder, name)
	}
	w.contribute(t, "alice")
	w.now = 100
	_, err := w.Contribute("late")
	require.ErrorContains(t, err, "ended at")
	require.ErrorIs(t, w.Seal(sign(200)), ceremony.ErrTranscript, "the other phase's round")
	require.Equal(t, 1, w.Phase())
	require.NoError(t, w.Seal(sign(100)))
	require.ErrorIs(t, w.Seal(sign(200)), ceremony.ErrOrder, "nobody contributed to phase 2")
	_, err = w.Verify()
	require.ErrorIs(t, err, ceremony.ErrTranscript, "not sealed")
	w.contribute(t, "alice")
	require.NoError(t, w.Seal(sign(200)))
	_, err = w.Contribute("bob")
	require.ErrorIs(t, err, ceremony.ErrOrder)
	_, err = ceremony.Begin(w.dir, w.Plan(), w.tools)
	require.Error(t, err, "a folder holds one ceremony")
}

func TestPlansAreRefused(t *testing.T) {
	w := begin(t)
	chain := ceremony.BeaconChain{PublicKey: "00"}
	for name, make := range map[string]func() (ceremony.Plan, error){
		"no circuits":  func() (ceremony.Plan, error) { return ceremony.NewPlan("test", nil, chain, 1, 2) },
		"rounds equal": func() (ceremony.Plan, error) { return ceremony.NewPlan("test", w.tools.Circuits, chain, 2, 2) },
		"round 0":      func() (ceremony.Plan, error) { return ceremony.NewPlan("test", w.tools.Circuits, chain, 0, 2) },
		"domains": func() (ceremony.Plan, error) {
			larger := append([]ceremony.Circuit{}, w.tools.Circuits...)
			larger[1].Constraints = 17
			return ceremony.NewPlan("test", larger, chain, 1, 2)
		},
	} {
		_, err := make()
		require.ErrorIs(t, err, ceremony.ErrPlan, name)
	}
	other := w.tools
	other.Library = "other"
	_, err := ceremony.Open(w.dir, other)
	require.ErrorIs(t, err, ceremony.ErrPlan)
	other = w.tools
	other.Circuits = other.Circuits[:1]
	_, err = ceremony.Open(w.dir, other)
	require.ErrorIs(t, err, ceremony.ErrPlan)
	w.now = 150
	_, err = ceremony.Begin(t.TempDir(), w.Plan(), w.tools)
	require.ErrorContains(t, err, "which is over")
}
