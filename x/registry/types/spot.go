package types

import (
	"github.com/assaychain/assay/x/registry/spotcheck"
)

// Bounds of the rules for spot checks.
const (
	// DrawsLimit bounds the devices drawn by a round, SiblingsLimit those checked together, and CheckedLimit their product: the checks
	// that begin in one block.
	DrawsLimit, SiblingsLimit, CheckedLimit = 64, 64, 512
	// MaxDrawSeconds bounds the time between two draws: a day.
	MaxDrawSeconds = 86_400
	// MinCheckWindow and MaxCheckWindow bound the time for an answer in milliseconds: a second to an hour.
	MinCheckWindow, MaxCheckWindow = 1_000, 3_600_000
	// MinBlocksLimit bounds the blocks that a deadline leaves at least.
	MinBlocksLimit = 1_000
	// ExcusesLimit bounds the checks in a row that may be missed with the excuse of work.
	ExcusesLimit = 100
	// ChecksLimit bounds the checks that a block moves on.
	ChecksLimit = 1_000
)

// DefaultSpotRules draw four devices a minute and open 8 entries of each: who made half of a product's entries is found out 255 times
// out of 256.
func DefaultSpotRules() SpotRules {
	return SpotRules{
		Draws: 4, DrawSeconds: 60, MaxSiblings: 16, Samples: 8, OpenWindowMs: 120_000, MinBlocks: 8, MaxExcuses: 3, MaxChecksPerBlock: 100,
	}
}

// On tells whether devices are checked at all.
func (r SpotRules) On() bool { return r.Draws > 0 }

// Validate checks every field against its bounds.
func (r SpotRules) Validate() error {
	for _, field := range []struct {
		name               string
		value, least, most uint64
	}{
		{"draws", uint64(r.Draws), 0, DrawsLimit},
		{"draw_seconds", r.DrawSeconds, 1, MaxDrawSeconds},
		{"max_siblings", uint64(r.MaxSiblings), 1, SiblingsLimit},
		{"samples", uint64(r.Samples), 1, spotcheck.MaxSamples},
		{"open_window_ms", r.OpenWindowMs, MinCheckWindow, MaxCheckWindow},
		{"min_blocks", uint64(r.MinBlocks), 1, MinBlocksLimit},
		{"max_excuses", uint64(r.MaxExcuses), 0, ExcusesLimit},
		{"max_checks_per_block", uint64(r.MaxChecksPerBlock), 1, ChecksLimit},
	} {
		if field.value < field.least || field.value > field.most {
			return ErrParams.Wrapf("spot.%s is %d: it must be from %d to %d", field.name, field.value, field.least, field.most)
		}
	}
	if checked := r.Draws * r.MaxSiblings; checked > CheckedLimit {
		return ErrParams.Wrapf("spot.draws × spot.max_siblings is %d: it must be at most %d", checked, CheckedLimit)
	}
	return nil
}

// validateCheck checks the terms of a class's spot checks.
func (r ClassRule) validateCheck(samples uint32) error {
	terms := spotcheck.Terms{Size: r.CheckSize, Steps: r.CheckSteps, Samples: samples}
	if err := terms.Validate(); err != nil {
		return ErrParams.Wrapf("check_size, check_steps of %s and spot.samples: %s", r.Class, err)
	}
	if r.CheckWindowMs < MinCheckWindow || r.CheckWindowMs > MaxCheckWindow {
		return ErrParams.Wrapf("check_window_ms of %s is %d: it must be from %d to %d", r.Class, r.CheckWindowMs, MinCheckWindow, MaxCheckWindow)
	}
	return nil
}

// Terms are the size of the check.
func (c SpotCheck) Terms() spotcheck.Terms {
	return spotcheck.Terms{Size: c.Size_, Steps: c.Steps, Samples: c.Samples}
}

// Open tells whether the check is not over.
func (c SpotCheck) Open() bool {
	return c.State >= CHECK_STATE_PENDING && c.State <= CHECK_STATE_SAMPLED
}

// Waiting tells whether the check waits for a beacon round.
func (c SpotCheck) Waiting() bool {
	return c.State == CHECK_STATE_PENDING || c.State == CHECK_STATE_COMMITTED
}

// Late tells whether the deadline of an answer is over, by the registry's clock and by the number of blocks: after a halt of the chain
// there are still blocks in which to answer.
func (c SpotCheck) Late(now uint64, height int64) bool { return now > c.Due && height > c.DueBlock }

// Validate checks what holds for a check under any parameters.
func (c SpotCheck) Validate() error {
	if c.State < CHECK_STATE_PENDING || c.State > CHECK_STATE_EXCUSED {
		return ErrField.Wrapf("state %d: it must be from %d to %d", c.State, CHECK_STATE_PENDING, CHECK_STATE_EXCUSED)
	}
	if err := c.Terms().Validate(); err != nil {
		return ErrField.Wrap(err.Error())
	}
	if c.WindowMs < MinCheckWindow || c.WindowMs > MaxCheckWindow {
		return ErrField.Wrapf("window_ms is %d: it must be from %d to %d", c.WindowMs, MinCheckWindow, MaxCheckWindow)
	}
	if c.Open() != (c.Due > 0) {
		return ErrField.Wrapf("due is %d in %s: it must be above 0 while a check is open, 0 after", c.Due, c.State)
	}
	for _, hash := range []struct {
		name  string
		value []byte
		from  CheckState
	}{
		{"seed", c.Seed, CHECK_STATE_SEEDED}, {"commitment", c.Commitment, CHECK_STATE_COMMITTED}, {"challenge", c.Challenge, CHECK_STATE_SAMPLED},
	} {
		whole := len(hash.value) == spotcheck.HashSize
		missing := c.Open() && c.State >= hash.from && !whole
		if missing || c.Open() && c.State < hash.from && len(hash.value) > 0 || len(hash.value) > 0 && !whole {
			return ErrField.Wrapf("%s has %d bytes in %s: it must have %d from %s on", hash.name, len(hash.value), c.State, spotcheck.HashSize, hash.from)
		}
	}
	return nil
}
