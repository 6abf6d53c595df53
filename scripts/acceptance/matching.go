package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

const (
	scheduler = "./x/market/scheduler"
	market    = "./x/market/keeper"
	network   = "./scripts/simulate/netsim"
)

// matching lists the checks of who gets a job: the scheduler, what it knows of devices and where they are, and what it does to a network of
// them. What is not built yet has no line.
func matching(bool) []check {
	return slices.Concat(networkChecks(), schedulerChecks(), cellChecks(), modelChecks(), serviceChecks(), placingChecks())
}

// networkChecks are of the simulated network.
func networkChecks() []check {
	return []check{
		{"simulated, 5,000 x 6 h (make simulate-network: all)", "<= 0.5, <= 0.5, <= 0.3, >= 0.99, <= 0.01", figured(network,
			"TestBoundsHold", `(?:median latency|cost of|feasible jobs|gain of) [^\n]*: \S+`, "-devices", "5000", "-hours", "6")},
		{"simulated: several names are noticed where they pay", "all pass", tests(2, "^(TestSplit|TestSplittingIsNoticed)$", network)},
		{"simulated: same seed, same bytes; choices and books", "all pass", tests(4, "^(TestRepeatsItself|TestChoicesAndBooks|TestFailingNetwork|TestWorldIsAsItsTablesSay)$", network)},
		{"simulated: the market's numbers are the chain's defaults", "all equal", tests(1, "^TestSimulatedMarketHasTheDefaults$", bench)},
	}
}

// schedulerChecks are the scheduler's properties, each with ten times the usual number of draws.
func schedulerChecks() []check {
	drawn := func(least int, pattern, folder string) func(context.Context) (string, error) {
		return withFlags(least, pattern, folder, "-rapid.checks", "1000")
	}
	return []check{
		{"scheduler: never an ineligible device", "1,000 networks", drawn(2, "^(TestChoosesTheBestEligibleDevice|TestEachRefusal)$", scheduler)},
		{"scheduler: never over capacity or exposure", "1,000 networks", drawn(1, "^TestNeverOverCapacityOrExposure$", scheduler)},
		{"scheduler: insertion order changes nothing", "1,000 networks", drawn(2, "^(TestSameChoiceWhateverTheInsertionOrder|TestChoiceDoesNotDependOnCompany)$", scheduler)},
		{"scheduler: more candidates never score worse", "1,000 networks", drawn(1, "^TestMoreCandidatesNeverScoreWorse$", scheduler)},
		{"scheduler: candidates are bounded, unused ones go to the cloud", "1,000 networks", drawn(2, "^(TestCandidatesAreBounded|TestUnusedCandidatesGoUpwards)$", scheduler)},
		{"scheduler: every term counts, and monotonically", "all pass", drawn(5, "^(TestScoreIsMonotoneInEveryTerm|TestEveryTermDecides|TestScoreAddsUp|TestTiersWeighTimeAgainstMoney|TestTellingPays)$", scheduler)},
		{"scheduler: a job that waits comes first, load spreads", "all pass", tests(4, "^(TestPatientJobsComeFirst|TestPatientJobsTakeTurns|TestLoadSpreads|TestTheUntriedGetATurn)$", scheduler, market)},
		{"scheduler: replicas in distinct operators, and in as many cells as can be", "1,000 fields, against all choices", drawn(6, "^(TestReplicasAreInDistinctOperatorsAndCells|TestSeatsSayWhy|TestSeatsOfACrowdAreThoseOfAll|"+
			"TestSeatsDoNotDependOnTheInsertionOrder|TestTheOnlyOneInACellIsLeftToIt|TestCheapestOperators)$", scheduler)},
		{"run times: learnt, bounded, forgotten", "all pass", drawn(5, "^(TestASteadyTimeIsLearnt|TestAChangeIsFollowed|TestOneSampleHasBoundedInfluence|TestRecordsStayInBounds|TestTheForgottenIsReplaced)$",
			"./x/market/runtimes")},
		{"several operators: each bears its own lateness, to the unit", "all pass", drawn(4, "^(TestSettle|TestSettlingConservesMoney|TestNoLatenessPaysOrHarmsAnother|TestEachIsSettledAsAlone)$",
			"./x/market/replicas")},
		{"prices of jobs: exact, rounded up once, rising", "all pass", drawn(2, "^(TestJobPrices|TestDemand)$", "./x/market/pricing")},
	}
}

