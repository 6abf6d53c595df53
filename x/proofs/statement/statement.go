// Package statement is the public side of an opening proof: what a worker claims about one entry of one step of its trace,
// and the single field element that the circuit takes as its public input. The chain builds every field from its own state
// and takes none from the sender. The package imports no circuit and no proof system.
package statement

import (
	"errors"
	"fmt"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"
)

const (
	// MaxWorkerLength bounds the worker's address in bytes, as the SDK does.
	MaxWorkerLength = 255
	// MaxChainIDLength bounds the chain id in bytes, as CometBFT does.
	MaxChainIDLength = 50
	// DigestSize is the length of an encoded digest in bytes.
	DigestSize = fr.Bytes
)

// ErrStatement is wrapped by every refusal of a statement; the message names the field and the limit.
var ErrStatement = errors.New("invalid statement")

// Statement claims Y[Row][Col] = act(requant(sum over K of X[Row][k]*W[Col][k] + bias[Col])) between three committed
// tensors, on behalf of one attempt of one worker at one job.
type Statement struct {
	// ChainID, JobID, Attempt, Worker and Seed bind the proof to its place, so that none can be replayed or copied.
	ChainID string
	JobID   uint64
	Attempt uint32
	// Worker is the address in bytes.
	Worker []byte
	// Seed is the challenge seed that drew the position.
	Seed [32]byte
	// Index counts the positions drawn from the seed from 0.
	Index uint32

	// RootX, RootW and RootY commit to the plain int8 input, the weights and the output: 32 bytes, canonical.
	RootX, RootW, RootY [tensor.RootSize]byte
	// Row and Col are the entry of Y, hence the row of X and the row of W.
	Row, Col uint32
	// K is the inner dimension: the columns of X and of W.
	K uint32
	// OutputCols are the columns of Y, which are the rows of W.
	OutputCols uint32
	// Shift is the rounding right shift: 1 to 48 for int8 output, 0 for int32 output.
	Shift      uint32
	Activation program.Activation
	// OutputType is the element type of Y.
	OutputType program.DataType
}

// OutputShape is the part of Y's shape that positions depend on; its rows are the most that a tensor has.
func (s *Statement) OutputShape() tensor.Shape {
	return tensor.Shape{Kind: program.TENSOR_KIND_PLAIN, Type: s.OutputType, Rows: tensor.MaxDimension, Cols: s.OutputCols}
}

// Validate refuses statements that no proof exists for.
func (s *Statement) Validate() error {
	if err := checkClaim(s.ChainID, s.Worker); err != nil {
		return err
	}
	if _, err := ClassFor(s.K); err != nil {
		return err
	}
	if s.Activation != program.ACTIVATION_IDENTITY && s.Activation != program.ACTIVATION_RELU {
		return refuse("activation %d; use identity (1) or relu (2)", s.Activation)
	}
	if err := s.OutputShape().ValidateTree(); err != nil {
		return fmt.Errorf("%w: output: %w", ErrStatement, err)
	}
	if s.Row >= tensor.MaxDimension {
		return refuse("row %d not below %d", s.Row, tensor.MaxDimension)
	}
	if s.Col >= s.OutputCols {
		return refuse("col %d not below output cols %d", s.Col, s.OutputCols)
	}
	return s.validateShift()
}

// checkClaim bounds the parts of a claim that have no length of their own.
func checkClaim(chainID string, worker []byte) error {
	if len(chainID) == 0 || len(chainID) > MaxChainIDLength {
		return refuse("chain id has %d bytes, want 1..%d", len(chainID), MaxChainIDLength)
	}
	if len(worker) == 0 || len(worker) > MaxWorkerLength {
		return refuse("worker has %d bytes, want 1..%d", len(worker), MaxWorkerLength)
	}
	return nil
}

func (s *Statement) validateShift() error {
	if s.OutputType == program.DATA_TYPE_INT32 {
		if s.Shift != 0 {
			return refuse("shift %d, must be 0 for int32 output", s.Shift)
		}
		return nil
	}
	if s.Shift < 1 || s.Shift > program.MaxShift {
		return refuse("shift %d not in 1..%d", s.Shift, program.MaxShift)
	}
	return nil
}

func refuse(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrStatement}, args...)...)
}
