package ceremony

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/assaychain/assay/x/proofs/internal/mpc"
	"github.com/assaychain/assay/x/proofs/internal/proving"
)

// Keys is what a ceremony made for one circuit.
type Keys struct {
	Circuit      Circuit
	ProvingKey   *proving.Key
	VerifyingKey []byte
}

// Transcript is a ceremony that verified from its first to its last file.
type Transcript struct {
	// Hash is the SHA-256 over the names and the hashes of all files in their order: plan, phase 1, its seal, phase 2, its seal.
	Hash [sha256.Size]byte
	// Contributors names who contributed to each phase, and Files what was hashed, in order.
	Phase1, Phase2 []string
	Files          []ReceiptFile
	// Keys are in the order of the plan's circuits.
	Keys []Keys
}

// Seal ends the open phase with its round's signature. Every contribution is verified first; phase 1 is followed by the start of
// phase 2, about 4 ms of one core for each constraint.
func (c *Ceremony) Seal(signature []byte) error {
	phase := c.Phase()
	if phase == 0 {
		return fmt.Errorf("%w: both phases are sealed", ErrOrder)
	}
	round, dir := c.plan.Phase1Round, phase1Dir
	if phase == 2 {
		round, dir = c.plan.Phase2Round, phase2Dir
	}
	if _, err := c.beacon.Randomness(round, signature); err != nil {
		return fmt.Errorf("%w: round %d: %w", ErrTranscript, round, err)
	}
	if phase == 2 {
		if err := c.eachCircuit(func(id string) error { return c.atLeastOne(filepath.Join(phase2Dir, id)) }); err != nil {
			return err
		}
		return c.writeSeal(dir, round, signature)
	}
	if err := c.atLeastOne(phase1Dir); err != nil {
		return err
	}
	randomness, err := c.beacon.Randomness(round, signature)
	if err != nil {
		return err
	}
	t := &transcript{ceremony: c}
	commons, err := t.phase1(randomness)
	if err != nil {
		return err
	}
	for _, circuit := range c.tools.Circuits {
		if err := c.start(circuit, commons); err != nil {
			return err
		}
	}
	return c.writeSeal(dir, round, signature)
}

func (c *Ceremony) eachCircuit(do func(id string) error) error {
	for _, circuit := range c.plan.Circuits {
		if err := do(circuit.ID); err != nil {
			return err
		}
	}
	return nil
}

// atLeastOne refuses a phase that nobody contributed to: its secrets would be the beacon's alone, which is public.
func (c *Ceremony) atLeastOne(dir string) error {
	names, err := contributions(c.path(dir))
	if err == nil && len(names) == 0 {
		err = fmt.Errorf("%w: nobody contributed to %s", ErrOrder, dir)
	}
	return err
}

// start writes the state before the first contribution to a circuit; one that an interrupted seal left is made anew.
func (c *Ceremony) start(circuit Circuit, commons *mpc.Commons) error {
	state, _, err := c.initial(circuit, commons)
	if err != nil {
		return err
	}
	raw, err := state.Encode()
	if err != nil {
		return err
	}
	path := c.path(phase2Dir, circuit.ID, startName+suffix)
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("replace %s: %w", path, err)
	}
	return writeFile(path, raw)
}

func (c *Ceremony) initial(circuit Circuit, commons *mpc.Commons) (*mpc.Phase2, *mpc.Evaluations, error) {
	c.progress("%s: deriving the start of phase 2 from %d constraints", circuit.ID, circuit.Constraints)
	system, err := circuit.Compile()
	if err != nil {
		return nil, nil, err
	}
	state, evaluations, err := mpc.NewPhase2(system, commons)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", circuit.ID, err)
	}
	return state, evaluations, nil
}

