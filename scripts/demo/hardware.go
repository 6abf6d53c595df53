package main

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/assaychain/assay/offchain-worker/compute"
	checker "github.com/assaychain/assay/offchain-worker/spotcheck"
	"github.com/assaychain/assay/x/registry/spotcheck"
)

// passedCheck is a spot check as the REST interface writes it.
type passedCheck struct {
	Device     string `json:"device"`
	Size       uint32 `json:"size"`
	Steps      uint32 `json:"steps"`
	Samples    uint32 `json:"samples"`
	Seed       string `json:"seed"`
	Commitment string `json:"commitment"`
	Challenge  string `json:"challenge"`
	TookMs     int    `json:"took_ms,string"`
}

// proveHardware waits until both workers' devices have passed their first spot check, without which they get no work, and says what that
// took.
func (d *demo) proveHardware(ctx context.Context) error {
	var answer struct {
		Checks []passedCheck `json:"checks"`
	}
	err := d.until(ctx, func() (bool, error) {
		err := d.node.get(ctx, "/assay/registry/v1/spot_checks?state=5", 0, &answer)
		return len(answer.Checks) >= 2, err
	})
	if err != nil {
		return fmt.Errorf("the devices' first spot checks: %w", err)
	}
	for _, check := range answer.Checks {
		if err := d.sayCheck(ctx, check); err != nil {
			return err
		}
	}
	return nil
}

// sayCheck tells of one check, whose answer is computed here again.
func (d *demo) sayCheck(ctx context.Context, check passedCheck) error {
	terms := spotcheck.Terms{Size: check.Size, Steps: check.Steps, Samples: check.Samples}
	device, err := base64.StdEncoding.DecodeString(check.Device)
	if err != nil {
		return err
	}
	computed, verified, err := again(ctx, terms, check)
	if err != nil {
		return fmt.Errorf("spot check of device %x: %w", device, err)
	}
	d.say("Device %s is what it says: %d chained products of %d × %d (%.2f·10^9 multiply–accumulates; %d ms here), committed %d ms after the seed;",
		hex.EncodeToString(device[:4]), terms.Steps, terms.Size, terms.Size, float64(terms.Work())/1e9, computed.Milliseconds(), check.TookMs)
	d.say("the chain drew %d entries, made their columns from the seed itself, and checked them in %d µs.",
		terms.Samples, verified.Microseconds())
	return nil
}

// again computes a check's products, compares the commitment with the chain's, and measures the check of the openings.
func again(ctx context.Context, terms spotcheck.Terms, check passedCheck) (computed, verified time.Duration, err error) {
	var seed, commitment, challenge spotcheck.Hash
	for _, hash := range []struct {
		text string
		into *spotcheck.Hash
	}{{check.Seed, &seed}, {check.Commitment, &commitment}, {check.Challenge, &challenge}} {
		content, err := base64.StdEncoding.DecodeString(hash.text)
		if err != nil || len(content) != len(hash.into) {
			return 0, 0, errors.Join(err, fmt.Errorf("hash of %d bytes", len(content)))
		}
		*hash.into = spotcheck.Hash(content)
	}
	kernels, err := compute.NewCPURegistry(ctx, runtime.GOMAXPROCS(0))
	if err != nil {
		return 0, 0, err
	}
	kernel, err := kernels.Kernel("")
	if err != nil {
		return 0, 0, err
	}
	engine, start := checker.Engine(ctx, kernel, 0), time.Now()
	trace, err := spotcheck.Run(engine, terms, seed)
	if err != nil {
		return 0, 0, err
	}
	computed = time.Since(start)
	if trace.Commitment() != commitment {
		return 0, 0, errors.New("computed here it has another commitment than on the chain")
	}
	opening, err := trace.Open(engine, challenge)
	if err != nil {
		return 0, 0, err
	}
	start = time.Now()
	err = spotcheck.Verify(spotcheck.Claim{Terms: terms, Seed: seed, Commitment: commitment, Challenge: challenge}, opening)
	return computed, time.Since(start), err
}

// unoccupied waits until a device computes no spot check: while it does, which is a second or two, it can't be rented.
func (d *demo) unoccupied(ctx context.Context, device string) error {
	return d.until(ctx, func() (bool, error) {
		var answer struct {
			Device struct {
				Checking bool `json:"checking"`
			} `json:"device"`
		}
		err := d.node.get(ctx, "/assay/registry/v1/devices/"+device, 0, &answer)
		return !answer.Device.Checking, err
	})
}
