package statement_test

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/statement"
)

func validRow(steps int) *statement.Row {
	s := &statement.Row{
		Claim: program.Claim{ChainID: "assay-local-1", JobID: 9, Attempt: 2, Worker: []byte{1, 2, 3}}, Index: 4, Row: 700,
		Steps: make([][32]byte, steps),
	}
	s.RootX[31], s.Seed[0], s.Model[0], s.Model[31] = 1, 4, 5, 6
	for i := range s.Steps {
		s.Steps[i][31] = byte(10 + i)
	}
	return s
}

// TestGoldenRowDigest pins the public input: a change makes every proof of a model void.
func TestGoldenRowDigest(t *testing.T) {
	for steps, want := range map[int]string{2: "17cfdb8814cb9ad1b5474ed44dd298cd42cb9a45873e9aa4247e607784bf7472", 8: "1f9452e4784bb23e16b1ec372b8a295265863a464dd67def28c893a18f678027", 9: "1890b3bfddeb0b9b0f536bc705b7fd9a41f6134f1dfdfd0c035a5174cb76b255"} {
		digest, err := validRow(steps).Digest()
		require.NoError(t, err)
		require.Equal(t, want, hex.EncodeToString(digest[:]), "%d steps", steps)
	}
}

// TestEveryPartOfARowIsInItsDigest changes each part and wants another public input, which no proof of the original verifies for.
func TestEveryPartOfARowIsInItsDigest(t *testing.T) {
	for _, steps := range []int{1, 8, 9, 16} {
		seen := map[[32]byte]string{}
		changes := map[string]func(s *statement.Row){
			"nothing": func(*statement.Row) {},
			"chain":   func(s *statement.Row) { s.Claim.ChainID += "x" },
			"job":     func(s *statement.Row) { s.Claim.JobID++ },
			"attempt": func(s *statement.Row) { s.Claim.Attempt++ },
			"worker":  func(s *statement.Row) { s.Claim.Worker = []byte{1, 2, 4} },
			"shifted": func(s *statement.Row) { s.Claim.ChainID, s.Claim.Worker = s.Claim.ChainID+"\x01", []byte{2, 3} },
			"seed":    func(s *statement.Row) { s.Seed[31]++ },
			"index":   func(s *statement.Row) { s.Index++ },
			"row":     func(s *statement.Row) { s.Row++ },
			"carried": func(s *statement.Row) { s.Row, s.Index = s.Row-1, s.Index+1 },
			"model":   func(s *statement.Row) { s.Model[31]++ },
			"model 0": func(s *statement.Row) { s.Model[0]++ },
			"x":       func(s *statement.Row) { s.RootX[31]++ },
			"last":    func(s *statement.Row) { s.Steps[len(s.Steps)-1][31]++ },
			"first":   func(s *statement.Row) { s.Steps[0][30]++ },
		}
		for name, change := range changes {
			s := validRow(steps)
			change(s)
			digest, err := s.Digest()
			require.NoError(t, err)
			require.Empty(t, seen[digest], "%s", name)
			seen[digest] = name
		}
	}
}

func TestRowsAreRefusedByField(t *testing.T) {
	for says, spoil := range map[string]func(s *statement.Row){
		"chain id":       func(s *statement.Row) { s.Claim.ChainID = "" },
		"51 bytes":       func(s *statement.Row) { s.Claim.ChainID = strings.Repeat("a", 51) },
		"worker":         func(s *statement.Row) { s.Claim.Worker = nil },
		"0 steps":        func(s *statement.Row) { s.Steps = nil },
		"17 steps":       func(s *statement.Row) { s.Steps = make([][32]byte, 17) },
		"row 8192":       func(s *statement.Row) { s.Row = 8192 },
		"root x":         func(s *statement.Row) { s.RootX[0] = 255 },
		"root of step 1": func(s *statement.Row) { s.Steps[1][0] = 255 },
	} {
		s := validRow(2)
		spoil(s)
		_, err := s.Digest()
		require.ErrorIs(t, err, statement.ErrStatement, says)
		require.ErrorContains(t, err, says)
	}
}

func TestModelCircuitID(t *testing.T) {
	require.Equal(t, "model-0102030405060708090a0b0c0d0e0f10",
		statement.ModelCircuitID([32]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17}))
}
