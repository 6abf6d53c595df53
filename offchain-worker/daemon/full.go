package daemon

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"runtime"
	"slices"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/offchain-worker/chain"
	"github.com/assaychain/assay/offchain-worker/compute"
	"github.com/assaychain/assay/offchain-worker/config"
	"github.com/assaychain/assay/offchain-worker/fullproof"
	"github.com/assaychain/assay/offchain-worker/machine"
	"github.com/assaychain/assay/offchain-worker/runner"
	"github.com/assaychain/assay/x/proofs/program"
	proofstypes "github.com/assaychain/assay/x/proofs/types"
	"github.com/assaychain/assay/x/registry/cells"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// FullString is the file of the reference string that the configuration names; empty for none.
func FullString(c config.Config, home string) string {
	if c.Proofs.FullString == "" || filepath.IsAbs(c.Proofs.FullString) {
		return c.Proofs.FullString
	}
	return filepath.Join(home, c.Proofs.FullString)
}

// openFull opens the reference string, if there is one. One that is too short for some job, or a machine with too little memory for it,
// is good enough on development chains only: a worker that takes a job and can't prove it is punished.
func (d *Daemon) openFull() (err error) {
	path := FullString(d.config, d.deps.Home)
	if path == "" {
		return nil
	}
	threads := d.config.Worker.Threads
	if threads == 0 {
		threads = runtime.NumCPU()
	}
	options := fullproof.Options{Workers: threads, Memory: memoryOf(d.machine), Multiply: d.multiply}
	if d.full, err = fullproof.OpenWith(path, options); err != nil {
		return err
	}
	d.deps.Log.Info("checking the reference string", "file", path)
	if err := d.full.Verify(context.Background()); err != nil {
		return fmt.Errorf("reference string %s: %w", path, err)
	}
	err = d.full.CheckSize()
	if err != nil && runner.DevelopmentChain(d.config.Chain.ID) {
		d.deps.Log.Warn("jobs of the level full that are larger can't be proven, and will be punished", "reason", err)
		return nil
	}
	return err
}

// multiply computes on the processor what a proof needs besides a step's result.
func (d *Daemon) multiply(ctx context.Context, p fullproof.Product) error {
	return d.machine.Kernel(nil).Product(ctx, compute.Product{M: p.M, N: p.N, K: p.K, A: p.X, B: p.W, C: p.Sums}, nil)
}

// memoryOf is a machine's memory in MiB, that of its processor; 0 where it isn't known.
func memoryOf(m *machine.Machine) uint32 {
	if m == nil {
		return 0
	}
	for _, d := range m.Devices() {
		if d.Backend == registrytypes.BACKEND_CPU {
			return d.MemoryMiB
		}
	}
	return 0
}

// provable are the levels of assurance that this worker can prove on the chain as it is: full only under the chain's key, model only
// with the keys of all the chain's models, since a job may ask for any.
func (d *Daemon) provable(circuits []proofstypes.Circuit) []program.Assurance {
	return slices.DeleteFunc(slices.Clone(d.levels.Levels()), func(l program.Assurance) bool {
		switch l {
		case program.ASSURANCE_FULL:
			return !d.holdsFull(circuits)
		case program.ASSURANCE_MODEL:
			return !slices.ContainsFunc(circuits, func(c proofstypes.Circuit) bool { return activeModel(&c) }) || d.checkModels(circuits) != nil
		default:
			return false
		}
	})
}

// holdsFull tells whether the reference string is that of the chain's key.
func (d *Daemon) holdsFull(circuits []proofstypes.Circuit) bool {
	return d.full != nil && slices.ContainsFunc(circuits, func(c proofstypes.Circuit) bool {
		active := c.System == proofstypes.PROOF_SYSTEM_KZG_BN254 && c.Status == proofstypes.CIRCUIT_STATUS_ACTIVE
		return active && d.full.CheckKey(c.KeyHash) == nil
	})
}

