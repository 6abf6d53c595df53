package main

import (
	"context"
	"regexp"
	"time"
)

// economyDemoLimit bounds the demo with its fourth act.
const economyDemoLimit = 150 * time.Second

// economy lists the checks of the tokens: escrow, rentals, stake, penalties, emission, votes, and the harness that holds their
// books against each other.
func economy(warm bool) []check {
	return append(append(moneyChecks(), harnessChecks()...),
		check{"demo with a rental, rewards and a vote", "<= 150 s, digits >= 95%", demo(economyDemoLimit, accuracy)},
		check{"make test, " + temperature(warm), "exit 0 in <= 900 s", makeTest(warm)},
		check{"lint: consensus rules, floors, generated code", "exit 0", timed(time.Hour, nil, "make", "lint")},
	)
}

// figured is a suite of one test, with flags of its own, that logs its figure.
func figured(folder, test, figure string, flags ...string) func(context.Context) (string, error) {
	return suite{pattern: "^" + test + "$", packages: []string{folder}, flags: flags, least: 1, figure: regexp.MustCompile(figure)}.measure
}

func moneyChecks() []check {
	const escrow, settlement, bond = "./x/escrow/keeper", "./x/escrow/settlement", "./x/bond/keeper"
	return []check{
		{"settle every block = settle once", "10,000 blocks, 1,000 rates and splits", figured(settlement, "TestSettleOftenIsSettleOnce",
			`\d+ rates and splits, \d+ blocks each`, "-blocks", "10000", "-rates", "1000")},
		{"streams against a slow model, arithmetic", "100,000 operations, 0 differences", figured(settlement, "TestBooksModel",
			`\d+ operations|0 differences`, "-operations", "100000")},
		{"streams against a slow model, keeper", "100,000 operations, 0 differences", suite{
			pattern: "^TestKeeperAgainstLedger$", packages: []string{escrow}, flags: []string{"-operations", "100000"}, least: 1,
		}.measure},
		{"three probes of escrows elsewhere", "3 pass", tests(3, "^(TestSecondPaymentJoins|TestFractionsAreCarried|TestEqualPayeesShareEqually)$", escrow)},
		{"gas of a settlement, 100 siblings against 1", "<= 1050 per mille", figured(escrow, "TestSettlementCostsTheSame", `\d+ per mille`)},
		{"accounts running dry in one second", "10,000, bounded blocks, none overdrawn", figured(escrow, "TestRushOfDryAccounts",
			`10000 accounts dry in one second: .*`, "-accounts", "10000")},
		{"gas of a slash with 100,000 backers", "<= 1.05x that with 1", figured(bond, "TestSlashCostsTheSameForAnyNumberOfBackers",
			`ratio \d\.\d+`, "-backers", "100000")},
		{"stake stays under exposure, random lives", "all pass", tests(2, "^(TestRandomLives|TestLongLife)$", bond)},
		{"reporting oneself never pays", "all pass", tests(4, "^TestReportingOneself", "./x/penalty/...")},
		{"leases: every path, money conserved", "all pass", tests(5, "^(TestEveryPathOfTheLeaseTable|TestMoneyIsConserved|TestNobodyGainsByLyingAboutAnOutage|"+
			"TestRandomTenancies|TestDryLeaseTellsItsMoney)$", "./x/market/keeper", "./x/market/leases")},
		{"emission of 20 years against exact rationals", "< 1 unit an epoch, never above the cap", tests(3, "^(TestTwentyYearsOfTheDefault|TestFixedPointErrorIsBounded|TestTheCapIsReachedAndNeverPassed)$", "./x/emission/schedule")},
		{"minted = claimed + claimable + the others', 20 years", "7,305 epochs", figured("./x/emission/keeper", "TestRandomYearsAgreeWithTheModel",
			`minted .*`, "-epochs", "7305")},
		{"votes: every token counts once", "all pass", tests(2, "^(TestEveryTokenCountsOnce|TestTallyAgainstModel)$", "./x/dao/...")},
		{"every parameter has bounds and a largest step", "all pass", tests(1, "^TestEveryParameterHasAGuardrail$", "./app")},
		{"a holder's walk through a vote, by command line", "all pass", tests(1, "^TestGovernance$", "./cmd/assayd/command")},
	}
}

func harnessChecks() []check {
	const sdk = "./testutil/simulation/sdksim"
	keepers := []string{"./x/bond/keeper", "./x/escrow/keeper", "./x/penalty/keeper", "./x/registry/keeper", "./x/market/keeper"}
	return []check{
		{"end of block, 10^5 jobs, 10^4 devices, accounts (make flat: 10^6, 10^5)", "<= 1.3x that at 10^3", figured("./testutil/bench", "TestEndBlockCostIsFlat",
			`\d\.\d+ of the gas`, "-ballast", "100000", "-light", "1000")},
		{"hooks' cost, each module", "all pass", tests(9, "CostDoesNotGrow|HookCostsTheSame|HooksDoNotGrow", keepers...)},
		{"census: whose message, wrong signers, nested", "all pass", tests(8, "^Test", "./testutil/census")},
		{"siblings: restarted, blind, block-stm", "equal hashes over >= 500 blocks", figured(simulation, "TestSiblings", `\d+ blocks, \d+ jobs closed`, "-paired", "500")},
		{"simulation with proofs (make sim-long: 50 x 500)", "10 seeds x 200 blocks", suite{
			pattern: "^TestSimulation$", packages: []string{simulation}, flags: []string{"-seeds", simSeeds, "-blocks", simBlocks}, least: 1, leastParts: 10,
		}.measure},
		{"simulation by the SDK (make sim-long: 50 x 500)", "20 seeds x 200 blocks", suite{
			pattern: "^TestSimulation$", packages: []string{sdk}, flags: []string{"-seeds", "20", "-blocks", "200"}, least: 1, leastParts: 20, standIns: true,
		}.measure},
		{"same hash after 500 blocks (make arm64: elsewhere)", "as recorded", figured(sdk, "TestGoldenHash", `app hash \w+ after 500 blocks`, "-golden", "500")},
		{"faults at every store operation of every hook", "10 tests, 7 modules", suite{
			pattern: "EveryFault$", packages: append(keepers, "./x/beacon/keeper", "./x/dao/keeper"), flags: []string{"-faults-every", "1"},
			least: 10, figure: regexp.MustCompile(`\d+ operations, every 1 of them broken`),
		}.measure},
		{"market: every port fails at every call, both ways", "58 ways", suite{
			pattern: "^TestAPortThatFailsStopsNothing$", packages: []string{"./x/market/keeper"}, flags: []string{"-both-ways"}, least: 1, leastParts: 58,
		}.measure},
		{"market: random lives take every line of one operator's jobs", "40 crowds", suite{
			pattern: "^TestRandomLives$", packages: []string{"./x/market/keeper"}, flags: []string{"-lives", "40"}, least: 1, leastParts: 40,
		}.measure},
		{"every message, hook and decoder is fuzzed", "all pass", tests(1, "^TestEveryHookIsFuzzedAndBroken$", "./testutil/fuzz")},
		{"fuzzing, 20 s a target (make fuzz T=30m JOBS=2: whole)", "0 panics, 0 error logs", fuzz("20s")},
	}
}

// fuzzLine is what 'make fuzz' prints at its end.
var fuzzLine = regexp.MustCompile(`\d+ targets?, .*`)

// fuzz runs every fuzz target for a while.
func fuzz(t string) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		out, err := command(ctx, nil, "make", "fuzz", "T="+t)
		return fuzzLine.FindString(out), err
	}
}
