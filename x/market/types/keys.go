package types

import "cosmossdk.io/collections"

const (
	// ModuleName names the module, its error codespace, its routes, its escrow scope and its beacon consumer.
	ModuleName = "market"
	// StoreKey is the key of the module's store.
	StoreKey = ModuleName
	// LeaseScope is the escrow scope of leases.
	LeaseScope = "lease"
	// DisputeScope is the escrow scope of challengers' bonds, by job.
	DisputeScope = "dispute"
)

// Prefixes of the module's store, one byte each. A prefix is never reused for another meaning.
var (
	// ParamsKey → Params.
	ParamsKey = collections.NewPrefix(0)
	// ClockKey → Clock.
	ClockKey = collections.NewPrefix(1)
	// NextJobIDKey → number the next job gets.
	NextJobIDKey = collections.NewPrefix(2)
	// JobsPrefix: what changes of a job.
	JobsPrefix = collections.NewPrefix(3)
	// SpecsPrefix: what never changes of a job.
	SpecsPrefix = collections.NewPrefix(4)
	// ProofsPrefix: proofs handed in.
	ProofsPrefix = collections.NewPrefix(5)
	// SealedPrefix: sealed outputs that may be contested.
	SealedPrefix = collections.NewPrefix(6)
	// ExcludedPrefix: operators that don't get a job again.
	ExcludedPrefix = collections.NewPrefix(7)
	// ReportersPrefix: operators that could not fetch a job's inputs.
	ReportersPrefix = collections.NewPrefix(8)
	// CustomersPrefix: jobs by customer.
	CustomersPrefix = collections.NewPrefix(9)
	// WorkersPrefix: jobs by present or last worker.
	WorkersPrefix = collections.NewPrefix(10)
	// OpenPrefix: queue of jobs to be placed.
	OpenPrefix = collections.NewPrefix(11)
	// DuePrefix: queue of deadlines.
	DuePrefix = collections.NewPrefix(12)
	// VerifyPrefix: queue of proofs to be verified.
	VerifyPrefix = collections.NewPrefix(13)
	// WaitingPrefix: jobs by the beacon round they wait for.
	WaitingPrefix = collections.NewPrefix(14)
	// PrunePrefix: queue of closed jobs.
	PrunePrefix = collections.NewPrefix(15)
	// NextLeaseIDKey → number the next lease gets.
	NextLeaseIDKey = collections.NewPrefix(16)
	// LeasesPrefix: leases.
	LeasesPrefix = collections.NewPrefix(17)
	// CalendarPrefix: bookings by device and start.
	CalendarPrefix = collections.NewPrefix(18)
	// LeaseDuePrefix: queue of starts and ends of leases.
	LeaseDuePrefix = collections.NewPrefix(19)
	// LeaseLatePrefix: queue of outages and silences that have lasted too long.
	LeaseLatePrefix = collections.NewPrefix(20)
	// LeasePrunePrefix: queue of closed leases.
	LeasePrunePrefix = collections.NewPrefix(21)
	// TenantsPrefix: leases by customer.
	TenantsPrefix = collections.NewPrefix(22)
	// LandlordsPrefix: leases by operator.
	LandlordsPrefix = collections.NewPrefix(23)
	// DemandKey → Demand.
	DemandKey = collections.NewPrefix(24)
	// AnswersPrefix: proofs of disputed entries that wait for verification.
	AnswersPrefix = collections.NewPrefix(25)
	// RelaysPrefix: claims that relays answer.
	RelaysPrefix = collections.NewPrefix(29)
	// ReplicasPrefix: rounds of jobs that several operators compute.
	ReplicasPrefix = collections.NewPrefix(30)
	// ReplicaProofsPrefix: proofs of entries in which their results differ.
	ReplicaProofsPrefix = collections.NewPrefix(31)
	// DecisionsPrefix: how devices were chosen.
	DecisionsPrefix = collections.NewPrefix(36)
	// RunTimesPrefix: run times by class of work and hardware.
	RunTimesPrefix = collections.NewPrefix(37)
	// PatientPrefix: open jobs that have waited long.
	PatientPrefix = collections.NewPrefix(38)
	// BacklogsPrefix: what waits for lanes, by class and home.
	BacklogsPrefix = collections.NewPrefix(45)
	// ReplicaDecisionsPrefix: how the operators of rounds were chosen.
	ReplicaDecisionsPrefix = collections.NewPrefix(46)
	// PatientTurnKey → the last of them that was tried.
	PatientTurnKey = collections.NewPrefix(39)
)
