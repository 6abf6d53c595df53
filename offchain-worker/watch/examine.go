package watch

import (
	"context"
	"errors"
	"fmt"

	"github.com/assaychain/assay/offchain-worker/blob"
	"github.com/assaychain/assay/offchain-worker/chain"
	markettypes "github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/proofs/interpreter"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// Verdict says what an examination found.
type Verdict string

// The verdicts.
const (
	// Right is a result whose roots are those of the recomputed one.
	Right Verdict = "right"
	// Wrong is a result of which an entry is named that differs.
	Wrong Verdict = "wrong"
	// Unknown is a result of which no entry can be named: an input or the worker's output could not be had.
	Unknown Verdict = "unknown"
)

// Finding is the outcome of an examination.
type Finding struct {
	Verdict Verdict
	// Reason says why nothing is known.
	Reason string
	// Entry is the first one that differs; Theirs is the worker's value of it, Own the right one.
	Entry       markettypes.Entry
	Theirs, Own int32
}

// unknown tells why nothing is known.
func unknown(format string, args ...any) Finding {
	return Finding{Verdict: Unknown, Reason: fmt.Sprintf(format, args...)}
}

// examine recomputes a proven result and compares it with what its worker committed to.
//
// Equal roots of all steps settle it: the canonical root of a tensor stands for its values. Roots that differ show nothing yet,
// since values can be committed to under other roots too. So the output of the first step whose root differs is fetched from the
// worker, is checked against the committed root, and compared value by value: its inputs are the same as here, so that an entry
// that differs is wrong. Later steps are not looked at, because a worker may have computed them rightly from wrong values.
func (w *Watcher) examine(ctx context.Context, view chain.JobView) Finding {
	inputs, missing := w.inputs(ctx, view.Spec)
	if missing != nil {
		return unknown("input can't be had: %s", missing)
	}
	outputs, err := w.config.Executor.Execute(ctx, view.Spec.Program, inputs)
	if err != nil {
		return unknown("can't be recomputed: %s", err)
	}
	step, err := firstDifference(view.Job.StepRoots, outputs)
	if err != nil {
		return unknown("%s", err)
	}
	if step < 0 {
		return Finding{Verdict: Right}
	}
	theirs, err := w.output(ctx, view, step, outputs[step].Shape)
	if err != nil {
		return unknown("root of step %d differs, but the worker's output of it can't be had, so that no entry can be named: %s", step, err)
	}
	finding := compare(uint32(step), outputs[step], theirs, view.Job.Disputed)
	if finding.Verdict != Wrong {
		return finding
	}
	right, err := recompute(view.Spec.Program, inputs, outputs, finding.Entry)
	if err != nil || right != finding.Own {
		return unknown("this machine computed %d for step %d (%d, %d), the reference gives %d: its kernel is not to be trusted (%v)",
			finding.Own, finding.Entry.Step, finding.Entry.Row, finding.Entry.Col, right, err)
	}
	return finding
}

// inputs fetches and verifies a job's inputs from their public locators.
func (w *Watcher) inputs(ctx context.Context, spec markettypes.Spec) ([]*tensor.Tensor, error) {
	inputs := make([]*tensor.Tensor, len(spec.Inputs))
	for i, input := range spec.Inputs {
		root, err := blob.ParseRoot(input.Root)
		if err != nil {
			return nil, fmt.Errorf("input %d: %w", i, err)
		}
		declared := spec.Program.Inputs[i]
		_, inputs[i], err = w.config.Fetch(ctx, blob.Request{Root: root, Shape: shapeOf(declared), Locators: input.Locators})
		if err != nil {
			return nil, fmt.Errorf("input %d: %w", i, err)
		}
	}
	return inputs, nil
}

// output fetches a step's output from the worker; what it returns has the committed root.
func (w *Watcher) output(ctx context.Context, view chain.JobView, step int, shape tensor.Shape) (*tensor.Tensor, error) {
	root, err := blob.ParseRoot(view.Job.StepRoots[step])
	if err != nil {
		return nil, err
	}
	endpoint, err := w.config.Market.Endpoint(ctx, view.Job.Worker)
	if err != nil {
		return nil, err
	}
	_, t, err := w.config.Fetch(ctx, blob.Request{Root: root, Shape: shape, Locators: []string{blob.Locator(endpoint, root)}})
	return t, err
}

// firstDifference is the first step whose canonical root is not the committed one; -1 when all agree.
func firstDifference(committed [][]byte, outputs []*tensor.Tensor) (int, error) {
	if len(committed) != len(outputs) {
		return 0, fmt.Errorf("%d roots of %d steps", len(committed), len(outputs))
	}
	for i, output := range outputs {
		root, err := blob.Commit(output)
		if err != nil {
			return 0, err
		}
		if string(root[:]) != string(committed[i]) {
			return i, nil
		}
	}
	return -1, nil
}

// compare finds the first entry that differs and was not disputed before.
func compare(step uint32, own, theirs *tensor.Tensor, disputed []markettypes.Entry) Finding {
	if own.Shape != theirs.Shape {
		return unknown("step %d: shapes differ", step)
	}
	known := make(map[markettypes.Entry]bool, len(disputed))
	for _, entry := range disputed {
		known[entry] = true
	}
	for cell := range own.Rows * own.Cols {
		a, b := valueAt(own, cell), valueAt(theirs, cell)
		entry := markettypes.Entry{Step: step, Row: cell / own.Cols, Col: cell % own.Cols}
		if a != b && !known[entry] {
			return Finding{Verdict: Wrong, Entry: entry, Own: a, Theirs: b}
		}
	}
	return unknown("step %d: no entry differs that was not disputed", step)
}

func valueAt(t *tensor.Tensor, cell uint32) int32 {
	if len(t.Int32) > 0 {
		return t.Int32[cell]
	}
	return int32(t.Int8[cell])
}

// recompute gives one entry by the reference interpreter.
func recompute(p program.Program, inputs, outputs []*tensor.Tensor, at markettypes.Entry) (int32, error) {
	shapes, err := p.Shapes()
	if err != nil {
		return 0, err
	}
	if int(at.Step) >= len(shapes) {
		return 0, errors.New("no such step")
	}
	shape := shapes[at.Step]
	x, w, k := inputs[shape.Input.Index], inputs[shape.Weight], int(shape.K)
	if shape.Input.Step {
		x = outputs[shape.Input.Index]
	}
	row, col := int(at.Row), int(at.Col)
	return interpreter.Entry(x.Int8[row*k:(row+1)*k], interpreter.Channel{
		Weights: w.Int8[col*k : (col+1)*k], Bias: w.Bias[col], Multiplier: w.Multiplier[col],
	}, &p.Steps[at.Step]), nil
}

func shapeOf(t program.Tensor) tensor.Shape {
	return tensor.Shape{Kind: t.Kind, Type: t.Type, Rows: t.Rows, Cols: t.Cols}
}
