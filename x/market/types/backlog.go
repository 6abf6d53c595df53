package types

import (
	"github.com/assaychain/assay/x/market/pricing"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// BacklogUnit is one job that waits: a job that several classes would do for waits for each of them in equal parts, which are whole for any
// number of them.
const BacklogUnit = 60

// BacklogShare is how much a job with such requirements waits for each of its classes, in parts of BacklogUnit.
func BacklogShare(r Requirements) uint64 { return BacklogUnit / uint64(len(r.AnyOf())) }

// Empty tells whether nothing waits, nor did when the last two measurements were taken.
func (b Backlog) Empty() bool { return b.Waiting == 0 && b.PresentBps == 0 && b.PreviousBps == 0 }

// backlogPlace is where jobs wait.
type backlogPlace struct {
	class registrytypes.DeviceClass
	cell  uint32
}

// ValidateBacklogs refuses records that are out of order or empty, and any that say another number of waiting jobs than the jobs do.
func (g GenesisState) ValidateBacklogs() error {
	want := map[backlogPlace]uint64{}
	for i := range g.Jobs {
		if r := g.Jobs[i].Spec.Requirements; g.Jobs[i].Job.Queued {
			for _, class := range r.AnyOf() {
				want[backlogPlace{class, r.Cell}] += BacklogShare(r)
			}
		}
	}
	for i, b := range g.Backlogs {
		at := backlogPlace{b.Class, b.Cell}
		if err := b.validate(); err != nil {
			return ErrGenesis.Wrapf("backlogs[%d]: %s", i, err)
		}
		if i > 0 && !g.Backlogs[i-1].before(b) {
			return ErrGenesis.Wrapf("backlogs[%d] is out of order", i)
		}
		if b.Waiting != want[at] {
			return ErrGenesis.Wrapf("backlogs[%d]: %d wait for %s in cell %d, the jobs that are queued there make %d", i, b.Waiting, b.Class, b.Cell, want[at])
		}
		delete(want, at)
	}
	if len(want) > 0 {
		return ErrGenesis.Wrapf("jobs are queued in %d classes and cells that have no backlog", len(want))
	}
	return nil
}

func (b Backlog) validate() error {
	if b.Class < registrytypes.DEVICE_CLASS_CPU || b.Class > registrytypes.DEVICE_CLASS_DATACENTRE || b.Cell > CellsLimit {
		return ErrGenesis.Wrapf("class %d, cell %d: there is no such class or cell", b.Class, b.Cell)
	}
	if b.Empty() || b.PresentBps > pricing.BasisPoints || b.PreviousBps > pricing.BasisPoints {
		return ErrGenesis.Wrapf("%d waiting, measured %d and %d: it must say something, and at most %d", b.Waiting, b.PresentBps, b.PreviousBps, pricing.BasisPoints)
	}
	return nil
}

func (b Backlog) before(other Backlog) bool {
	return b.Class < other.Class || (b.Class == other.Class && b.Cell < other.Cell)
}
