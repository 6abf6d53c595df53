package program

import "errors"

// The limits of a program. They are consensus rules: changing one changes which jobs a chain accepts.
const (
	// Version is the only version of the format.
	Version = 1
	// MinInputs is one plain tensor and one weight tensor.
	MinInputs = 2
	// MaxInputs bounds the roots that a job names.
	MaxInputs = 32
	// MaxSteps bounds the roots that a commitment covers.
	MaxSteps = 16
	// MaxNameLength is the longest tensor name in bytes.
	MaxNameLength = 32
	// MaxDimension bounds the rows and columns of every tensor at every level, so that what is stored, fetched and held in memory of one is
	// bounded too: 2^26 values, 64 MiB of int8 or 256 MiB of int32. With this inner dimension every accumulator fits an int32.
	MaxDimension = 8192
	// MaxLeaves is what the commitment tree holds: 16-ary, depth 4. It is what a tensor of MaxDimension rows takes whose rows are the widest:
	// eight leaves each (Folds). It, MaxCols, MaxCols32 and MaxInner are the limits of levels that commit by trees: CheckTrees.
	MaxLeaves = 1 << 16
	// MaxCols is the widest row of int8 values that is one leaf: a power of two below what a digest holds, 15 chunks of 16 elements of 31 bytes.
	MaxCols = 4096
	// MaxCols32 is the widest row of int32 values that is one leaf, what a digest holds: 15 chunks of 16 elements of 7 values.
	MaxCols32 = 15 * 16 * 7
	// MaxInner is the largest inner dimension that can be proven: the largest class of the circuit family opening, which opens every
	// row that a tensor may have. Chains may have no circuit for the larger ones.
	MaxInner = MaxCols
	// MaxShift is the longest rounding right shift in bits. |acc|*multiplier + 2^(MaxShift-1) stays below 2^63.
	MaxShift = 48
	// MaxWork is the largest number of multiply-accumulates of a program. A draw in [0, MaxWork) from 64 bits is rejected
	// with a probability below 2^-23.
	MaxWork = 1 << 40
	// MaxEncodedSize is the longest encoding in bytes. The largest valid program takes 3,234.
	MaxEncodedSize = 4096
	// MaxPositions is the largest number of positions drawn from one seed.
	MaxPositions = 4096
	// MaxBias bounds the bias of an output channel: |bias| < MaxBias keeps every accumulator within int32.
	MaxBias = 1 << 30
	// MaxMultiplier bounds the multiplier of an output channel: 1 <= multiplier < MaxMultiplier.
	MaxMultiplier = 1 << 31
)

// ErrInvalid is wrapped by every refusal of a program; the message names the field and the limit.
var ErrInvalid = errors.New("invalid program")

// ErrEncoding is wrapped by every refusal of bytes that are not the canonical encoding of a program.
var ErrEncoding = errors.New("not a canonical program encoding")

// ErrArgument is wrapped by every refusal of an argument that is not part of the program itself.
var ErrArgument = errors.New("invalid argument")
