package certificate

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"slices"
	"time"

	"github.com/assaychain/assay/x/beacon/drand"
	beacontypes "github.com/assaychain/assay/x/beacon/types"
	markettypes "github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/proofs/program"
	proofstypes "github.com/assaychain/assay/x/proofs/types"
)

// Verify checks a certificate against a root of trust. The error says that nothing could be checked: the root vouches for
// nothing or the records do not decode. Everything else is in the report.
func Verify(c *Certificate, trust TrustRoot) (Report, error) {
	if err := trust.Validate(); err != nil {
		return Report{}, err
	}
	v, err := open(c, trust)
	if err != nil {
		return Report{}, err
	}
	for _, check := range []struct {
		name string
		run  func() (string, error)
	}{
		{"block signed by the validators", v.block},
		{"job in the block's state", v.records},
		{"job settled", v.settled},
		{"beacon round signed", v.round},
		{"commitment opened before the challenge", v.commitment},
		{"verifying keys", v.circuits},
		{"proofs of the drawn positions", v.proofs},
	} {
		v.report.add(check.name, check.run)
	}
	return v.report, nil
}

// verification holds a certificate taken apart. Every check works on the records as they are claimed; that they are the
// chain's own is a check like the others.
type verification struct {
	certificate *Certificate
	trust       TrustRoot
	at          *block
	job         markettypes.Job
	spec        markettypes.Spec
	params      beacontypes.Params
	generation  uint64
	keys        map[string]proofstypes.Circuit
	report      Report
}

// open decodes every part.
func open(c *Certificate, trust TrustRoot) (*verification, error) {
	v := &verification{certificate: c, trust: trust, keys: map[string]proofstypes.Circuit{}}
	if c.ChainID != trust.ChainID {
		return nil, fmt.Errorf("%w: it is of chain %q, trusted is %q", ErrInvalid, c.ChainID, trust.ChainID)
	}
	var err error
	if v.at, err = c.Block.decode(); err != nil {
		return nil, fmt.Errorf("block: %w", err)
	}
	for _, part := range []struct {
		name  string
		value []byte
		into  message
	}{{"job", c.Job.Value, &v.job}, {"spec", c.Spec.Value, &v.spec}, {"beacon params", c.Beacon.Params.Value, &v.params}} {
		if err := canonical(part.value, part.into); err != nil {
			return nil, fmt.Errorf("%s: %w", part.name, err)
		}
	}
	if v.generation, err = decodeGeneration(c.Beacon.Generation.Value); err != nil {
		return nil, err
	}
	for i := range c.Circuits {
		var circuit proofstypes.Circuit
		if err := canonical(c.Circuits[i].Record.Value, &circuit); err != nil {
			return nil, fmt.Errorf("circuits[%d]: %w", i, err)
		}
		v.keys[c.Circuits[i].ID] = circuit
	}
	v.report = Report{Job: v.job, Spec: v.spec, Height: v.at.header.Height, Time: v.at.header.Time}
	return v, nil
}

func (v *verification) block() (string, error) {
	if err := v.at.final(v.trust); err != nil {
		return "", err
	}
	return fmt.Sprintf("height %d, %s, %d validators", v.at.header.Height, v.at.header.Time.UTC().Format(time.RFC3339), v.at.validators.Size()), nil
}

// records checks every record against the root of the state in the block's header.
func (v *verification) records() (string, error) {
	c, root := v.certificate, v.at.header.AppHash
	places, err := c.places()
	if err != nil {
		return "", err
	}
	for _, p := range places {
		if err := p.record.prove(p.place, root); err != nil {
			return "", fmt.Errorf("%s: %w", p.name, err)
		}
	}
	if v.job.Id != c.JobID {
		return "", fmt.Errorf("%w: the record is of job %d, want %d", ErrInvalid, v.job.Id, c.JobID)
	}
	return fmt.Sprintf("%d records under app hash %X", len(places), root), nil
}

// placedRecord is a record and where it must be.
type placedRecord struct {
	name string
	place
	record Record
}

// places are all records of the certificate.
func (c *Certificate) places() ([]placedRecord, error) {
	job, err := jobPlace(c.JobID)
	if err != nil {
		return nil, err
	}
	spec, err := specPlace(c.JobID)
	if err != nil {
		return nil, err
	}
	places := []placedRecord{
		{"job", job, c.Job}, {"spec", spec, c.Spec},
		{"beacon params", beaconParamsPlace(), c.Beacon.Params}, {"beacon generation", generationPlace(), c.Beacon.Generation},
	}
	for _, circuit := range c.Circuits {
		at, err := circuitPlace(circuit.ID)
		if err != nil {
			return nil, err
		}
		places = append(places, placedRecord{"circuit " + circuit.ID, at, circuit.Record})
	}
	return places, nil
}