// Verify recomputes the whole ceremony from its folder: every contribution, both seals, and the keys that follow.
func (c *Ceremony) Verify() (*Transcript, error) {
	t := &transcript{ceremony: c, hash: sha256.New()}
	t.add(PlanName, c.raw)
	first, err := c.readSeal(phase1Dir, c.plan.Phase1Round)
	if err != nil {
		return nil, err
	}
	second, err := c.readSeal(phase2Dir, c.plan.Phase2Round)
	if err != nil {
		return nil, err
	}
	commons, err := t.phase1(first)
	if err != nil {
		return nil, err
	}
	if err := t.addFile(filepath.Join(phase1Dir, sealName)); err != nil {
		return nil, err
	}
	for _, circuit := range c.tools.Circuits {
		if err := t.phase2(circuit, commons, second); err != nil {
			return nil, err
		}
	}
	if err := t.addFile(filepath.Join(phase2Dir, sealName)); err != nil {
		return nil, err
	}
	t.result.Hash = [sha256.Size]byte(t.hash.Sum(nil))
	return &t.result, nil
}

// phase1 verifies all contributions to the first phase and seals it.
func (t *transcript) phase1(randomness [mpc.BeaconSize]byte) (*mpc.Commons, error) {
	c := t.ceremony
	names, err := contributions(c.path(phase1Dir))
	if err != nil {
		return nil, err
	}
	state, err := mpc.NewPhase1(c.plan.Domain)
	if err != nil {
		return nil, err
	}
	for i, name := range names {
		c.progress("phase 1: verifying contribution %d of %d, %s", i+1, len(names), contributor(name))
		raw, next, err := c.read1(name)
		if err != nil {
			return nil, err
		}
		if err := state.Verify(next); err != nil {
			return nil, fmt.Errorf("%w: %s: %w", ErrTranscript, c.path(phase1Dir, name), err)
		}
		t.result.Phase1 = append(t.result.Phase1, contributor(name))
		t.add(filepath.Join(phase1Dir, name), raw)
		state = next
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("%w: nobody contributed to %s", ErrTranscript, phase1Dir)
	}
	return state.Seal(randomness)
}

// phase2 verifies all contributions to a circuit and makes its keys.
func (t *transcript) phase2(circuit Circuit, commons *mpc.Commons, randomness [mpc.BeaconSize]byte) error {
	c, dir := t.ceremony, filepath.Join(phase2Dir, circuit.ID)
	names, err := contributions(c.path(dir))
	if err != nil {
		return err
	}
	if len(names) == 0 {
		return fmt.Errorf("%w: nobody contributed to %s", ErrTranscript, dir)
	}
	state, evaluations, err := c.initial(circuit, commons)
	if err != nil {
		return err
	}
	if err := t.checkStart(state, filepath.Join(dir, startName+suffix)); err != nil {
		return err
	}
	for i, name := range names {
		c.progress("%s: verifying contribution %d of %d, %s", circuit.ID, i+1, len(names), contributor(name))
		path := filepath.Join(dir, name)
		raw, err := readFile(c.path(path), maxFileSize)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrTranscript, err)
		}
		next, err := mpc.DecodePhase2(raw, false)
		if err == nil {
			err = state.Verify(next)
		}
		if err != nil {
			return fmt.Errorf("%w: %s: %w", ErrTranscript, c.path(path), err)
		}
		t.result.Phase2 = append(t.result.Phase2, circuit.ID+"/"+contributor(name))
		t.add(path, raw)
		state = next
	}
	key, verifyingKey, err := state.Seal(evaluations, randomness)
	if err != nil {
		return fmt.Errorf("%w: %s: %w", ErrTranscript, circuit.ID, err)
	}
	t.result.Keys = append(t.result.Keys, Keys{circuit, key, verifyingKey})
	return nil
}

// checkStart compares the start that contributors were given with the one that follows from phase 1.
func (t *transcript) checkStart(state *mpc.Phase2, path string) error {
	want, err := state.Encode()
	if err != nil {
		return err
	}
	got, err := readFile(t.ceremony.path(path), maxFileSize)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrTranscript, err)
	}
	if !bytes.Equal(got, want) {
		return fmt.Errorf("%w: %s is not what follows from phase 1", ErrTranscript, t.ceremony.path(path))
	}
	return nil
}
