package types

import (
	"cosmossdk.io/math"
)

// Open tells whether what was slashed is still held.
func (r Record) Open() bool {
	return r.Status == RECORD_STATUS_HELD || r.Status == RECORD_STATUS_APPEALED
}

// Held is what the module's account holds for the record: what was slashed, and the bond of an appeal, while it is open.
func (r Record) Held() math.Int {
	switch {
	case r.Status == RECORD_STATUS_APPEALED && r.Appeal != nil:
		return r.Slashed.Add(r.Appeal.Bond)
	case r.Open():
		return r.Slashed
	default:
		return math.ZeroInt()
	}
}

// validate checks a record of a genesis state.
func (r Record) validate() error {
	if r.Id == 0 {
		return ErrGenesis.Wrap("record ids start at 1")
	}
	for _, check := range []func() error{r.validateParties, r.validateTimes, r.validateAmounts, r.validateAppeal} {
		if err := check(); err != nil {
			return ErrGenesis.Wrapf("record %d: %v", r.Id, err)
		}
	}
	return nil
}

func (r Record) validateParties() error {
	if err := canonicalAddress(r.Operator); err != nil {
		return ErrGenesis.Wrapf("operator %q: %v", r.Operator, err)
	}
	for _, party := range []struct{ name, addr string }{{"victim", r.Victim}, {"reporter", r.Reporter}} {
		if party.addr == "" {
			continue
		}
		if err := canonicalAddress(party.addr); err != nil {
			return ErrGenesis.Wrapf("%s %q: %v", party.name, party.addr, err)
		}
	}
	if err := validateOffence(r.Offence); err != nil {
		return err
	}
	return validateSubject(r.Subject)
}

// validateAmounts checks that the parts add up to what was slashed, once it is split, and are zero before.
func (r Record) validateAmounts() error {
	for _, amount := range []math.Int{r.Slashed, r.ToVictim, r.ToReporter, r.Burnt, r.Own} {
		if amount.IsNil() || amount.IsNegative() {
			return ErrGenesis.Wrap("amounts must be given and not negative")
		}
	}
	if r.Own.GT(r.Slashed) {
		return ErrGenesis.Wrapf("own %s is more than slashed %s", r.Own, r.Slashed)
	}
	want := math.ZeroInt()
	if r.Status == RECORD_STATUS_SETTLED {
		want = r.Slashed
	}
	if sum := r.ToVictim.Add(r.ToReporter).Add(r.Burnt); !sum.Equal(want) {
		return ErrGenesis.Wrapf("to_victim %s, to_reporter %s and burnt %s must add up to %s", r.ToVictim, r.ToReporter, r.Burnt, want)
	}
	return nil
}

func (r Record) validateTimes() error {
	if r.Status < RECORD_STATUS_HELD || r.Status > RECORD_STATUS_RESTORED {
		return ErrGenesis.Wrapf("status %d is unknown", r.Status)
	}
	if r.At.IsZero() || r.ReleaseAt.IsZero() {
		return ErrGenesis.Wrap("at and release_at must be given")
	}
	if r.Open() != (r.SettledAt == nil) {
		return ErrGenesis.Wrap("settled_at must be given once the record is settled, and not before")
	}
	if r.SettledAt != nil && r.SettledAt.Before(r.At) {
		return ErrGenesis.Wrap("settled_at must not be before at")
	}
	return nil
}

// validateAppeal checks that the appeal fits the status.
func (r Record) validateAppeal() error {
	a := r.Appeal
	if a == nil {
		if r.Status == RECORD_STATUS_APPEALED || r.Status == RECORD_STATUS_RESTORED {
			return ErrGenesis.Wrapf("appeal must be given in status %s", r.Status)
		}
		return nil
	}
	if a.Bond.IsNil() || a.Bond.IsNegative() || a.Burnt.IsNil() || a.Burnt.IsNegative() || a.Burnt.GT(a.Bond) {
		return ErrGenesis.Wrap("appeal: bond and burnt must be given, and burnt at most the bond")
	}
	if a.At.IsZero() {
		return ErrGenesis.Wrap("appeal: at must be given")
	}
	if err := validateText("appeal: reason", a.Reason); err != nil {
		return err
	}
	if err := validateText("appeal: note", a.Note); err != nil {
		return err
	}
	fits := map[RecordStatus]bool{
		RECORD_STATUS_APPEALED: a.Outcome == APPEAL_OUTCOME_UNSPECIFIED,
		RECORD_STATUS_RESTORED: a.Outcome == APPEAL_OUTCOME_GRANTED,
		RECORD_STATUS_SETTLED:  a.Outcome == APPEAL_OUTCOME_DENIED || a.Outcome == APPEAL_OUTCOME_LAPSED,
	}
	if !fits[r.Status] {
		return ErrGenesis.Wrapf("appeal: outcome %s doesn't fit status %s", a.Outcome, r.Status)
	}
	return nil
}
