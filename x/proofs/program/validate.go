package program

import "fmt"

// Validate reports the first rule that the program breaks, naming the field and the limit; nil if it is well formed.
// A valid program has exact int32 accumulators for every input: MaxDimension·128·128 + MaxBias < 2^31.
func (m Program) Validate() error {
	_, err := resolve(&m)
	return err
}

// place names a field of a list's entry. Its text is made where something is refused only: programs are looked at far more often than that.
type place struct {
	list  string
	index int
	field string
}

// of is a field of the entry.
func (p place) of(field string) place { return place{p.list, p.index, field} }

// String is the name as a refusal has it.
func (p place) String() string {
	if p.field == "" {
		return fmt.Sprintf("%s[%d]", p.list, p.index)
	}
	return fmt.Sprintf("%s[%d].%s", p.list, p.index, p.field)
}

// resolution is what validation learns about a program.
type resolution struct {
	program *Program
	names   map[string]Ref
	used    [MaxInputs]bool
	shapes  []StepShape
	work    uint64
}

func invalid(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrInvalid}, args...)...)
}

// resolve checks every rule, in the order of the fields, and returns the shapes.
func resolve(p *Program) (*resolution, error) {
	if err := checkCounts(p); err != nil {
		return nil, err
	}
	r := &resolution{program: p, names: make(map[string]Ref, len(p.Inputs)+len(p.Steps))}
	for i := range p.Inputs {
		if err := r.addInput(i); err != nil {
			return nil, err
		}
	}
	for i := range p.Steps {
		if err := r.addStep(i); err != nil {
			return nil, err
		}
	}
	for i := range p.Inputs {
		if !r.used[i] {
			return nil, invalid("inputs[%d] %q is read by no step; remove it", i, p.Inputs[i].Name)
		}
	}
	return r, nil
}

func checkCounts(p *Program) error {
	if p.Version != Version {
		return invalid("version is %d, must be %d", p.Version, Version)
	}
	if n := len(p.Inputs); n < MinInputs || n > MaxInputs {
		return invalid("inputs has %d tensors, must have %d to %d", n, MinInputs, MaxInputs)
	}
	if n := len(p.Steps); n < 1 || n > MaxSteps {
		return invalid("steps has %d steps, must have 1 to %d", n, MaxSteps)
	}
	return nil
}

func (r *resolution) addInput(i int) error {
	t, field := &r.program.Inputs[i], place{"inputs", i, ""}
	if err := r.addName(field.of("name"), t.Name, Ref{Index: i}); err != nil {
		return err
	}
	if t.Kind != TENSOR_KIND_PLAIN && t.Kind != TENSOR_KIND_WEIGHT {
		return invalid("%s.kind is %d, must be plain (1) or weight (2)", field, t.Kind)
	}
	if t.Type != DATA_TYPE_INT8 {
		return invalid("%s.type is %d, must be int8 (1)", field, t.Type)
	}
	if t.Rows < 1 || t.Rows > MaxDimension {
		return invalid("%s.rows is %d, must be 1 to %d", field, t.Rows, MaxDimension)
	}
	if t.Cols < 1 || t.Cols > MaxDimension {
		return invalid("%s.cols is %d, must be 1 to %d", field, t.Cols, MaxDimension)
	}
	return nil
}

func (r *resolution) addName(field place, name string, ref Ref) error {
	if n := len(name); n < 1 || n > MaxNameLength {
		return invalid("%s has %d bytes, must have 1 to %d", field, n, MaxNameLength)
	}
	for i := 0; i < len(name); i++ {
		c := name[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' {
			return invalid("%s is %q, may hold only a-z, 0-9 and _", field, name)
		}
	}
	if _, taken := r.names[name]; taken {
		return invalid("%s is %q, which an earlier tensor has; names must be unique", field, name)
	}
	r.names[name] = ref
	return nil
}

func (r *resolution) addStep(i int) error {
	step, field := &r.program.Steps[i], place{"steps", i, ""}
	input, x, err := r.operand(field.of("input"), step.Input, TENSOR_KIND_PLAIN)
	if err != nil {
		return err
	}
	weight, w, err := r.operand(field.of("weight"), step.Weight, TENSOR_KIND_WEIGHT)
	if err != nil {
		return err
	}
	if x.Cols != w.Cols {
		return invalid("%s.weight %q has %d columns, must have the %d of the input %q", field, w.Name, w.Cols, x.Cols, x.Name)
	}
	if err := checkOutput(field, step); err != nil {
		return err
	}
	if err := r.addName(field.of("output"), step.Output, Ref{Step: true, Index: i}); err != nil {
		return err
	}
	out := Tensor{Name: step.Output, Kind: TENSOR_KIND_PLAIN, Type: step.OutputType, Rows: x.Rows, Cols: w.Rows}
	return r.addShape(field, StepShape{M: x.Rows, N: w.Rows, K: x.Cols, Input: input, Weight: weight.Index, Output: out})
}

// operand finds the tensor that a step reads and checks that it may be read so.
func (r *resolution) operand(field place, name string, kind TensorKind) (Ref, Tensor, error) {
	ref, ok := r.names[name]
	if len(name) > MaxNameLength {
		return Ref{}, Tensor{}, invalid("%s has %d bytes, must have at most %d", field, len(name), MaxNameLength)
	}
	if !ok {
		return Ref{}, Tensor{}, invalid("%s is %q, must be an input or the output of an earlier step", field, name)
	}
	var t Tensor
	if ref.Step {
		t = r.shapes[ref.Index].Output
	} else {
		t = r.program.Inputs[ref.Index]
		r.used[ref.Index] = true
	}
	if t.Kind != kind {
		return Ref{}, Tensor{}, invalid("%s is %q of kind %d, must be of kind %d", field, name, t.Kind, kind)
	}
	if t.Type != DATA_TYPE_INT8 {
		return Ref{}, Tensor{}, invalid("%s is %q of type int32, which no step may read", field, name)
	}
	return ref, t, nil
}

func checkOutput(field place, step *DenseStep) error {
	switch step.OutputType {
	case DATA_TYPE_INT8:
		if step.Shift < 1 || step.Shift > MaxShift {
			return invalid("%s.shift is %d, must be 1 to %d for int8 output", field, step.Shift, MaxShift)
		}
	case DATA_TYPE_INT32:
		if step.Shift != 0 {
			return invalid("%s.shift is %d, must be 0 for int32 output", field, step.Shift)
		}
	default:
		return invalid("%s.output_type is %d, must be int8 (1) or int32 (2)", field, step.OutputType)
	}
	if step.Activation != ACTIVATION_IDENTITY && step.Activation != ACTIVATION_RELU {
		return invalid("%s.activation is %d, must be identity (1) or relu (2)", field, step.Activation)
	}
	return nil
}

func (r *resolution) addShape(field place, shape StepShape) error {
	// Both terms are at most 2^40, so that the sum cannot wrap.
	if r.work += shape.Work(); r.work > MaxWork {
		return invalid("%s brings the work to %d multiply-accumulates, must be at most %d", field, r.work, uint64(MaxWork))
	}
	r.shapes = append(r.shapes, shape)
	return nil
}
