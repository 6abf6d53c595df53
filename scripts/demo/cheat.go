package main

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"os"
	"strings"
	"time"
)

// record is a punishment as the chain keeps it.
type record struct {
	Operator string `json:"operator"`
	Offence  string `json:"offence"`
	Subject  string `json:"subject"`
	Slashed  string `json:"slashed"`
	ToVictim string `json:"to_victim"`
	Burnt    string `json:"burnt"`
	Status   string `json:"status"`
}

// settled is the status of a record whose stake is split.
const settled = "RECORD_STATUS_SETTLED"

// settleLimit is how long the demo waits for the split: the network's time to appeal is a few seconds.
const settleLimit = time.Minute

// playCheat turns one worker dishonest and watches what becomes of it.
func (d *demo) playCheat(ctx context.Context) error {
	d.say("worker-2 asks half of what worker-1 does, so that the next large job goes to it, and from now on corrupts its results.")
	if err := d.show(ctx, "localnet", "cheat", "2", "--dir", d.network()); err != nil {
		return err
	}
	people, err := d.people(ctx)
	if err != nil {
		return err
	}
	before, err := d.node.ledger(ctx)
	if err != nil {
		return err
	}
	a, b, err := d.writeFactors(large)
	if err != nil {
		return err
	}
	// The most must do for the dearer worker too: it gets the job after the cheat.
	o, err := d.job(ctx, "matmul", d.file("A.npy"), d.file("B.npy"), "-o", d.file("C.npy"), "--max-price", "400000uassay")
	if err != nil {
		return err
	}
	if o.Attempts != 2 {
		return fmt.Errorf("the job took %d attempts, want 2: the cheat's and the honest worker's", o.Attempts)
	}
	if err := d.compareProduct(large, a, b); err != nil {
		return err
	}
	punished, err := d.punished(ctx)
	if err != nil {
		return err
	}
	d.say("\nThe sample caught it: %s on %s. Slashed %s uassay of worker-2's bond, held as long as worker-2 may appeal. worker-1 did the job.",
		punished.Offence, punished.Subject, punished.Slashed)
	if punished, err = d.split(ctx); err != nil {
		return err
	}
	d.say("Nobody appealed: %s to the customer, %s burnt.", punished.ToVictim, punished.Burnt)
	after, err := d.node.ledger(ctx)
	if err != nil {
		return err
	}
	burnt, err := parse(punished.Burnt)
	if err != nil {
		return err
	}
	d.say("\nWho has what, in uassay, at heights %d and %d:\n", before.height, after.height)
	return compare(os.Stdout, before, after, people, burnt)
}

// people names the accounts of the story.
func (d *demo) people(ctx context.Context) ([]row, error) {
	var rows []row
	for _, name := range []string{"customer", "worker-1", "worker-2"} {
		address, err := d.address(ctx, name)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row{name, []string{address}})
	}
	for _, module := range []string{"bond", "escrow", "penalty", "emission", "dao"} {
		address, err := d.moduleAddress(ctx, module)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row{"(" + module + ")", []string{address}})
	}
	return rows, nil
}

// moduleAddress asks for the account of a module.
func (d *demo) moduleAddress(ctx context.Context, module string) (string, error) {
	var answer struct {
		Account struct {
			BaseAccount struct {
				Address string `json:"address"`
			} `json:"base_account"`
		} `json:"account"`
	}
	err := d.node.get(ctx, "/cosmos/auth/v1beta1/module_accounts/"+module, 0, &answer)
	return answer.Account.BaseAccount.Address, err
}

// address asks the keyring for a key's address.
func (d *demo) address(ctx context.Context, name string) (string, error) {
	out, err := d.quiet(ctx, "keys", "show", name, "--address", "--home", d.home(), "--keyring-backend", "test")
	return strings.TrimSpace(string(out)), err
}

// split waits until the time to appeal is over and what was slashed is split.
func (d *demo) split(ctx context.Context) (record, error) {
	ctx, cancel := context.WithTimeout(ctx, settleLimit)
	defer cancel()
	for {
		punished, err := d.punished(ctx)
		if err != nil || punished.Status == settled {
			return punished, err
		}
		select {
		case <-ctx.Done():
			return record{}, fmt.Errorf("what was slashed is in status %s after %s, want %s", punished.Status, settleLimit, settled)
		case <-time.After(time.Second):
		}
	}
}

// punished returns the only punishment on the chain.
func (d *demo) punished(ctx context.Context) (record, error) {
	var answer struct {
		Records []record `json:"records"`
	}
	if err := d.node.get(ctx, "/assay/penalty/v1/records", 0, &answer); err != nil {
		return record{}, err
	}
	if len(answer.Records) != 1 {
		return record{}, errors.New("the chain holds no punishment, or more than one")
	}
	if _, ok := new(big.Int).SetString(answer.Records[0].Burnt, 10); !ok {
		return record{}, fmt.Errorf("the record's burnt amount %q is not a number", answer.Records[0].Burnt)
	}
	return answer.Records[0], nil
}
