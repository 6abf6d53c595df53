package main

import (
	"context"
	"slices"
	"time"
)

const (
	// proofDemoLimit bounds the demo with its spot checks.
	proofDemoLimit = 180 * time.Second
	fullProofs     = "./x/proofs/full"
	models         = "./x/proofs/circuits/model"
	registry       = "./x/registry/keeper"
	kernels        = "./offchain-worker/compute"
	bench          = "./testutil/bench"
	mutationLine   = `\d+ mutations: 0 accepted, 0 panics, .*`
)

// proof lists the checks of how work and hardware are proven, and of the kernels that do the work. Levels and policies that are not
// built yet have no line.
func proof(bool) []check {
	return slices.Concat(wholeChecks(), scaleChecks(), disputeChecks(), relayChecks(), hardwareChecks(), kernelChecks())
}

// scaleChecks are what many proofs cost.
func scaleChecks() []check {
	const verifier = "./x/proofs/internal/groth16"
	return []check{
		{"batches: jobs together against each alone", "0 differences", tests(4,
			"^(TestManyAreAnsweredLikeEach|TestASearchIsPaidFromTheBudget|TestJobsShareWhatTheyShare|TestWhatIsLeftOfABlock)$", "./x/proofs/keeper")},
		{"batches: the search of bad jobs, paid and bounded", "all pass", tests(2, "^(TestJudgeEqualsSingleVerification|TestASearchEndsWithItsMoney)$", verifier)},
		{"batches: a proof of 64 / one alone", "<= 0.25", batchRatio("BenchmarkVerify", verifier)},
		{"batches: a whole product of 64 / one alone", "<= 0.25", batchRatio("BenchmarkVerifyBatch", fullProofs)},
		{"batches: a whole step of 64 / one alone", "<= 0.25", batchRatio("BenchmarkVerifyChainBatch", fullProofs)},
		{"openings of 2,048 and 4,096: every boundary", "all pass", withFlags(2, "^(TestInnerBoundaries|TestInt32Boundaries)$", "./x/proofs/circuits/opening", "-wide")},
		{"openings of 2,048 and 4,096: keys and proofs", "proven", figured("./x/proofs/setup", "TestWideKeys", `class \d+: .*`, "-wide")},
		{"worker: answers of several jobs in one transaction", "all pass", tests(3,
			"^(TestAnswersThatAreReadyTogetherGoTogether|TestAnswersThatFailTogetherGoAlone|TestLostAnswersOfSeveralJobsCountOnce)$", "./offchain-worker/runner")},
		{"gas of a job, n = 256 to 8,192", "ratio <= 1.2", figured(bench, "TestCostOfAJobIsConstant", `gas of a job of n x k x n to DATA_TYPE_INT32 .*`)},
		{"gas of a job at model, 256 to 8,192 rows", "ratio <= 1.2", figured(bench, "TestCostOfAJobIsConstantModel", `gas of a job .*`)},
		{"gas of a job at full, n = 256 to 8,192", "ratio <= 1.2", figured(bench, "TestCostOfAJobIsConstantFull", `gas of a job of n x n x n to DATA_TYPE_INT8 .*`)},
		{"strangers' proofs in a block", "refused unseen", figured(bench, "TestStrangersProofsCostABlockNoVerification", `a stranger's message .*`)},
		{"1,000 invalid proofs a second (make flood: 300 s)", "block time p95 <= 1.2x idle", figured(bench, "TestFloodOfInvalidProofs",
			`\d+ invalid proofs a second .*`, "-flood-rate", "1000", "-flood-blocks", "30")},
	}
}

func disputeChecks() []check {
	const disputes = "^(TestOneFlippedEntryIsConvicted|TestHonestWorkersWinDisputes|TestSampledProofsDoNotAnswerDisputes)$"
	return []check{
		{"disputes: one wrong entry of 1024 x 1024", "2,000 flips, all convicted", figured("./x/proofs/keeper", "TestADisputedFlipIsAlwaysConvicted",
			`\d+ flips of one entry of 1024 x 1024: \d+ convicted`, "-flips", "2000")},
		{"disputes: on the chain, with real proofs", "convicted, or paid", tests(3, disputes, adversary)},
		{"disputes: bounded, priced, of no use against oneself", "all pass", tests(3,
			"^(TestDisputesCanNotHoldAJobForEver|TestADisputeStopsTheClock|TestDisputingOneselfNeverPays)$", "./x/market/keeper")},
		{"sampling catches as often as predicted", "1,200,000 challenges", figured("./x/proofs/program", "TestSamplingCatchesAsOftenAsPredicted",
			`\d+ challenges, chi-square [\d.]+`, "-draws", "100000")},
	}
}

