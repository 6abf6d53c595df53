package main

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"os"
	"strings"
	"time"
)

// playEconomy rents a device until the money runs out, collects an epoch's rewards, and has a change of the protocol fee
// decided by a validator and a contributor.
func (d *demo) playEconomy(ctx context.Context) error {
	people, err := d.people(ctx)
	if err != nil {
		return err
	}
	before, err := d.node.ledger(ctx)
	if err != nil {
		return err
	}
	proposal, err := d.propose(ctx)
	if err != nil {
		return err
	}
	if err := d.rent(ctx); err != nil {
		return err
	}
	if err := d.collect(ctx); err != nil {
		return err
	}
	if err := d.decided(ctx, proposal); err != nil {
		return err
	}
	return d.settleBooks(ctx, people, before)
}

// settleBooks compares everybody's money with what it was.
func (d *demo) settleBooks(ctx context.Context, people []row, before *ledger) error {
	after, err := d.node.ledger(ctx)
	if err != nil {
		return err
	}
	burnt, err := d.burnt(ctx, before.height, after.height)
	if err != nil {
		return err
	}
	d.say("\nWho has what, in uassay, at heights %d and %d:\n", before.height, after.height)
	return compare(os.Stdout, before, after, people, burnt)
}

// send signs a transaction of one of the story's people and waits until it is in a block.
func (d *demo) send(ctx context.Context, from string, args ...string) error {
	args = append(append([]string{"tx"}, args...), "--from", from, "--home", d.home())
	d.say("\033[2m$ assayd %s\033[0m", strings.Join(shorten(args, d.dir), " "))
	out, err := d.quiet(ctx, append(args, "--yes", "--output", "json", "--gas", "auto", "--gas-adjustment", "1.5", "--gas-prices", "0.01uassay")...)
	if err != nil {
		return err
	}
	var sent struct {
		Hash string `json:"txhash"`
		Code int    `json:"code"`
		Log  string `json:"raw_log"`
	}
	// The estimate of the gas stands on a line of its own before the answer.
	if err := json.Unmarshal(out[max(0, strings.Index(string(out), "{")):], &sent); err != nil {
		return fmt.Errorf("tx %s %s printed no JSON: %w\n%s", args[1], args[2], err, out)
	}
	if sent.Code != 0 {
		return fmt.Errorf("%s %s: %s", args[1], args[2], sent.Log)
	}
	return d.included(ctx, sent.Hash)
}

// included waits for a transaction's block and fails when it did nothing.
func (d *demo) included(ctx context.Context, hash string) error {
	var answer struct {
		Response struct {
			Code int    `json:"code"`
			Log  string `json:"raw_log"`
		} `json:"tx_response"`
	}
	err := d.until(ctx, func() (bool, error) {
		return d.node.get(ctx, "/cosmos/tx/v1beta1/txs/"+hash, 0, &answer) == nil, nil
	})
	if err != nil {
		return fmt.Errorf("transaction %s: %w", hash, err)
	}
	if answer.Response.Code != 0 {
		return fmt.Errorf("transaction %s: %s", hash, answer.Response.Log)
	}
	return nil
}

// Waiting for something on the chain.
const (
	patience = 45 * time.Second
	interval = 300 * time.Millisecond
)

// until asks again and again.
func (d *demo) until(ctx context.Context, done func() (bool, error)) error {
	for end := time.Now().Add(patience); time.Now().Before(end); {
		if ok, err := done(); ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(interval):
		}
	}
	return fmt.Errorf("it did not happen within %s", patience)
}

// fee is the protocol's share of payments, in basis points: as it is and as it is to be. A proposal may change it by half.
const (
	presentFee  = 200
	proposedFee = 150
)

// feeNow reads the protocol's share.
func (d *demo) feeNow(ctx context.Context) (params map[string]any, fee int, err error) {
	var answer struct {
		Params map[string]any `json:"params"`
	}
	if err := d.node.get(ctx, "/assay/escrow/v1/params", 0, &answer); err != nil {
		return nil, 0, err
	}
	value, ok := answer.Params["protocol_fee_bps"].(float64)
	if !ok {
		return nil, 0, errors.New("the escrow's parameters have no protocol_fee_bps")
	}
	return answer.Params, int(value), nil
}

