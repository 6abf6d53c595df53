package keeper

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/accounts"
	"github.com/assaychain/assay/x/market/audits"
	"github.com/assaychain/assay/x/market/scheduler"
	"github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/registry/lottery"
)

// auditSearch is what the choice of an auditor depends on.
type auditSearch struct {
	search
	record *types.ReplicaRecord
	seed   [sha256.Size]byte
	// barred are who may not audit, as operators or as those who are paid for it.
	barred []string
}

// appoint finds the auditor of a job by its seed, and takes its lane and bond; nil when none is found.
func (k *Keeper) appoint(
	ctx sdk.Context, params types.Params, job *types.Job, record *types.ReplicaRecord, seed [sha256.Size]byte,
) (*types.Replica, error) {
	s, err := k.auditSearch(ctx, params, job, record, seed)
	if err != nil {
		return nil, err
	}
	find := k.drawPlaces
	if len(s.job.Eligible) > 0 || s.job.Named {
		find = k.drawNamed
	}
	choice, err := find(ctx, s)
	if choice == nil || err != nil {
		return nil, err
	}
	// Others were neither better nor worse: chance chose.
	survey := scheduler.Survey{Best: choice, Ranked: []scheduler.Placement{*choice}, Eligible: 1, Visited: 1}
	drafted := draft{search: s.search, seats: []scheduler.Seat{{Survey: survey}}}
	found, err := k.engage(ctx, job.Id, drafted.seats)
	if err != nil {
		return nil, err
	}
	return &found[0], k.keepDecisions(ctx, job, drafted)
}

// auditSearch prepares the choice of an auditor. It must meet what the job asks for, but where it is, and how fast, doesn't matter.
func (k *Keeper) auditSearch(
	ctx sdk.Context, params types.Params, job *types.Job, record *types.ReplicaRecord, seed [sha256.Size]byte,
) (s auditSearch, err error) {
	s = auditSearch{record: record, seed: seed}
	s.search, err = k.search(ctx, k.newScan(), params, job)
	if err != nil {
		return s, err
	}
	spec, err := k.Spec(ctx, job.Id)
	if err != nil {
		return s, err
	}
	spec.Requirements.Cell, spec.Requirements.MaxRoundTripMs, spec.Requirements.Tier = 0, 0, types.JOB_TIER_STANDARD
	anywhere, err := k.searchFor(ctx, s.view.scan, params, spec, job.Work)
	if err != nil {
		return s, err
	}
	anywhere.terms.ExposureBps, anywhere.terms.MaxCandidates = params.ExposureBps, audits.MaxTries
	anywhere.view.over = s.view.over
	anywhere.job.MaxPrice, anywhere.job.Excluded = s.job.MaxPrice, slices.Concat(s.job.Excluded, spec.Audit.Excluded)
	// More operators than a try looks at: chance says with whom it begins.
	anywhere.job.Turn = binary.BigEndian.Uint64(seed[8:16])
	for i := range record.Replicas {
		anywhere.job.Excluded = append(anywhere.job.Excluded, record.Replicas[i].Worker)
	}
	s.search = anywhere
	s.barred = append(record.Workers(), job.Customer)
	return s, nil
}

// drawPlaces goes through the register of devices in a random order, at most audits.MaxTries places of it, to the first device that may
// audit. Devices that came after the round was fixed are passed over, whatever place they have got.
func (k *Keeper) drawPlaces(ctx sdk.Context, s auditSearch) (*scheduler.Placement, error) {
	draw := s.record.Audit
	for _, place := range (lottery.Draw{Randomness: s.seed[:]}).Order(draw.Places, audits.MaxTries) {
		device, there, err := k.ports.Registry.DeviceAt(ctx, place)
		if err != nil {
			return nil, err
		}
		if !there || !device.RegisteredAt.Before(draw.FixedAt) || !device.Free() {
			continue
		}
		offered, err := s.view.device(ctx, device)
		if err != nil {
			return nil, err
		}
		seen, err := s.view.see(0, offered)
		if err != nil {
			return nil, err
		}
		verdict, err := scheduler.Judge(s.job, s.terms, s.view, seen)
		if err != nil {
			return nil, err
		}
		if fits, err := k.mayAudit(ctx, s, verdict); fits || err != nil {
			return &verdict.Placement, err
		}
	}
	return nil, nil
}

// drawNamed goes through the devices of the operators that the job is for, at most audits.MaxTries of them, and takes that which chance
// ranks first.
func (k *Keeper) drawNamed(ctx sdk.Context, s auditSearch) (*scheduler.Placement, error) {
	var fitting []scheduler.Verdict
	if _, err := scheduler.Watch(s.job, s.terms, s.view, func(v scheduler.Verdict) {
		if v.Refusal == scheduler.Fits {
			fitting = append(fitting, v)
		}
	}); err != nil {
		return nil, err
	}
	var best *scheduler.Placement
	for i := range fitting {
		if best != nil && !audits.Before(s.seed, fitting[i].Device.ID, best.Device.ID) {
			continue
		}
		fits, err := k.mayAudit(ctx, s, fitting[i])
		if err != nil {
			return nil, err
		}
		if fits {
			best = &fitting[i].Placement
		}
	}
	return best, nil
}

// mayAudit tells whether a device that meets what the job asks for may audit it: neither who has the job nor its customer, nor who is paid
// through one of them. Not the other way round: who has the job could change its payout address once the randomness is out, and bar by it
// whom it doesn't like.
func (k *Keeper) mayAudit(ctx sdk.Context, s auditSearch, v scheduler.Verdict) (bool, error) {
	if v.Refusal != scheduler.Fits {
		return false, nil
	}
	address, err := accounts.Decode(v.Device.Operator)
	if err != nil {
		return false, types.ErrAddress.Wrapf("auditor: %s", err)
	}
	operator, err := k.ports.Registry.Operator(ctx, address)
	if err != nil {
		return false, err
	}
	return !slices.Contains(s.barred, operator.Address) && !slices.Contains(s.barred, operator.PayoutAddress), nil
}