func (v *verification) settled() (string, error) {
	job := v.job
	if job.State != markettypes.JOB_STATE_CLOSED || job.CloseReason != markettypes.CLOSE_REASON_SETTLED {
		return "", fmt.Errorf("%w: state %s, close reason %s", ErrInvalid, job.State, job.CloseReason)
	}
	if err := v.spec.Validate(); err != nil {
		return "", fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	if job.Paid.IsNil() || job.Refunded.IsNil() || !job.Paid.IsPositive() {
		return "", fmt.Errorf("%w: it says of no payment", ErrInvalid)
	}
	return fmt.Sprintf("job %d of %s by %s: paid %s, refunded %s", job.Id, job.Customer, job.Worker, job.Paid, job.Refunded), nil
}

// round checks the signature of the round that the job waited for, under the beacon that the chain followed then.
func (v *verification) round() (string, error) {
	round := v.certificate.Round
	if round.Number != v.job.Round {
		return "", fmt.Errorf("%w: round %d, the job was sampled by round %d", ErrInvalid, round.Number, v.job.Round)
	}
	beacon, source, err := v.beacon()
	if err != nil {
		return "", err
	}
	if err := drand.Verify(beacon, round.Number, round.Signature); err != nil {
		return "", fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	return fmt.Sprintf("round %d, beacon named by %s", round.Number, source), nil
}

// beacon is the trusted one for rounds of its generation, and otherwise the one in the chain's state.
func (v *verification) beacon() (drand.Chain, string, error) {
	if t := v.trust.Beacon; t != nil && t.Generation == v.job.Generation {
		return t.Chain, "the root of trust", nil
	}
	if v.generation != v.job.Generation {
		return drand.Chain{}, "", fmt.Errorf("%w: the job's beacon was of generation %d, the state knows only %d", ErrInvalid, v.job.Generation, v.generation)
	}
	chain, err := beaconChain(v.params.Chain)
	return chain, "the chain's state", err
}

// commitment recomputes the commitment from the proven roots, and the seed from it and the round.
func (v *verification) commitment() (string, error) {
	claim, err := v.claim()
	if err != nil {
		return "", err
	}
	commitment, err := program.CommitmentHash(claim, v.job.StepRoots)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	if !bytes.Equal(commitment[:], v.job.Commitment) {
		return "", fmt.Errorf("%w: the step roots do not open the commitment", ErrInvalid)
	}
	seed := program.Seed(drand.Randomness(v.certificate.Round.Signature), claim, commitment)
	if !bytes.Equal(seed[:], v.job.Seed) {
		return "", fmt.Errorf("%w: the seed is not that of the round and the commitment", ErrInvalid)
	}
	return fmt.Sprintf("%x, attempt %d", commitment, claim.Attempt), nil
}

// circuits checks that the keys are those of the job's circuits, trusted or registered.
func (v *verification) circuits() (string, error) {
	ids := circuitIDs(v.job)
	if len(ids) != len(v.certificate.Circuits) {
		return "", fmt.Errorf("%w: keys of %d circuits, the job names %d", ErrInvalid, len(v.certificate.Circuits), len(ids))
	}
	if len(ids) == 0 {
		return "none needed: the openings are in the clear", nil
	}
	development, registered := false, 0
	for i, id := range ids {
		circuit := v.keys[id]
		hash := sha256.Sum256(circuit.VerifyingKey)
		if v.certificate.Circuits[i].ID != id || circuit.Id != id || circuit.System != systems[v.spec.Assurance] {
			return "", fmt.Errorf("%w: circuits[%d] is not %s", ErrInvalid, i, id)
		}
		trusted, known := v.trust.Circuits[id]
		if !bytes.Equal(hash[:], circuit.KeyHash) || (known && !bytes.Equal(hash[:], trusted.KeyHash)) {
			return "", fmt.Errorf("%w: the verifying key of %s is %x, trusted is %x", ErrInvalid, id, hash, trusted.KeyHash)
		}
		if known && circuit.Class != trusted.Class {
			return "", fmt.Errorf("%w: %s is of class %d, trusted is %d", ErrInvalid, id, circuit.Class, trusted.Class)
		}
		if model, err := modelOf(circuit); err != nil || known && !bytes.Equal(model, trusted.Model) {
			return "", fmt.Errorf("%w: %s is of model %x, trusted is %x", ErrInvalid, id, model, trusted.Model)
		}
		if !known {
			registered++
		}
		development = development || circuit.Development
	}
	detail := fmt.Sprintf("%d named by the root of trust, %d by the chain's state", len(ids)-registered, registered)
	if development {
		detail += "; development keys, UNSAFE: who made them can forge proofs"
	}
	return detail, nil
}

// circuitIDs are the job's circuits, ascending, each once.
func circuitIDs(job markettypes.Job) []string {
	ids := slices.Clone(job.Circuits)
	slices.Sort(ids)
	return slices.Compact(ids)
}
