package main

import (
	"context"
	"regexp"
	"time"
)

// economyDemoLimit bounds the demo with its fourth act.
const economyDemoLimit = 150 * time.Second

// logged picks what a test says of its own run, such as "1000 rates and splits over 10000 blocks".
func logged(pattern string) *regexp.Regexp { return regexp.MustCompile(pattern) }

// economy lists the checks of the tokens: escrow, rentals, stake, penalties, emission, votes, and the harness that holds their
// books against each other.
func economy(warm bool) []check {
	return append(append(moneyChecks(), harnessChecks()...),
		check{"demo with a rental, rewards and a vote", "<= 150 s, digits >= 95%", demo(economyDemoLimit, accuracy)},
		check{"make test, " + temperature(warm), "exit 0 in <= 900 s", makeTest(warm)},
		check{"lint: consensus rules, floors, generated code", "exit 0", timed(time.Hour, nil, "make", "lint")},
	)
}

func moneyChecks() []check {
	const escrow, bond, market = "./x/escrow/keeper", "./x/bond/keeper", "./x/market/keeper"
	return []check{
		{"settle every block = settle once", "10,000 blocks, 1,000 rates and splits", suite{
			pattern: "^TestSettleOftenIsSettleOnce$", packages: []string{"./x/escrow/settlement"}, flags: []string{"-blocks", "10000", "-rates", "1000"}, least: 1,
		}.measure},
		{"streams against a slow model", "100,000 operations, 0 differences", suite{
			pattern: "^TestBooksModel$", packages: []string{"./x/escrow/settlement"}, flags: []string{"-operations", "100000"}, least: 1,
		}.measure},
		{"three probes of escrows elsewhere", "3 pass", tests(3, "^(TestSecondPaymentJoins|TestFractionsAreCarried|TestEqualPayeesShareEqually)$", escrow)},
		{"gas of a settlement, 100 siblings against 1", "<= 1.05x", suite{pattern: "^TestSettlementCostsTheSame$", packages: []string{escrow}, least: 1}.measure},
		{"accounts running dry in one second", "10,000, bounded blocks, none overdrawn", suite{
			pattern: "^TestRushOfDryAccounts$", packages: []string{escrow}, flags: []string{"-accounts", "10000"}, least: 1,
		}.measure},
		{"gas of a slash with 100,000 backers", "<= 1.05x that with 1", suite{
			pattern: "^TestSlashCostsTheSameForAnyNumberOfBackers$", packages: []string{bond}, flags: []string{"-backers", "100000"}, least: 1,
		}.measure},
		{"stake stays under exposure, random lives", "all pass", tests(2, "^(TestRandomLives|TestLongLife)$", bond)},
		{"reporting oneself never pays", "all pass", tests(4, "^TestReportingOneself", "./x/penalty/...")},
		{"leases: every path, money conserved", "all pass", tests(3, "^(TestEveryPathOfTheLeaseTable|TestMoneyIsConserved|TestNobodyGainsByLyingAboutAnOutage|TestRandomTenancies)$", market, "./x/market/leases")},
		{"emission of 20 years against exact rationals", "< 1 unit an epoch, never above the cap", tests(3, "^(TestTwentyYearsOfTheDefault|TestFixedPointErrorIsBounded|TestTheCapIsReachedAndNeverPassed)$", "./x/emission/schedule")},
		{"claimed + claimable + treasury = minted, 20 years", "7,305 epochs", suite{
			pattern: "^TestRandomYearsAgreeWithTheModel$", packages: []string{"./x/emission/keeper"}, flags: []string{"-epochs", "7305"}, least: 1,
		}.measure},
		{"votes: every token counts once", "all pass", tests(2, "^(TestEveryTokenCountsOnce|TestTallyAgainstModel)$", "./x/dao/...")},
		{"a holder's walk through a vote, by command line", "all pass", tests(1, "^TestVote", "./cmd/assayd/...")},
	}
}

func harnessChecks() []check {
	const sdk = "./testutil/simulation/sdksim"
	return []check{
		{"end of block, 10^6 jobs, 10^5 devices, accounts", "<= 1.3x that at 10^3", suite{
			pattern: "^TestEndBlockCostIsFlat$", packages: []string{"./testutil/bench"}, flags: []string{"-ballast", "1000000", "-light", "1000"}, least: 1,
		}.measure},
		{"hooks' cost, each module", "all pass", tests(4, "CostDoesNotGrow|HookCostsTheSame|HooksDoNotGrow", "./x/bond/keeper", "./x/escrow/keeper", "./x/penalty/keeper", "./x/market/keeper")},
		{"census: whose message, wrong signers, nested", "all pass", tests(6, "^Test", "./testutil/census")},
		{"siblings: restarted, blind, block-stm", "equal hashes over >= 500 blocks", suite{pattern: "^TestSiblings$", packages: []string{simulation}, least: 1, figure: logged(`\d+ blocks, \d+ jobs closed`)}.measure},
		{"simulation with proofs (make sim-long: 50 x 500)", "10 seeds x 200 blocks", suite{
			pattern: "^TestSimulation$", packages: []string{simulation}, flags: []string{"-seeds", simSeeds, "-blocks", simBlocks}, least: 1, leastParts: 10,
		}.measure},
		{"simulation by the SDK (make sim-long: 50 x 500)", "20 seeds x 200 blocks", suite{
			pattern: "^TestSimulation$", packages: []string{sdk}, flags: []string{"-seeds", "20", "-blocks", "200"}, least: 1, leastParts: 20,
		}.measure},
		{"faults at every call site of every hook", "all pass", tests(4, "EveryFault", "./x/...")},
		{"every message, hook and decoder is fuzzed", "all pass", tests(1, "^TestEveryHookIsFuzzedAndBroken$", "./testutil/fuzz")},
		{"fuzzing, 20 s a target (make fuzz T=30m: whole)", "0 panics, 0 error logs", fuzz("20s")},
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