// cellChecks are of where devices are.
func cellChecks() []check {
	const cells, coordinates = "./x/registry/cells", "./x/registry/coordinates"
	return []check{
		{"cells: every place has one, the prior is a distance", "all pass", tests(6, "^(TestEveryPlaceHasOneCellThatHoldsIt|TestKnownPlaces|TestPriorIsTheGreatCircle|TestPriorIsADistance|"+
			"TestNearIsAllCellsInOrderOfThePrior|TestBoundIsThatOfTheNearestPoints)$", cells)},
		{"coordinates: converge, liars don't spoil them", "median errors", suite{
			pattern: "^(TestConverges|TestLiarsDoNotSpoilTheOthers|TestNothingIsNearerThanLight|TestBoundedUnderAnySamples)$", packages: []string{coordinates}, least: 4,
			figure: regexp.MustCompile(`seed 1: median error [^\n]*`),
		}.measure},
		{"cells: a search goes outwards from home, bounded", "all pass", tests(3, "^(TestSearchGoesOutwardsFromHome|TestSearchVisitsABoundedNumberOfCells|TestSearchStopsAndMayWrite)$", registry)},
		{"gas of a search beside 100,000 devices, against 1,000", "<= 1.001", figured(registry, "TestWalkCostDoesNotGrowWithTheNetwork", `\w+: \d+ gas beside [^\n]*`, "-devices", "100000")},
	}
}

// modelChecks are of the catalogue.
func modelChecks() []check {
	const catalogue = "./x/registry/catalogue"
	return []check{
		{"catalogue: >= 150 models, >= 100 of consumers, sources", "all pass", tests(4, "^(TestCoverage|TestFiguresArePlausible|TestFiguresOfSomeModels|TestNamesOfDrivers)$", catalogue)},
		{"catalogue: classes and scores; the unknown count for little", "all pass", tests(4, "^(TestVerdicts|TestMoreNeverLowersTheScore|TestUnknownDevicesAreTakenForLittle|TestKnownDevicesAreTheirModel)$", catalogue)},
	}
}

// serviceChecks are of devices' quality of service, heat and power.
func serviceChecks() []check {
	return []check{
		{"quality of service: bounded, weighted, faded by time", "all pass", tests(8, "^(TestRootsAreWhatTheySay|TestDecayHalvesAndFalls|TestTimeComposes|TestMeansStayInBoundsAndAreMonotone|"+
			"TestSumIsWeighted|TestTiersNeverFlap|TestOutcomesMakeQuality|TestQualityFadesAsItIsRead)$", "./x/registry/qos", registry)},
		{"heat: hot devices take less, or nothing; never flaps", "all pass", tests(3, "^(TestHeatNeverFlaps|TestHotDevicesTakeLessWork|TestTelemetryLapses)$", "./x/registry/qos", registry)},
		{"power budgets and hours", "all pass", tests(3, "^(TestPowerBudget|TestHours|TestSleepersWithoutBondStayOff)$", registry)},
		{"bad input: absurd telemetry, impossible draws and hours", "clear answers", tests(2, "^(TestAbsurdTelemetryIsRefused|TestPowerSettingsAreChecked)$", registry)},
		{"one scan for a block's assignments, as with a block each", "the same choices", tests(1, "^TestOneBlockChoosesAsManyDo$", market)},
	}
}

const (
	// mostOfABlock is the time of a core that 10,000 assignments may take, mostGrowth what it may grow by from few devices to a crowd.
	mostOfABlock = time.Second
	mostGrowth   = 1.3
)

