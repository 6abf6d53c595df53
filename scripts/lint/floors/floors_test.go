package floors

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/assaychain/assay/scripts/lint/source"
)

func TestPlanted(t *testing.T) {
	results := analysistest.Run(t, analysistest.TestData(), Analyzer, source.Module+"/...")
	findings := 0
	for _, result := range results {
		findings += len(result.Diagnostics)
	}
	require.Equal(t, 4, findings)
}

// own stands for the module's path in the tables below.
const own = "~/"

func full(path string) string { return strings.Replace(path, own, source.Module+"/", 1) }

func TestForbidden(t *testing.T) {
	for _, planted := range []struct{ importer, path, message string }{
		// Siblings, upwards and keepers, on each floor.
		{"x/escrow/keeper", own + "x/bond/types", "sibling"},
		{"x/beacon/drand", own + "x/proofs/program", "sibling"},
		{"x/market/keeper", own + "x/emission/types", "sibling"},
		{"x/bond/types", own + "x/penalty/types", "upwards"},
		{"x/penalty/keeper", own + "x/registry/types", "upwards"},
		{"x/registry", own + "x/market/scheduler", "upwards"},
		{"x/market/keeper", own + "x/bond/keeper", "declare an interface"},
		{"x/market/keeper", own + "x/bond/keeper/queue", "declare an interface"},
		{"x/market", own + "x/registry", "declare an interface"},
		{"x/penalty/types", own + "x/bond/keeper", "declare an interface"},
		// Places that are in no table.
		{"x/lottery/keeper", own + "x/bond/types", "x/lottery stands on no floor"},
		{"x/market/keeper", own + "x/lottery/types", "x/lottery stands on no floor"},
		{"x/lottery/keeper", own + "x/lottery/types", "x/lottery stands on no floor"},
		{"x/hooks", own + "x/bond/types", "knows none of them"},
		{"x/bond/keeper", own + "x/internal/banktest", "for tests alone"},
		// Pure packages.
		{"x/market/scheduler", own + "x/market/keeper", "pass it values"},
		{"x/market/scheduler", own + "x/market", "pass it values"},
		{"x/market/scheduler", "github.com/cosmos/cosmos-sdk/types", "pure package"},
		{"x/beacon/drand/devkey", "cosmossdk.io/collections", "pure package"},
		{"x/proofs/internal/groth16", "cosmossdk.io/core/store", "pure package"},
		{"x/bond/stake", "github.com/cometbft/cometbft/types", "pure package"},
		// The GPU process.
		{"offchain-worker/compute/webgpu", "github.com/gogpu/wgpu", "don't link"},
		{"cmd/assay-gpu", "github.com/gogpu/wgpu/hal/vulkan", "don't link"},
		{"offchain-worker/compute/webgpu", own + "offchain-worker/compute/webgpu/gpu", "don't link"},
		{"cmd/assay-worker", own + "offchain-worker/compute/webgpu/gpu", "don't link"},
		// gnark.
		{"x/proofs/keeper", "github.com/consensys/gnark/backend/groth16", "prove and verify"},
		{"x/proofs/circuits/opening", "github.com/consensys/gnark/backend/groth16", "prove and verify"},
		{"x/proofs/circuits/opening", "github.com/consensys/gnark/backend", "prove and verify"},
		{"x/proofs/circuits/opening", "github.com/consensys/gnark/backend/witness/more", "prove and verify"},
		{"x/proofs/setup", "github.com/consensys/gnark/frontend", "use gnark"},
		{"offchain-worker/runner", "github.com/consensys/gnark/backend/witness", "use gnark"},
		{"offchain-worker/provers", "github.com/consensys/gnark/backend/groth16", "prove and verify"},
		{"cmd/assayd", "github.com/consensys/gnark", "use gnark"},
		{"app", "github.com/consensys/gnark/logger", "use gnark"},
		// The world outside the chain.
		{"x/market/keeper", own + "offchain-worker/runner", "must not depend"},
		{"x/market/client/cli", own + "cmd/assayd/cmd", "must not depend"},
		{"app", own + "offchain-worker", "must not depend"},
		{"app/ante", own + "cmd/assayd/cmd", "must not depend"},
		{"app", own + "testutil", "must not depend"},
		{"x/bond", own + "scripts/lint/floors", "must not depend"},
		{"x/bond/keeper", own + "app", "modules don't know the app"},
		{"x/bond/keeper", own + "app/params", "modules don't know the app"},
	} {
		require.Contains(t, judge(planted.importer, full(planted.path)), planted.message, "%s imports %s", planted.importer, planted.path)
	}
}

func TestAllowed(t *testing.T) {
	for _, clean := range []struct{ importer, path string }{
		{"x/market/keeper", own + "x/registry/types"}, {"x/market/keeper", own + "x/proofs/program"},
		{"x/market", own + "x/market/keeper"}, {"x/market/keeper", own + "x/market/scheduler"},
		{"x/penalty/types", own + "x/bond/types"}, {"x/registry/keeper", own + "x/penalty/types"},
		{"x/market/keeper", own + "x/hooks"}, {"x/bond/keeper", own + "x/hooks"}, {"x/proofs/interpreter", own + "x/proofs/program"},
		{"x/bond/keeper", "github.com/cosmos/cosmos-sdk/types"}, {"x/bond/types", "cosmossdk.io/collections"},
		{"x/bond", "cosmossdk.io/core/appmodule"}, {"x/bond/client/cli", "github.com/cosmos/cosmos-sdk/client"},
		{"x/bond/stake", "cosmossdk.io/math"}, {"x/bond/stake", "cosmossdk.io/errors"}, {"x/hooks", "github.com/cosmos/cosmos-sdk/types"},
		{"x/proofs/internal/groth16", "github.com/consensys/gnark/backend/groth16"},
		{"x/proofs/circuits/opening", "github.com/consensys/gnark/frontend"},
		{"x/proofs/circuits/opening", "github.com/consensys/gnark/backend/witness"},
		{"offchain-worker/prover", "github.com/consensys/gnark/backend/groth16"}, {"x/proofs/setup", "github.com/consensys/gnark"},
		{"x/beacon/drand", "github.com/consensys/gnark-crypto/ecc/bls12-381"},
		{"app", own + "x/bond/keeper"}, {"cmd/assayd", own + "app"}, {"offchain-worker/chain", own + "x/market/types"},
		{"x/internal/banktest", "github.com/cosmos/cosmos-sdk/types"}, {"x/internal/banktest", own + "x/bond/keeper"},
		{"testutil", own + "app"}, {"x/bond/keeper", "fmt"},
		{"offchain-worker/compute/webgpu/gpu", "github.com/gogpu/wgpu"}, {"cmd/assay-gpu", own + "offchain-worker/compute/webgpu/gpu"},
	} {
		require.Empty(t, judge(clean.importer, full(clean.path)), "%s imports %s", clean.importer, clean.path)
	}
}

// TestEveryModuleStandsOnOneFloor compares the tables with the folders of x/.
func TestEveryModuleStandsOnOneFloor(t *testing.T) {
	listed := slices.Concat(append(slices.Clone(Floors), Ground, TestSupport)...)
	require.Len(t, slices.Compact(slices.Sorted(slices.Values(listed))), len(listed), "a module is listed twice")
	entries, err := os.ReadDir("../../../x")
	require.NoError(t, err)
	require.NotEmpty(t, entries)
	for _, entry := range entries {
		require.Contains(t, listed, entry.Name())
	}
}
