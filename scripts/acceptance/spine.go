package main

import (
	"fmt"
	"regexp"
	"time"
)

const (
	demoLimit  = 150 * time.Second
	testLimit  = 15 * time.Minute
	crashRuns  = "100"
	simSeeds   = "10"
	simBlocks  = "200"
	accuracy   = 95
	adversary  = "./testutil/adversary"
	simulation = "./testutil/simulation"
)

// cheats are the tests of every way to be paid for nothing, by name so that none can go missing.
const cheats = "TestWrongEntryAtASampledPosition|TestOneWrongProofOfSeveral|TestNoProof|TestLateProof|TestNoCommit|TestLateCommit|" +
	"TestCopiedCommitment|TestProofFromElsewhere|TestReplayedProof|TestRerandomisedProof|TestAliasedPublicInput|TestWrongRound"

// spine lists the checks of jobs: from a demo that pays for proven work to what an attacker may try.
func spine(warm bool) []check {
	return []check{
		{"build", "exit 0", timed(testLimit, nil, "make", "build")},
		{"demo after the build; digits", fmt.Sprintf("<= %d s, >= %d%%, same bits", int(demoLimit.Seconds()), accuracy), demo(demoLimit, accuracy)},
		{"make test, " + temperature(warm), "exit 0 in <= 900 s", makeTest(warm)},
		{"supply over every path of the state table but relays'", "all pass", tests(1, "^TestEveryTransition$", adversary)},
		{"money over every path, stand-in proofs", "all pass", tests(1, "^TestEveryPathOfTheTable$", "./x/market/keeper")},
		{"books equal balances, simulation", simSeeds + " seeds x " + simBlocks + " blocks", suite{
			pattern: "^TestSimulation$", packages: []string{simulation}, flags: []string{"-seeds", simSeeds, "-blocks", simBlocks}, least: 1, leastParts: 10,
		}.measure},
		{"cheats caught, each with its own error", "12 pass", tests(12, "^("+cheats+")$", adversary)},
		{"worker killed at every journalled step", crashRuns + " runs, 0 double, 0 lost", crash},
		{"worker killed in process at every step", "all pass", tests(3, "^(TestKilledAtEveryPoint|TestKilledAgainAndAgain|TestReportSurvivesEveryKill)$", "./offchain-worker/...")},
		{"jobs of several operators: worker killed at every step", "all pass", withFlags(1, "^TestKilledAtEveryPoint$", "./offchain-worker/runner", "-every-kill")},
		{"sibling applications, one restarted", "equal hashes over >= 500 blocks", figured(simulation, "TestSiblings", `\d+ blocks, \d+ jobs closed`, "-paired", "500")},
		{"openings: circuit agrees with interpreter", ">= 10,000 openings", suite{
			pattern: "^TestAgreesWithTheInterpreter$", packages: []string{"./x/proofs/circuits/opening"}, flags: []string{"-openings", "10000"}, least: 1,
			figure: regexp.MustCompile(`\d+ openings, \d+ clamped`),
		}.measure},
		{"make bench", "exit 0, BENCHMARKS.md written", timed(time.Hour, nil, "make", "bench")},
		{"bad input: files and command line", "all pass", suite{pattern: "^TestJob$", packages: []string{"./cmd/assayd/command"}, least: 1, leastParts: 5}.measure},
		{"bad input: on chain", "all pass", tests(3, "^(TestBadSubmissions|TestMalformedProofOfEveryLength|TestFlippedBits)$", adversary)},
		{"bad input: devices, bonds, deposits", "all pass", tests(8, "Refuse|Bad", "./x/registry/...", "./x/bond/...", "./x/escrow/...")},
		{"lint: consensus rules, floors, generated code", "exit 0", timed(time.Hour, nil, "make", "lint")},
	}
}
