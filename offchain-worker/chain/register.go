package chain

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/client"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/x/authz"
	"github.com/cosmos/cosmos-sdk/x/feegrant"

	beacontypes "github.com/assaychain/assay/x/beacon/types"
	bondtypes "github.com/assaychain/assay/x/bond/types"
	markettypes "github.com/assaychain/assay/x/market/types"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// GrantedMessages are all that a hot key may do in its operator's name: work, change the offer of its devices, answer their
// spot checks, report their condition and what they measured. None of them moves the bond, a payment or the payout address.
func GrantedMessages() []string {
	return []string{
		sdk.MsgTypeURL(&markettypes.MsgCommitResult{}),
		sdk.MsgTypeURL(&markettypes.MsgProveResult{}),
		sdk.MsgTypeURL(&markettypes.MsgReportUnavailable{}),
		sdk.MsgTypeURL(&markettypes.MsgDeliverResult{}), sdk.MsgTypeURL(&markettypes.MsgAnswerDispute{}),
		sdk.MsgTypeURL(&markettypes.MsgHandOver{}),
		sdk.MsgTypeURL(&markettypes.MsgAnswerContest{}),
		sdk.MsgTypeURL(&markettypes.MsgRevealResult{}), sdk.MsgTypeURL(&markettypes.MsgShowDifference{}),
		sdk.MsgTypeURL(&registrytypes.MsgUpdateDevice{}),
		sdk.MsgTypeURL(&registrytypes.MsgCommitSpotCheck{}),
		sdk.MsgTypeURL(&registrytypes.MsgOpenSpotCheck{}),
		sdk.MsgTypeURL(&registrytypes.MsgReportRoundTrips{}),
		sdk.MsgTypeURL(&registrytypes.MsgReportTelemetry{}),
	}
}

// PaidMessages are what an operator pays its hot key's fees for: the wrapped messages above, and relaying beacon rounds,
// which the hot key does in its own name.
func PaidMessages() []string {
	return []string{sdk.MsgTypeURL(&authz.MsgExec{}), sdk.MsgTypeURL(&beacontypes.MsgPostRound{})}
}

// Registration is what one transaction of the cold key sets up. The parts that the chain already has are left out by
// Existing.
type Registration struct {
	Operator sdk.AccAddress
	HotKey   sdk.AccAddress
	Moniker  string
	Endpoint string
	// Payout is where payments go; the operator itself if empty.
	Payout sdk.AccAddress
	// RelayURL and RelayKey are those of the operator's relay; empty without one.
	RelayURL string
	RelayKey []byte
	// Bond is added to the stake; nothing if zero.
	Bond    sdk.Coin
	Devices []registrytypes.MsgRegisterDevice
	// PowerBudget is what the operator's devices in use may draw together, in watts; the chain's stays if 0.
	PowerBudget uint32
	// Hours are those in which the devices take work, UTC, one bit each; all if 0.
	Hours uint32
	// FeeLimit is the most that the hot key may spend on fees.
	FeeLimit sdk.Coins
	// Expires ends the grants; never if nil.
	Expires *time.Time
}

// Existing is what the chain has already of a registration.
type Existing struct {
	Operator bool
	// PowerBudget is the operator's, and Records are the devices as they are, by id.
	PowerBudget uint32
	Records     map[string]registrytypes.Device
	Devices     map[string]bool
	Allowance   bool
}

// Messages are those of the transaction, in an order in which each finds what it needs: bond, operator, devices, grants.
func (r Registration) Messages(have Existing) ([]sdk.Msg, error) {
	if r.Operator.Empty() || r.HotKey.Empty() {
		return nil, errors.New("register: operator and hot key are required")
	}
	if r.Operator.Equals(r.HotKey) {
		return nil, errors.New("register: the hot key is the operator's key; the worker must have a key of its own")
	}
	var messages []sdk.Msg
	if !r.Bond.IsNil() && r.Bond.IsPositive() {
		messages = append(messages, &bondtypes.MsgBond{Operator: r.Operator.String(), Amount: r.Bond.Amount})
	}
	messages = append(messages, r.record(have))
	for i := range r.Devices {
		if !have.Devices[string(r.Devices[i].Id)] {
			messages = append(messages, &r.Devices[i])
		} else if update := move(r.Devices[i], have.Records[string(r.Devices[i].Id)]); update != nil {
			messages = append(messages, update)
		}
	}
	messages = append(messages, r.power(have)...)
	grants, err := r.grants()
	if err != nil {
		return nil, err
	}
	allowance, err := r.allowance(have)
	return append(append(messages, grants...), allowance...), err
}

// power sets the power budget, if there is one, and the devices' hours where the chain has others. The budget is the operator's: a machine
// without one leaves that of another machine.
func (r Registration) power(have Existing) (messages []sdk.Msg) {
	if r.PowerBudget != 0 && r.PowerBudget != have.PowerBudget {
		messages = append(messages, &registrytypes.MsgSetPowerBudget{Operator: r.Operator.String(), Budget: r.PowerBudget})
	}
	for _, one := range r.Devices {
		if record := have.Records[string(one.Id)]; record.Hours != r.Hours {
			messages = append(messages, &registrytypes.MsgSetDevicePower{
				Operator: r.Operator.String(), Device: one.Id, Watts: record.Watts, Hours: r.Hours,
			})
		}
	}
	return messages
}

