package command

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/assaychain/assay/offchain-worker/blob"
	"github.com/assaychain/assay/offchain-worker/customer"
	"github.com/assaychain/assay/offchain-worker/fullproof"
	markettypes "github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/proofs/challenge"
	"github.com/assaychain/assay/x/proofs/full/setup"
	proofstypes "github.com/assaychain/assay/x/proofs/types"
)

// fullKeyOf makes the circuit of a string's verifying key. powers is the file that it was imported from, empty for a
// development string.
func fullKeyOf(path, id, powers string) (proofstypes.Circuit, error) {
	file, err := setup.Open(path)
	if err != nil {
		return proofstypes.Circuit{}, err
	}
	raw := file.RawKey()
	circuit := proofstypes.Circuit{
		Id: id, System: proofstypes.PROOF_SYSTEM_KZG_BN254, Class: proofstypes.FullClass, VerifyingKey: raw,
		Development: file.Key().Development(), Status: proofstypes.CIRCUIT_STATUS_ACTIVE,
	}
	if err := file.Close(); err != nil {
		return circuit, err
	}
	hash := sha256.Sum256(raw)
	circuit.KeyHash = hash[:]
	if powers != "" {
		if circuit.Ceremony, err = hashFile(powers); err != nil {
			return circuit, err
		}
	}
	return circuit, circuit.Validate()
}

func hashFile(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close() // Read-only: closing cannot lose data.
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return hash.Sum(nil), nil
}

// addFullStringFlag names the string for commands that commit to tensors, or check them.
func addFullStringFlag(cmd *cobra.Command) {
	cmd.Flags().String(flagFullString, DefaultFullString(), "reference string for jobs of the level full")
}

// openScheme is how the tensors of a level of assurance are committed to. What it returns is kept open for the life of the
// process.
func openScheme(cmd *cobra.Command, level markettypes.Assurance) (blob.Scheme, error) {
	if level != markettypes.ASSURANCE_FULL {
		return blob.Merkle{}, nil
	}
	path, err := cmd.Flags().GetString(flagFullString)
	if err != nil {
		return nil, err
	}
	system, err := fullproof.Open(path, runtime.NumCPU())
	if err != nil {
		return nil, usagef("--%s: %w", flagFullString, err)
	}
	return system, nil
}

// checkFull refuses a string that is not that of the chain's key, and a program that the level doesn't prove or the string is
// too short for, before anything is sent.
func checkFull(ctx context.Context, s *jobSession, system *fullproof.System, order *customer.Order, samples uint32) error {
	circuits, err := s.market.Circuits(ctx)
	if err != nil {
		return err
	}
	if err := fullproofKey(system, circuits); err != nil {
		return usagef("--%s: %w", flagFullString, err)
	}
	if err := system.CheckWork(challenge.Work{Program: order.Program, Samples: samples}); err != nil {
		return usagef("--%s %s: %w", flagAssurance, markettypes.ASSURANCE_FULL.Word(), err)
	}
	return nil
}

func fullproofKey(system *fullproof.System, circuits []proofstypes.Circuit) error {
	for _, c := range circuits {
		if c.System == proofstypes.PROOF_SYSTEM_KZG_BN254 && c.Active() {
			return system.CheckKey(c.KeyHash)
		}
	}
	return fmt.Errorf("the chain has no KZG key: it offers no jobs of the level %s", markettypes.ASSURANCE_FULL.Word())
}

// developFull makes the string of local networks in a folder unless one is there that is as long, and returns its path and its circuit. A
// longer one begins with the shorter: the key is the same.
func developFull(cmd *cobra.Command, folder string) (string, proofstypes.Circuit, error) {
	path := filepath.Join(folder, filepath.Base(DefaultFullString()))
	short, err := shortString(path)
	if err != nil {
		return "", proofstypes.Circuit{}, err
	}
	if short {
		if err := setup.Develop(cmd.Context(), path, fullPoints, []byte(fullSeed)); err != nil {
			return "", proofstypes.Circuit{}, err
		}
	}
	circuit, err := fullKeyOf(path, fullCircuit, "")
	return path, circuit, err
}

// shortString tells whether no string is there, or a development string of fewer points than are made when none is given.
func shortString(path string) (bool, error) {
	file, err := setup.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	short := file.Key().Development() && file.Len() < fullPoints
	return short, file.Close()
}