func wholeChecks() []check {
	return []check{
		{"whole products: a wrong entry of 1024 x 1024", "10,000 flips refused", withFlags(1, "^TestFlips$", fullProofs, "-flips", "10000", "-flip-size", "1024")},
		{"whole products: provers that cheat", "all refused", tests(5, "^TestCheat", fullProofs+"/prover")},
		{"whole products: mutations (make mutate: 10,000,000)", "all refused, 0 panics", figured(fullProofs, "TestRandomMutations", mutationLine, "-mutations", "10000")},
		{"whole products: two verifiers on published vectors", "0 differences", tests(2, "^(TestVectors|TestComplete)$", fullProofs)},
		{"whole products: n = 1,024", "<= 8 CPU-s", wholeProduct},
		{"whole products: n = 4,096 / the naive product", "<= 2.5, <= 4,096 MiB", largeProduct},
		{"whole products: of 16 over the same weights / one alone", "< 1", sharedWeights},
		{"whole steps: provers that cheat", "all refused", tests(6, "^TestStepCheat", fullProofs+"/prover")},
		{"whole chains: random programs, proven as run", "100 verified, 100 wrong ones refused", withFlags(1, "^TestPrograms$", fullProofs, "-programs", "100")},
		{"whole chains: mutations (make mutate: 1,000,000)", "all refused, 0 panics", figured(fullProofs, "TestChainRandomMutations", mutationLine, "-mutations", "10000")},
		{"whole chains: two verifiers on published vectors", "0 differences", tests(2, "^(TestChainVectors|TestStepEdges)$", fullProofs)},
		{"whole chains on the chain: hidden entries, other chains, order", "punished or refused", tests(6,
			"^(TestHonestFullChain|TestWrongEntryInAHiddenStep|TestAnotherChainsProofs|TestPermutedLinks|TestFullChainContested|TestFullWiderThanTrees)$", adversary)},
		{"whole chains: the worker proves one, and its certificate holds", "all pass", tests(2, "^(TestDaemonProvesEveryEntry|TestFullCertificate)$",
			"./offchain-worker/daemon", "./offchain-worker/certificate")},
		{"several operators: honest ones against every strategy", "500 rounds, paid and never slashed", withFlags(1, "^TestHonestReplicasArePaidAndOthersLose$", "./x/market/keeper", "-lives", "40")},
		{"several operators: compare, differ, end", "all pass", tests(3, "^(TestCompare|TestNoStrategyPaysAgainstAnHonestOperator|TestDifferencesEnd)$", "./x/market/replicas")},
		{"openings in the clear: wrong and malformed ones", "punished or refused", tests(3, "^(TestFalseOpeningsArePunished|TestWrongEntryRevealed|TestMalformedOpenings)$", adversary)},
		{"models: random networks against the interpreter", "200 networks, 0 differences", figured(models, "TestAgreesWithTheInterpreter",
			`\d+ networks, \d+ rows`, "-networks", "200")},
		{"models: every witness variable changed, and forgeries", "all refused", withFlags(6,
			"^(TestEveryWitnessPartIsBound|TestClaimMustMatchTheOpenings|TestInputsMustBeBytes|TestRowMustBeBits|TestDivisionHasOneAnswer|TestEveryShiftAndClamp)$",
			models, "-stride", "1", "-networks", "48")},
		{"models: wrong outputs and other models' proofs", "punished or refused", tests(3,
			"^(TestWrongModelOutputIsPunished|TestUnknownModelsAreRefused|TestAKeyUnderAnotherModelsRecordProvesNothing)$", adversary, "./x/proofs/keeper")},
		{"ceremony: every damaged file is found", "all pass", tests(5, "^Test", "./x/proofs/ceremony")},
	}
}