func (r Registration) record(have Existing) sdk.Msg {
	payout := ""
	if !r.Payout.Empty() {
		payout = r.Payout.String()
	}
	if have.Operator {
		return &registrytypes.MsgUpdateOperator{
			Operator: r.Operator.String(), Moniker: r.Moniker, Endpoint: r.Endpoint, PayoutAddress: payout,
			RelayUrl: r.RelayURL, RelayKey: r.RelayKey,
		}
	}
	return &registrytypes.MsgRegisterOperator{
		Operator: r.Operator.String(), Moniker: r.Moniker, Endpoint: r.Endpoint, PayoutAddress: payout,
		RelayUrl: r.RelayURL, RelayKey: r.RelayKey,
	}
}

func (r Registration) grants() ([]sdk.Msg, error) {
	var messages []sdk.Msg
	for _, url := range GrantedMessages() {
		grant, err := authz.NewMsgGrant(r.Operator, r.HotKey, authz.NewGenericAuthorization(url), r.Expires)
		if err != nil {
			return nil, fmt.Errorf("grant %s: %w", url, err)
		}
		messages = append(messages, grant)
	}
	return messages, nil
}

func (r Registration) allowance(have Existing) ([]sdk.Msg, error) {
	basic := &feegrant.BasicAllowance{SpendLimit: r.FeeLimit, Expiration: r.Expires}
	allowed, err := feegrant.NewAllowedMsgAllowance(basic, PaidMessages())
	if err != nil {
		return nil, fmt.Errorf("fee allowance: %w", err)
	}
	grant, err := feegrant.NewMsgGrantAllowance(allowed, r.Operator, r.HotKey)
	if err != nil {
		return nil, fmt.Errorf("fee allowance: %w", err)
	}
	if have.Allowance {
		revoke := feegrant.NewMsgRevokeAllowance(r.Operator, r.HotKey)
		return []sdk.Msg{&revoke, grant}, nil
	}
	return []sdk.Msg{grant}, nil
}

// Existing asks the chain what it has of a registration.
func (c *Client) Existing(ctx context.Context, r Registration) (Existing, error) {
	have := Existing{Devices: make(map[string]bool), Records: make(map[string]registrytypes.Device)}
	operator, err := c.Operator(ctx, r.Operator)
	if err != nil && !isNotFound(err) {
		return have, err
	}
	have.Operator, have.PowerBudget = err == nil, operator.PowerBudget
	if have.Operator {
		devices, err := c.Devices(ctx, r.Operator)
		if err != nil {
			return have, err
		}
		for _, device := range devices {
			have.Devices[string(device.Id)], have.Records[string(device.Id)] = true, device
		}
	}
	_, have.Allowance, err = c.Allowance(ctx, r.Operator, r.HotKey)
	return have, err
}

// Allowance is what is left of a fee allowance, without a limit if nil, and whether there is one.
func (c *Client) Allowance(ctx context.Context, granter, grantee sdk.AccAddress) (left sdk.Coins, found bool, err error) {
	err = c.ask(ctx, "fee allowance", func(ctx context.Context, conn client.Context) error {
		request := &feegrant.QueryAllowancesRequest{Grantee: grantee.String()}
		response, err := feegrant.NewQueryClient(conn).Allowances(ctx, request)
		if err != nil {
			return err
		}
		for _, grant := range response.Allowances {
			if grant.Granter == granter.String() {
				found = true
				left, err = spendLimit(conn.InterfaceRegistry, grant)
				return err
			}
		}
		return nil
	})
	return left, found, err
}

// spendLimit unpacks the allowance first: answers of these queries come with it still packed.
func spendLimit(registry codectypes.InterfaceRegistry, grant *feegrant.Grant) (sdk.Coins, error) {
	if err := grant.UnpackInterfaces(registry); err != nil {
		return nil, err
	}
	allowance, err := grant.GetGrant()
	if err != nil {
		return nil, err
	}
	if filtered, ok := allowance.(*feegrant.AllowedMsgAllowance); ok {
		if allowance, err = filtered.GetAllowance(); err != nil {
			return nil, err
		}
	}
	if basic, ok := allowance.(*feegrant.BasicAllowance); ok {
		return basic.SpendLimit, nil
	}
	return nil, nil
}

// MissingGrants are those of GrantedMessages that the operator has not granted the hot key.
func (c *Client) MissingGrants(ctx context.Context, operator, hotKey sdk.AccAddress) (missing []string, err error) {
	err = c.ask(ctx, "grants", func(ctx context.Context, conn client.Context) error {
		request := &authz.QueryGrantsRequest{Granter: operator.String(), Grantee: hotKey.String()}
		response, err := authz.NewQueryClient(conn).Grants(ctx, request)
		if err != nil && !isNotFound(err) {
			return err
		}
		granted := make(map[string]bool)
		if response != nil {
			for _, grant := range response.Grants {
				var authorization authz.Authorization
				if err := conn.InterfaceRegistry.UnpackAny(grant.Authorization, &authorization); err != nil {
					return err
				}
				granted[authorization.MsgTypeURL()] = true
			}
		}
		for _, url := range GrantedMessages() {
			if !granted[url] {
				missing = append(missing, url)
			}
		}
		return nil
	})
	return missing, err
}

// MinimumBond is the stake that the rules demand for devices of these classes.
func MinimumBond(params registrytypes.Params, classes []registrytypes.DeviceClass) math.Int {
	total := math.ZeroInt()
	for _, class := range classes {
		for _, rule := range params.Classes {
			if rule.Class == class {
				total = total.Add(rule.MinBond)
			}
		}
	}
	return total
}