// assignments places 10,000 jobs in one block, several times. Each run compares the times of few devices and of many, and the middle one counts.
func assignments(ctx context.Context) (string, error) {
	run := figured(bench, "TestAssignmentCostIsFlat", `\d+ of \d+ jobs among [^\n]*`, "-cpu", "1", "-few", "1000", "-crowd", "100000", "-assignments", "10000")
	runs := make([]assigned, 5)
	for i := range runs {
		figure, err := run(ctx)
		if err != nil {
			return figure, err
		}
		few, err1 := timeAmong(figure, 1_000)
		crowd, err2 := timeAmong(figure, 100_000)
		if err := errors.Join(err1, err2); err != nil {
			return figure, err
		}
		runs[i] = assigned{figure, crowd, float64(crowd) / float64(few)}
	}
	slices.SortFunc(runs, func(a, b assigned) int { return cmp.Compare(a.growth, b.growth) })
	middle := runs[len(runs)/2]
	figure := fmt.Sprintf("the middle of %d runs, of %.2f to %.2f: %s", len(runs), runs[0].growth, runs[len(runs)-1].growth, middle.figure)
	if middle.crowd > mostOfABlock || middle.growth > mostGrowth {
		return figure, fmt.Errorf("more than %s, or than %.1f of the time among 1000", mostOfABlock, mostGrowth)
	}
	return figure, nil
}

// assigned is what one run measured: its figure, the time in the crowd, and that as a part of the time among few devices.
type assigned struct {
	figure string
	crowd  time.Duration
	growth float64
}

// timeAmong is the time that a figure tells of the jobs among so many devices.
func timeAmong(figure string, devices int) (time.Duration, error) {
	_, after, found := strings.Cut(figure, fmt.Sprintf("jobs among %d devices: ", devices))
	if !found {
		return 0, fmt.Errorf("the test told no time among %d devices", devices)
	}
	text, _, _ := strings.Cut(after, ",")
	return time.ParseDuration(text)
}

// placingChecks are of the chain's use of all that.
func placingChecks() []check {
	return []check{
		{"10,000 assignments in a block, 100,000 devices", "<= 1 s of a core, <= 1.3x the time and the gas beside 1,000", assignments},
		{"explain: every decided job, by the scheduler's arithmetic", "all pass", tests(4, "^(TestExplainTellsWhatIsDecided|TestExplainOfRefusals|TestExplainTable|TestExplainTableOfSeveralOperators)$", "./x/market/...")},
		{"several operators: recruited from distinct cells, explained, late", "all pass", tests(5, "^(TestReplicasAreRecruitedFromDistinctCells|TestFewCellsKeepNoJobWaiting|TestACrowdAtHomeLeavesRoomForOtherCells|"+
			"TestEachOfSeveralOperatorsBearsItsOwnLateness|TestSearchApartTakesFromEachCellFirst)$", market, registry)},
		{"explain and invariants over random lives", "20 crowds", suite{pattern: "^TestRandomLives$", packages: []string{market}, flags: []string{"-lives", "20"}, least: 1, leastParts: 20}.measure},
		{"siblings: restarted, blind, block-stm", "equal hashes over >= 200 blocks", figured(simulation, "TestSiblings", `\d+ blocks, \d+ jobs closed`, "-paired", "200")},
		{"fuzz: every message, hook and decoder has a target", "all pass", tests(1, "^TestEveryHookIsFuzzedAndBroken$", "./testutil/fuzz")},
		{"bad input: placing, impossible memory", "clear answers", tests(2, "^(TestBadPlacingIsRefused|TestImpossibleMemoryIsRefusedWhereItIsKnown)$", market)},
		{"bad input: locations, coordinates, reports", "clear answers", tests(4, "^(TestOutsideTheGridIsRefused|TestBadSetsAreRefused|TestBadCoordinatesAreRefused|TestAbsurdReportsAreRefused)$",
			"./x/registry/cells", "./x/registry/coordinates", registry)},
	}
}
