package keeper

import (
	"bytes"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/market/clock"
	"github.com/assaychain/assay/x/market/lifecycle"
	"github.com/assaychain/assay/x/market/replicas"
	"github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/proofs/challenge"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// RevealResult takes the result that one of several operators committed to; the last one has them compared.
func (k *Keeper) RevealResult(ctx sdk.Context, worker sdk.AccAddress, msg *types.MsgRevealResult) error {
	job, err := k.Job(ctx, msg.JobId)
	if err != nil {
		return err
	}
	if ctx, err = k.flat(ctx, &job, 0); err != nil {
		return err
	}
	record, i, err := k.turnOf(ctx, &job, worker, msg.Attempt, lifecycle.Agree)
	if err != nil {
		return err
	}
	if job.State != types.JOB_STATE_REVEALING || record.Replicas[i].Revealed() {
		return types.ErrAnswered.Wrapf("job %d: %s has revealed its result", job.Id, worker)
	}
	if err := k.checkInTime(ctx, &job, "reveal"); err != nil {
		return err
	}
	if err := k.checkReveal(ctx, &job, record.Replicas[i], msg); err != nil {
		return err
	}
	record.Replicas[i].StepRoots = msg.StepRoots
	if err := k.noteReplica(ctx, &job, &record, worker); err != nil {
		return err
	}
	if !record.All(types.Replica.Revealed) {
		return nil
	}
	return k.decide(ctx, &job, &record)
}

// checkReveal checks that roots are canonical, one a step, and with their salt what the operator committed to.
func (k *Keeper) checkReveal(ctx sdk.Context, job *types.Job, replica types.Replica, msg *types.MsgRevealResult) error {
	spec, err := k.Spec(ctx, job.Id)
	if err != nil {
		return err
	}
	system, err := k.ports.Systems.For(spec.Assurance)
	if err != nil {
		return err
	}
	if want := len(spec.Program.Steps); len(msg.StepRoots) != want {
		return types.ErrRoots.Wrapf("job %d: step_roots has %d entries: the program has %d steps", job.Id, len(msg.StepRoots), want)
	}
	for i, root := range msg.StepRoots {
		if err := system.CheckRoot(program.TENSOR_KIND_PLAIN, root); err != nil {
			return types.ErrRoots.Wrapf("job %d: step_roots[%d]: %s", job.Id, i, err)
		}
	}
	as := asReplica(job, replica)
	claim, err := claimOf(ctx, &as)
	if err != nil {
		return err
	}
	opened, err := program.ReplicaCommitment(claim, msg.Salt, msg.StepRoots)
	if err != nil {
		return types.ErrReveal.Wrapf("job %d: %s", job.Id, err)
	}
	if !bytes.Equal(opened[:], replica.Commitment) {
		return types.ErrReveal.Wrapf("job %d: roots and salt don't open the commitment of %s", job.Id, replica.Worker)
	}
	return nil
}

// decide compares the results that stand. Nobody is outvoted: those that differ are asked where, and to prove it.
func (k *Keeper) decide(ctx sdk.Context, job *types.Job, record *types.ReplicaRecord) error {
	spec, err := k.Spec(ctx, job.Id)
	if err != nil {
		return err
	}
	record.Difference = nil
	results, of := record.Results()
	verdict, place := replicas.Compare(results, job.Agreement(spec))
	switch verdict {
	case replicas.Nobody:
		return k.disband(ctx, job, record, lifecycle.Disband)
	case replicas.Agreement:
		return k.agree(ctx, job, record)
	case replicas.TooFew:
		return k.standAlone(ctx, job, record)
	}
	record.Differences++
	one, other := record.Replicas[of[place.One]].StepRoots[place.Step], record.Replicas[of[place.Other]].StepRoots[place.Step]
	record.Difference = &types.Difference{
		Number: record.Differences, Step: uint32(place.Step), Level: tensor.Depth,
		One: types.DifferenceSide{Root: one, Node: one}, Other: types.DifferenceSide{Root: other, Node: other},
	}
	return k.wait(ctx, job, record, lifecycle.Diverge, types.REPLICA_STEP_DIVERGED)
}

// agree accepts a result and opens the dispute window.
func (k *Keeper) agree(ctx sdk.Context, job *types.Job, record *types.ReplicaRecord) error {
	params, err := k.params.Get(ctx)
	if err != nil {
		return err
	}
	now, err := k.Now(ctx)
	if err != nil {
		return err
	}
	if err := k.saveRound(ctx, job, record); err != nil {
		return err
	}
	if err := k.lead(ctx, job, record); err != nil {
		return err
	}
	due := now + clock.Seconds(params.DisputeSeconds)
	if _, err := k.move(ctx, job, lifecycle.Agree, func(job *types.Job) { job.Due = due }); err != nil {
		return err
	}
	k.observeStanding(ctx, job, record, registrytypes.OUTCOME_PROVEN)
	return k.tellRound(ctx, job, record, types.REPLICA_STEP_AGREED)
}

// standAlone has a result proven by samples that too few agree on. It is committed to already, and the round that samples it
// is fixed now.
func (k *Keeper) standAlone(ctx sdk.Context, job *types.Job, record *types.ReplicaRecord) error {
	if err := k.saveRound(ctx, job, record); err != nil {
		return err
	}
	if err := k.sampleLead(ctx, job, record, lifecycle.StandAlone); err != nil {
		return err
	}
	return k.tellRound(ctx, job, record, types.REPLICA_STEP_ALONE)
}

// sampleLead has the first operator that stands wait for the round that samples its result.
func (k *Keeper) sampleLead(ctx sdk.Context, job *types.Job, record *types.ReplicaRecord, event lifecycle.Event) error {
	if err := k.lead(ctx, job, record); err != nil {
		return err
	}
	job.Seed, job.StepRoots = nil, nil
	return k.fixRound(ctx, job, event, job.Commitment)
}

// ShowDifference takes what one side of a difference has at the present place; the second side has the difference looked for further
// down. What is not that side's is refused and changes nothing.
func (k *Keeper) ShowDifference(ctx sdk.Context, worker sdk.AccAddress, msg *types.MsgShowDifference) error {
	job, err := k.Job(ctx, msg.JobId)
	if err != nil {
		return err
	}
	size := 0
	for _, part := range msg.Parts {
		size += len(part)
	}
	metered := ctx
	if ctx, err = k.flat(ctx, &job, size); err != nil {
		return err
	}
	record, i, err := k.turnOf(ctx, &job, worker, msg.Attempt, lifecycle.Narrow)
	if err != nil {
		return err
	}
	d := record.Difference
	if d == nil || d.Number != msg.Number || d.Level != msg.Level {
		return types.ErrDifference.Wrapf("job %d: difference %d at level %d is not what is looked at", job.Id, msg.Number, msg.Level)
	}
	side := d.Side(record.Replicas[i].StepRoots)
	if side == nil {
		return types.ErrDifference.Wrapf("job %d: the result of %s is on neither side", job.Id, worker)
	}
	if len(side.Shown) > 0 {
		return types.ErrAnswered.Wrapf("job %d: this side of the difference is shown", job.Id)
	}
	if err := k.checkInTime(ctx, &job, "showing a difference"); err != nil {
		return err
	}
	shape, err := k.shapeAt(ctx, &job, d.Step)
	if err != nil {
		return err
	}
	side.Shown = msg.Parts
	if err := k.checkShown(metered, &job, d, side, shape); err != nil {
		return err
	}
	if err := k.noteReplica(ctx, &job, &record, worker); err != nil {
		return err
	}
	if len(d.One.Shown) == 0 || len(d.Other.Shown) == 0 {
		return nil
	}
	return k.narrow(ctx, &job, &record, shape)
}

// shapeAt is the shape of a step's output.
func (k *Keeper) shapeAt(ctx sdk.Context, job *types.Job, step uint32) (tensor.Shape, error) {
	spec, err := k.Spec(ctx, job.Id)
	if err != nil {
		return tensor.Shape{}, err
	}
	shapes, err := spec.Program.Shapes()
	if err != nil || int(step) >= len(shapes) {
		return tensor.Shape{}, types.ErrInvariant.Wrapf("job %d: step %d of %d: %v", job.Id, step, len(shapes), err)
	}
	out := shapes[step].Output
	return tensor.Shape{Kind: out.Kind, Type: out.Type, Rows: out.Rows, Cols: out.Cols}, nil
}

// checkShown checks, against gas, that what a side shows are its node's children, or the row of its digest. Results are committed to in one way
// only: who filled its tree up with anything but zeros can't show it.
func (k *Keeper) checkShown(
	ctx sdk.Context, job *types.Job, d *types.Difference, side *types.DifferenceSide, shape tensor.Shape,
) error {
	parts, shape := side.Shown, shape.Folded()
	system, err := k.ports.Systems.For(job.Assurance)
	if err != nil {
		return err
	}
	trees, can := system.(types.LocalFaults)
	if !can {
		return types.ErrInvariant.Wrapf("job %d: results of %s can't be compared", job.Id, job.Assurance.Word())
	}
	var same bool
	if d.Level == 0 {
		if want := int(tensor.RowBytes(shape)); len(parts) != 1 || len(parts[0]) != want {
			return types.ErrDifference.Wrapf("job %d: parts must be one row of %d bytes", job.Id, want)
		}
		same, err = trees.RowMatches(ctx, shape, parts[0], side.Node)
	} else {
		want := replicas.Children(tensor.LevelSize(shape.Rows, int(d.Level)-1), d.Index)
		if len(parts) != int(want) {
			return types.ErrDifference.Wrapf("job %d: parts has %d entries: the node has %d children with rows", job.Id, len(parts), want)
		}
		same, err = trees.NodeMatches(ctx, int(d.Level), parts, side.Node)
	}
	if err != nil || !same {
		return types.ErrDifference.Wrapf("job %d: parts are not what the result has at level %d, index %d: %v", job.Id, d.Level, d.Index, err)
	}
	return nil
}

// narrow goes on where what both sides have shown differs first: a child of the node, or a column of the row, or of its part where rows are folded.
func (k *Keeper) narrow(ctx sdk.Context, job *types.Job, record *types.ReplicaRecord, shape tensor.Shape) error {
	d := record.Difference
	if d.Level == 0 {
		at, differs := replicas.FirstColumn(d.One.Shown[0], d.Other.Shown[0], int(tensor.RowBytes(shape)/shape.Folded().Cols))
		if !differs {
			return types.ErrInvariant.Wrapf("job %d: rows of different digests are equal", job.Id)
		}
		row, col := shape.Unfold(d.Index, uint32(at))
		d.Entry = &types.Entry{Step: d.Step, Row: row, Col: col}
		d.One.Shown, d.Other.Shown = nil, nil
		return k.wait(ctx, job, record, lifecycle.Pinpoint, types.REPLICA_STEP_PINPOINTED)
	}
	child, differs := replicas.FirstDifference(d.One.Shown, d.Other.Shown)
	if !differs {
		return types.ErrInvariant.Wrapf("job %d: nodes of equal children differ", job.Id)
	}
	d.One.Node, d.Other.Node = d.One.Shown[child], d.Other.Shown[child]
	d.One.Shown, d.Other.Shown = nil, nil
	d.Level, d.Index = d.Level-1, d.Index*replicas.Width+uint32(child)
	return k.wait(ctx, job, record, lifecycle.Narrow, types.REPLICA_STEP_NARROWED)
}

// questionOf is what one of several operators has to prove of the entry in which results differ.
func (k *Keeper) questionOf(
	ctx sdk.Context, job *types.Job, record *types.ReplicaRecord, i int,
) (types.ProofSystem, challenge.Trace, error) {
	as := asReplica(job, record.Replicas[i])
	as.StepRoots = record.Replicas[i].StepRoots
	claim, err := claimOf(ctx, &as)
	if err != nil {
		return nil, challenge.Trace{}, err
	}
	commitment, err := program.CommitmentHash(claim, as.StepRoots)
	if err != nil {
		return nil, challenge.Trace{}, types.ErrRoots.Wrapf("job %d: %s", job.Id, err)
	}
	seed := program.ReplicaSeed(claim, commitment)
	as.Seed = seed[:]
	system, trace, err := k.question(ctx, &as)
	if err != nil {
		return nil, trace, err
	}
	disputable, can := system.(types.Disputable)
	if !can || record.Difference == nil || record.Difference.Entry == nil {
		return nil, trace, types.ErrInvariant.Wrapf("job %d: %s without an entry to be proven", job.Id, job.State.Lifecycle())
	}
	trace, err = disputable.Dispute(trace, record.Difference.Number, record.Difference.Entry.Position())
	return system, trace, err
}