// propose puts a lower protocol fee to the vote; a contributor and the validator vote for it.
func (d *demo) propose(ctx context.Context) (id string, err error) {
	params, fee, err := d.feeNow(ctx)
	if err != nil {
		return "", err
	}
	if fee != presentFee {
		return "", fmt.Errorf("the protocol fee is %d basis points, want %d", fee, presentFee)
	}
	params["protocol_fee_bps"] = proposedFee
	if err := d.writeProposal(ctx, params); err != nil {
		return "", err
	}
	d.say("worker-1 proposes to lower the protocol's fee from %d to %d basis points. Its bond votes, as the validator's stake does.", presentFee, proposedFee)
	if err := d.send(ctx, "worker-1", "gov", "submit-proposal", d.file("proposal.json")); err != nil {
		return "", err
	}
	var answer struct {
		Proposals []struct {
			ID string `json:"id"`
		} `json:"proposals"`
	}
	if err := d.node.get(ctx, "/cosmos/gov/v1/proposals", 0, &answer); err != nil {
		return "", err
	}
	if len(answer.Proposals) != 1 {
		return "", fmt.Errorf("the chain has %d proposals, want 1", len(answer.Proposals))
	}
	id = answer.Proposals[0].ID
	for _, voter := range []string{"worker-1", "validator"} {
		if err := d.send(ctx, voter, "gov", "vote", id, "yes"); err != nil {
			return "", err
		}
	}
	return id, nil
}

// writeProposal writes what a proposer hands in.
func (d *demo) writeProposal(ctx context.Context, params map[string]any) error {
	authority, err := d.moduleAddress(ctx, "gov")
	if err != nil {
		return err
	}
	content, err := json.MarshalIndent(map[string]any{
		"messages": []any{map[string]any{"@type": "/assay.escrow.v1.MsgUpdateParams", "authority": authority, "params": params}},
		"deposit":  "10000000uassay",
		"title":    "A lower protocol fee",
		"summary":  "1.5% of a payment are enough.",
	}, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(d.file("proposal.json"), content, 0o644)
}

// decided waits until the change has taken effect.
func (d *demo) decided(ctx context.Context, proposal string) error {
	d.say("\nThe vote on proposal %s ends, and a time lock after it passes, before anything changes.", proposal)
	if err := d.until(ctx, func() (bool, error) {
		_, fee, err := d.feeNow(ctx)
		return fee == proposedFee, err
	}); err != nil {
		return fmt.Errorf("proposal %s: %w", proposal, err)
	}
	var answer struct {
		Proposal struct {
			Status string `json:"status"`
			Tally  struct {
				Yes string `json:"yes_count"`
			} `json:"final_tally_result"`
		} `json:"proposal"`
	}
	if err := d.node.get(ctx, "/cosmos/gov/v1/proposals/"+proposal, 0, &answer); err != nil {
		return err
	}
	d.say("Proposal %s: %s with %s uassay in favour. The protocol's fee is %d basis points now.",
		proposal, answer.Proposal.Status, answer.Proposal.Tally.Yes, proposedFee)
	return nil
}

// collect claims what worker-1's device earned by proven work, and pays it out.
func (d *demo) collect(ctx context.Context) error {
	operator, err := d.address(ctx, "worker-1")
	if err != nil {
		return err
	}
	var answer struct {
		Amount coin `json:"amount"`
	}
	if err := d.until(ctx, func() (bool, error) {
		err := d.node.get(ctx, "/assay/emission/v1/claimable/"+operator, 0, &answer)
		return err == nil && answer.Amount.Amount != "0" && answer.Amount.Amount != "", err
	}); err != nil {
		return fmt.Errorf("rewards of worker-1: %w", err)
	}
	d.say("\nEvery epoch mints by the schedule; worker-1 has %s uassay to claim for what its device proved.", answer.Amount.Amount)
	if err := d.send(ctx, "worker-1", "emission", "claim-rewards"); err != nil {
		return err
	}
	return d.send(ctx, "worker-1", "bond", "withdraw-rewards", operator)
}

// burnt is what penalties burnt between two heights.
func (d *demo) burnt(ctx context.Context, from, to int64) (*big.Int, error) {
	sums := make([]*big.Int, 2)
	for i, height := range []int64{from, to} {
		var answer struct {
			Records []record `json:"records"`
		}
		if err := d.node.get(ctx, "/assay/penalty/v1/records", height, &answer); err != nil {
			return nil, err
		}
		sums[i] = new(big.Int)
		for _, r := range answer.Records {
			burnt, err := parse(r.Burnt)
			if err != nil {
				return nil, err
			}
			sums[i].Add(sums[i], burnt)
		}
	}
	return sums[1].Sub(sums[1], sums[0]), nil
}

// device returns the id of a worker's device.
func (d *demo) device(ctx context.Context, worker string) (string, error) {
	operator, err := d.address(ctx, worker)
	if err != nil {
		return "", err
	}
	var answer struct {
		Devices []struct {
			ID string `json:"id"`
		} `json:"devices"`
	}
	if err := d.node.get(ctx, "/assay/registry/v1/devices?operator="+operator, 0, &answer); err != nil {
		return "", err
	}
	if len(answer.Devices) != 1 {
		return "", fmt.Errorf("%s has %d devices, want 1", worker, len(answer.Devices))
	}
	id, err := base64.StdEncoding.DecodeString(answer.Devices[0].ID)
	return hex.EncodeToString(id), err
}