// declared is how a device's record says levels: nothing for those that need not be said.
func declared(levels []program.Assurance) []program.Assurance {
	if slices.Equal(levels, registrytypes.DefaultLevels()) {
		return nil
	}
	return levels
}

// declare has the records of this machine's devices say what it can prove, as governance replaces keys and the operator gets
// others.
func (d *Daemon) declare(ctx context.Context) {
	circuits, err := d.client.Circuits(ctx)
	if err != nil {
		return // Told of by the check of the keys.
	}
	levels := d.provable(circuits)
	missing := d.full != nil && !slices.Contains(levels, program.ASSURANCE_FULL)
	if told := d.toldOfFull.Swap(missing); missing && !told {
		d.deps.Log.Warn("jobs of the level full are not taken: the chain has no KZG key, or not that of the reference string")
	}
	lacking := d.checkModels(circuits)
	if told := d.toldOfModels.Swap(lacking != nil); lacking != nil && !told {
		d.deps.Log.Warn("jobs of the level model are not taken: a key is missing", "error", lacking)
	}
	registered, err := d.client.Devices(ctx, d.operator)
	if err != nil {
		d.deps.Log.Warn("can't read the registered devices", "error", err)
		return
	}
	if messages := declareMessages(registered, d.works(), levels, d.cell); d.change(ctx, messages) {
		d.deps.Log.Info("devices say what they can prove, and where they are", "levels", len(levels), "cell", d.cell, "devices", len(messages))
	}
}

// declareMessages change those devices on this machine whose records say other levels, or another cell. A machine whose configuration has no
// location leaves the cell as it is: it may have been told by hand.
func declareMessages(registered []registrytypes.Device, local map[string]bool, levels []program.Assurance, cell cells.Cell) []sdk.Msg {
	var messages []sdk.Msg
	for _, r := range registered {
		moved := cell.Known() && r.Cell != uint32(cell)
		if !local[string(r.Id)] || slices.Equal(r.CanProve(), levels) && !moved {
			continue
		}
		update := chain.UpdateOf(r, r.Wanted())
		update.Levels = declared(levels)
		if moved {
			update.Cell = uint32(cell)
		}
		messages = append(messages, update)
	}
	return messages
}

// fullCheck compares the reference string here, if there is one, with the chain's KZG key, which is only known if the chain was asked.
func (d *checkup) fullCheck(circuits map[string]proofstypes.Circuit, asked bool) {
	path := FullString(d.config, d.deps.Home)
	if path == "" {
		return
	}
	const name = "reference string"
	system, err := fullproof.OpenWith(path, fullproof.Options{Workers: 1, Memory: memoryOf(d.machine)})
	if err != nil {
		d.add(name, VerdictFail, "%v", err)
		return
	}
	verdict, text := d.fullVerdict(system, circuits, asked)
	if err := system.Close(); err != nil {
		verdict, text = VerdictFail, err.Error()
	}
	d.add(name, verdict, "%s", text)
}

// fullVerdict fails what the worker refuses to start with, as openFull does, and warns where it works without the level or without
// the largest jobs.
func (d *checkup) fullVerdict(system *fullproof.System, circuits map[string]proofstypes.Circuit, asked bool) (Verdict, string) {
	short := system.CheckSize()
	if short != nil && !runner.DevelopmentChain(d.config.Chain.ID) {
		return VerdictFail, short.Error()
	}
	if !asked {
		return VerdictWarn, "not compared: the chain can't be reached"
	}
	text := "the chain has no KZG key: the level full is not offered"
	for _, id := range slices.Sorted(maps.Keys(circuits)) {
		circuit := circuits[id]
		if circuit.System != proofstypes.PROOF_SYSTEM_KZG_BN254 || !circuit.Active() {
			continue
		}
		foreign := system.CheckKey(circuit.KeyHash)
		switch {
		case foreign != nil:
			text = fmt.Sprintf("the level full is not offered: %v", foreign)
			continue
		case short != nil:
			return VerdictWarn, short.Error()
		}
		return VerdictOK, "of the chain's key " + id
	}
	return VerdictWarn, text
}
