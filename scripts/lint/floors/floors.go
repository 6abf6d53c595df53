// Package floors enforces who may import whom.
//
// Modules stand on floors: one may import lower floors only, and of another module only its types and its pure packages;
// keepers meet in app/, through interfaces that the consumer declares. Pure packages import no SDK. gnark stays behind
// x/proofs and the worker's prover. gogpu stays in the worker's GPU process, where nothing else that calls C without cgo
// links. Code of the chain imports neither the worker nor the commands.
package floors

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/assaychain/assay/scripts/lint/source"
)

// Analyzer checks the imports of every package of the module, tests left out.
var Analyzer = &analysis.Analyzer{Name: "floors", Doc: "report imports that the layout forbids", Run: run}

// Floors lists the modules from the ground up; those of one floor don't know each other.
var Floors = [][]string{
	{"beacon", "bond", "escrow", "proofs"},
	{"penalty"},
	{"registry"},
	{"dao", "emission", "market"},
}

// Ground lists the folders of x/ that are no modules: every floor may stand on them, and they stand on none.
var Ground = []string{"accounts", "collvalue", "hooks"}

// TestSupport lists the folders of x/ that only tests import; nothing that ships may.
var TestSupport = []string{"internal"}

const gnark = "github.com/consensys/gnark"

// gnarkUsers lists who may import gnark, and whether its backends too. Circuits describe; they neither prove nor verify,
// though they name the type of the witness that they fill in.
var gnarkUsers = []struct {
	folder  string
	backend bool
}{
	{"x/proofs/internal", true},
	{"x/proofs/circuits", false},
	{"offchain-worker/prover", true},
}

// gpu is the owner of the libraries whose runtime hooks collide with purego's and with cgo's; gpuProcess is the package that
// may import them, and gpuCommand the one program that it may be linked into.
const (
	gpu        = "github.com/gogpu"
	gpuProcess = "offchain-worker/compute/webgpu/gpu"
	gpuCommand = "cmd/assay-gpu"
)

// sdk lists the modules that make a package depend on a running chain.
var sdk = []string{
	"github.com/cosmos/cosmos-sdk", "github.com/cosmos/ibc-go", "github.com/cometbft/cometbft",
	"cosmossdk.io/api", "cosmossdk.io/client", "cosmossdk.io/collections", "cosmossdk.io/core", "cosmossdk.io/log",
}

// shells lists the folders of a module that may use the SDK, besides the module's own folder.
var shells = []string{"keeper", "types", "client", "simulation", "testutil"}

func run(pass *analysis.Pass) (any, error) {
	importer, ours := source.Rel(pass.Pkg.Path())
	if !ours {
		return nil, nil
	}
	for _, file := range source.Consensus(pass) {
		for _, spec := range file.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				continue // The compiler reports it.
			}
			if message := judge(importer, path); message != "" {
				pass.Reportf(spec.Pos(), "%s", message)
			}
		}
	}
	return nil, nil
}

// judge says what is wrong with an import, or nothing. The importer is a path inside the module.
func judge(importer, path string) string {
	if imported, ours := source.Rel(path); ours {
		return judgeOwn(importer, imported)
	}
	if source.Under(path, gnark) {
		return judgeGnark(importer, path)
	}
	if source.Under(path, gpu) && importer != gpuProcess {
		return fmt.Sprintf("%s imports %s: only %s does, other programs don't link with it", importer, path, gpuProcess)
	}
	return judgePure(importer, path)
}

func judgeOwn(importer, imported string) string {
	if imported == gpuProcess && importer != gpuCommand {
		return fmt.Sprintf("%s imports %s: only %s does, other programs don't link with it", importer, imported, gpuCommand)
	}
	fromModule, fromApp := source.Under(importer, "x"), source.Under(importer, "app")
	if !fromModule && !fromApp {
		return ""
	}
	for _, outside := range []string{"offchain-worker", "cmd", "scripts", "testutil"} {
		if source.Under(imported, outside) {
			return fmt.Sprintf("%s imports %s: the chain's code must not depend on %s", importer, imported, outside)
		}
	}
	if !fromModule {
		return ""
	}
	if source.Under(imported, "app") {
		return fmt.Sprintf("%s imports %s: modules don't know the app that wires them", importer, imported)
	}
	if source.Under(imported, "x") {
		return judgeModules(importer, imported)
	}
	return ""
}

func judgeModules(importer, imported string) string {
	from, fromRest := split(importer)
	to, toRest := split(imported)
	if slices.Contains(Ground, to) || slices.Contains(TestSupport, from) {
		return ""
	}
	fromFloor, toFloor := floorOf(from), floorOf(to)
	stateful := toRest == "" || source.Under(toRest, "keeper")
	switch {
	case slices.Contains(TestSupport, to):
		return fmt.Sprintf("%s imports %s: it is there for tests alone", importer, imported)
	case slices.Contains(Ground, from):
		return fmt.Sprintf("%s imports %s: what every module stands on knows none of them", importer, imported)
	case fromFloor < 0:
		return fmt.Sprintf("x/%s stands on no floor: add it to the table of the lint", from)
	case toFloor < 0:
		return fmt.Sprintf("x/%s stands on no floor: add it to the table of the lint", to)
	case from == to && stateful && isPure(fromRest):
		return fmt.Sprintf("pure package %s imports %s: pass it values instead", importer, imported)
	case from == to:
		return ""
	case toFloor == fromFloor:
		return fmt.Sprintf("%s imports its sibling %s: modules of one floor don't know each other", importer, imported)
	case toFloor > fromFloor:
		return fmt.Sprintf("%s (floor %d) imports upwards %s (floor %d): declare an interface instead", importer, fromFloor, imported, toFloor)
	case stateful:
		return fmt.Sprintf("%s imports %s: of another module only types and pure packages, declare an interface instead", importer, imported)
	}
	return ""
}

func judgeGnark(importer, path string) string {
	backend := source.Under(path, gnark+"/backend") && path != gnark+"/backend/witness"
	if path == gnark && source.Under(importer, "x/proofs") {
		return "" // It holds the library's version and nothing else to use.
	}
	for _, user := range gnarkUsers {
		if source.Under(importer, user.folder) && (user.backend || !backend) {
			return ""
		}
	}
	if backend {
		return fmt.Sprintf("%s imports %s: only x/proofs/internal and offchain-worker/prover prove and verify", importer, path)
	}
	return fmt.Sprintf("%s imports %s: only x/proofs/{circuits,internal} and offchain-worker/prover use gnark", importer, path)
}

func judgePure(importer, path string) string {
	if !source.Under(importer, "x") {
		return ""
	}
	if module, rest := split(importer); !isPure(rest) || slices.Contains(TestSupport, module) {
		return ""
	}
	for _, module := range sdk {
		if source.Under(path, module) {
			return fmt.Sprintf("pure package %s imports %s: keep the SDK in keeper, types and the module's folder", importer, path)
		}
	}
	return ""
}

// split cuts "x/bond/keeper" into "bond" and "keeper".
func split(path string) (module, rest string) {
	module, rest, _ = strings.Cut(strings.TrimPrefix(path, "x/"), "/")
	return module, rest
}

func floorOf(module string) int {
	return slices.IndexFunc(Floors, func(modules []string) bool { return slices.Contains(modules, module) })
}

func isPure(rest string) bool {
	if rest == "" {
		return false
	}
	first, _, _ := strings.Cut(rest, "/")
	return !slices.Contains(shells, first)
}
