package program

import (
	"crypto/sha256"
	"fmt"
)

// rowDomain is that of the draws of rows.
const rowDomain = "model"

// Rows derives from the seed count distinct rows of rows, each set of them as likely as every other: the rows of the input
// that a worker has to show through the whole program. count is 1 to rows, rows 1 to MaxDimension. With count equal to rows nothing
// is left unproven.
//
// The rows are the first count of a random order (Fisher and Yates): the i-th is drawn from those that are left. So the first
// ones don't depend on count.
func Rows(seed [sha256.Size]byte, rows, count uint32) ([]uint32, error) {
	if rows < 1 || rows > MaxDimension {
		return nil, fmt.Errorf("%w: %d rows, must be 1 to %d", ErrArgument, rows, MaxDimension)
	}
	if count < 1 || count > rows {
		return nil, fmt.Errorf("%w: %d rows of %d to be drawn, must be 1 to %d", ErrArgument, count, rows, rows)
	}
	order := make([]uint32, rows)
	for i := range order {
		order[i] = uint32(i)
	}
	for i := range count {
		offset, err := draw{seed, rowDomain, i}.below(uint64(rows - i))
		if err != nil {
			return nil, err
		}
		j := i + uint32(offset)
		order[i], order[j] = order[j], order[i]
	}
	return order[:count], nil
}

// RowPositions are the drawn rows of a program's result: positions in its last step, in column 0, each of which stands for its
// whole row and for the same row of everything that the row follows from.
func RowPositions(seed [sha256.Size]byte, p Program, count uint32) ([]Position, error) {
	result, err := p.Result()
	if err != nil {
		return nil, err
	}
	rows, err := Rows(seed, result.Rows, count)
	if err != nil {
		return nil, err
	}
	positions := make([]Position, len(rows))
	for i, row := range rows {
		positions[i] = Position{Step: uint32(len(p.Steps) - 1), Row: row}
	}
	return positions, nil
}
