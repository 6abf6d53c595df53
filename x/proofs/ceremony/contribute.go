package ceremony

import (
	"fmt"
	"path/filepath"
	"time"

	"github.com/assaychain/assay/x/proofs/internal/mpc"
)

// Receipt is what a contributor publishes, so that everybody can see that its file is in the transcript.
type Receipt struct {
	Name  string        `json:"name"`
	Phase int           `json:"phase"`
	Files []ReceiptFile `json:"files"`
}

// ReceiptFile is one contribution.
type ReceiptFile struct {
	Path   string `json:"path"`
	SHA256 string `json:"sha256"`
}

// Contribute adds a contribution to the open phase under a name of 1 to 32 lower-case letters, digits and hyphens. In the second
// phase that is a file for every circuit. The secrets never leave the process. It refuses when the phase's round is due.
func (c *Ceremony) Contribute(name string) (Receipt, error) {
	receipt := Receipt{Name: name, Phase: c.Phase()}
	if !contributionName.MatchString("0001-" + name + suffix) {
		return receipt, fmt.Errorf("%w: name %q: 1 to 32 of a-z, 0-9 and hyphens inside", ErrOrder, name)
	}
	round := c.plan.Phase1Round
	if receipt.Phase == 2 {
		round = c.plan.Phase2Round
	}
	late, when, err := due(c.beacon, round, c.tools.Now())
	switch {
	case receipt.Phase == 0:
		return receipt, fmt.Errorf("%w: both phases are sealed", ErrOrder)
	case err != nil:
		return receipt, err
	case late:
		return receipt, fmt.Errorf("%w: phase %d ended at %s; it can only be sealed now", ErrOrder, receipt.Phase, when.Format(time.RFC3339))
	case receipt.Phase == 1:
		return receipt, c.contribute1(&receipt)
	}
	for _, circuit := range c.plan.Circuits {
		if err := c.contribute2(circuit.ID, &receipt); err != nil {
			return receipt, err
		}
	}
	return receipt, nil
}

func (c *Ceremony) contribute1(receipt *Receipt) error {
	names, err := contributions(c.path(phase1Dir))
	if err != nil {
		return err
	}
	state, before, err := c.last1(names)
	if err != nil {
		return err
	}
	c.progress("phase 1: contributing to a domain of %d", c.plan.Domain)
	state.Contribute()
	raw, err := state.Encode()
	if err != nil {
		return err
	}
	if err := before.Verify(state); err != nil {
		return err
	}
	return c.store(receipt, len(names), raw, phase1Dir)
}

// last1 is the last state of phase 1, twice: contributing changes one.
func (c *Ceremony) last1(names []string) (state, again *mpc.Phase1, err error) {
	load := func() (*mpc.Phase1, error) {
		if len(names) == 0 {
			return mpc.NewPhase1(c.plan.Domain)
		}
		_, state, err := c.read1(names[len(names)-1])
		return state, err
	}
	if state, err = load(); err != nil {
		return nil, nil, err
	}
	again, err = load()
	return state, again, err
}

func (c *Ceremony) read1(name string) (raw []byte, state *mpc.Phase1, err error) {
	path := c.path(phase1Dir, name)
	if raw, err = readFile(path, maxFileSize); err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrTranscript, err)
	}
	if state, err = mpc.DecodePhase1(c.plan.Domain, raw); err != nil {
		return nil, nil, fmt.Errorf("%w: %s: %w", ErrTranscript, path, err)
	}
	return raw, state, nil
}

func (c *Ceremony) contribute2(circuit string, receipt *Receipt) error {
	dir := filepath.Join(phase2Dir, circuit)
	names, err := contributions(c.path(dir))
	if err != nil {
		return err
	}
	name := startName + suffix
	if len(names) > 0 {
		name = names[len(names)-1]
	}
	raw, err := readFile(c.path(dir, name), maxFileSize)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrTranscript, err)
	}
	state, err := mpc.DecodePhase2(raw, len(names) == 0)
	if err != nil {
		return fmt.Errorf("%w: %s: %w", ErrTranscript, c.path(dir, name), err)
	}
	before, err := mpc.DecodePhase2(raw, len(names) == 0)
	if err != nil {
		return err
	}
	c.progress("phase 2: contributing to %s", circuit)
	state.Contribute()
	encoded, err := state.Encode()
	if err != nil {
		return err
	}
	if err := before.Verify(state); err != nil {
		return err
	}
	return c.store(receipt, len(names), encoded, dir)
}

// store writes the contribution after so many others.
func (c *Ceremony) store(receipt *Receipt, before int, raw []byte, dir string) error {
	if before >= MaxContributions {
		return fmt.Errorf("%w: %s has %d contributions, the most there may be", ErrOrder, dir, before)
	}
	path := filepath.Join(dir, fmt.Sprintf("%04d-%s%s", before+1, receipt.Name, suffix))
	if err := writeFile(c.path(path), raw); err != nil {
		return err
	}
	receipt.Files = append(receipt.Files, ReceiptFile{Path: filepath.ToSlash(path), SHA256: fingerprint(raw)})
	return nil
}