// relayChecks are those of outputs too large for transactions.
func relayChecks() []check {
	return []check{
		{"relays: no strategy of withholding or lying pays", "all pass", tests(4,
			"^(TestNoWorkerGainsByWithholding|TestNoCustomerGainsByAFalseClaim|TestNoCoalitionGains|TestTheAssumptionIsNeeded)$", "./x/market/relays")},
		{"relays: every false box shows its fault in two chunks", "all pass", tests(3,
			"^(TestEveryFalseBoxShowsItsFault|TestFaultsOfATallTree|TestHonestBoxOpensToTheOutput)$", "./x/market/box")},
		{"relays: false boxes punished, false accusations refused", "all pass", tests(3,
			"^(TestEveryKindOfFalseBoxIsPunished|TestFaultsThatAreRefused|TestHandOversThatAreRefused)$", "./x/market/keeper")},
		{"relays: a store that fails at every operation", "the block commits", tests(1, "^TestRelaysSurviveEveryFault$", "./x/market/keeper")},
		{"relays: what strangers send, and where URLs may lead", "refused", tests(2,
			"^(TestUploadsThatAreRefused|TestOnlyPublicRelaysAreReached)$", "./offchain-worker/relay")},
	}
}

func hardwareChecks() []check {
	return []check{
		{"spot checks: a processor that claims to be a GPU", "misses the window", figured(registry, "TestAProcessorCannotClaimAGPU", `a consumer GPU's check: .*`)},
		{"spot checks: one card twice, late, copied, skipped, lies", "refused or punished", tests(7,
			"^(TestTwoIdentitiesOnOneCard|TestSilenceIsPunished|TestDeadline|TestCopiedRoots|TestCopiedProducts|TestSkippedWorkIsConvicted|TestLyingOpeningsAreRefused)$", registry)},
		{"spot checks: honest devices, 20% of the time on the net", "10,000 checks, 0 missed", figured(registry, "TestHonestDevicesAreNeverPunished",
			`\d+ checks of \d+ honest devices passed, none was missed`, "-checks", "10000")},
		{"spot checks: each device as often as the others", "within 10% of the mean", figured("./x/registry/lottery", "TestEveryDeviceIsCheckedEquallyOften",
			`\d+ checks each on average, from \d+ to \d+`)},
		{"spot checks: halts and outages cost nobody", "all pass", tests(3, "^(TestAHaltCostsNobodyACheck|TestABeaconOutageCostsNobodyACheck|TestAnOutageIsOneOffence)$", registry)},
	}
}

func kernelChecks() []check {
	return []check{
		{"kernels of this processor against the interpreter", "100,000 programs, 0 differences", figured(kernels, "TestDifferential",
			`\d+ programs from seed \d+ on \d+ kernels: 0 differences`, "-programs", "100000")},
		{"kernels of this processor / the naive loop, n = 1,024", "avx512-vnni >= 20", speedUp},
		{"wrong results of a device are never returned", "all pass", tests(2, "^(TestWrongResultsAreNeverReturned|TestWrongResultsOfADeviceAreFound)$", kernels, kernels+"/cuda")},
		{"OpenCL is bit-exact (needs pocl-opencl-icd)", "1,000 programs, 0 differences", withFlags(2, "^(TestRandomProgramsEqualTheInterpreter|TestEveryDialectPassesTheSelfTest)$", kernels+"/opencl", "-programs", "1000")},
		{"WebGPU is bit-exact (needs mesa-vulkan-drivers)", "300 programs, 0 differences", withFlags(2, "^(TestAdaptersPassTheSelfTest|TestRandomProgramsEqualTheInterpreter)$", kernels+"/webgpu", "-programs", "300")},
		{"demo with spot checks", "<= 180 s, digits >= 95%", demo(proofDemoLimit, accuracy)},
	}
}

// withFlags is a suite of so many tests with flags of their own.
func withFlags(least int, pattern, folder string, flags ...string) func(context.Context) (string, error) {
	return suite{pattern: pattern, packages: []string{folder}, flags: flags, least: least}.measure
}
