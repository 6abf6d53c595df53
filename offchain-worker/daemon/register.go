package daemon

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"time"

	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/offchain-worker/chain"
	"github.com/assaychain/assay/offchain-worker/config"
	"github.com/assaychain/assay/offchain-worker/device"
	"github.com/assaychain/assay/offchain-worker/relay"
	"github.com/assaychain/assay/x/proofs/program"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// RegisterOptions are what a registration takes beyond the configuration.
type RegisterOptions struct {
	Moniker string
	Payout  sdk.AccAddress
	// Bond is added to the stake; nothing if zero.
	Bond sdk.Coin
	// FeeLimit is the most that the hot key may spend on fees.
	FeeLimit sdk.Coins
	// Expires ends the grants; never if nil.
	Expires *time.Time
	// Devices are those to register.
	Devices []device.Device
	// RelayKey is the public key of the worker's relay; required if the configuration has one.
	RelayKey []byte
}

// Registered is what a registration did.
type Registered struct {
	Operator string   `json:"operator"`
	HotKey   string   `json:"hot_key"`
	Devices  []string `json:"devices"`
	// Cell is the cell of the grid that the devices are registered in now; 0 when it is not told.
	Cell     uint32   `json:"cell"`
	Messages []string `json:"messages"`
	Tx       string   `json:"tx"`
	Height   int64    `json:"height"`
}

// Cold is the operator's key.
type Cold struct {
	Keyring keyring.Keyring
	Name    string
}

// NewRegistration describes a registration of this worker under a cold key.
func NewRegistration(c config.Config, operator, hotKey sdk.AccAddress, options RegisterOptions) (_ chain.Registration, err error) {
	price, ok := math.NewIntFromString(c.Devices.Price)
	if !ok {
		return chain.Registration{}, fmt.Errorf("devices.price is %q, must be a whole number", c.Devices.Price)
	}
	hourly, ok := math.NewIntFromString(c.Devices.HourlyPrice)
	if !ok {
		return chain.Registration{}, fmt.Errorf("devices.hourly_price is %q, must be a whole number", c.Devices.HourlyPrice)
	}
	cell, err := c.Devices.Cell()
	if err != nil {
		return chain.Registration{}, err
	}
	registration := chain.Registration{
		Operator: operator, HotKey: hotKey, Moniker: options.Moniker, Endpoint: c.Blobs.Endpoint, Payout: options.Payout,
		Bond: options.Bond, FeeLimit: options.FeeLimit, Expires: options.Expires,
	}
	registration.PowerBudget = c.Devices.PowerBudgetWatts
	if registration.Hours, err = config.ParseHours(c.Devices.Hours); err != nil {
		return chain.Registration{}, fmt.Errorf("devices.hours: %w", err)
	}
	if c.Relay.Listen != "" {
		registration.RelayURL, registration.RelayKey = c.Relay.URL, options.RelayKey
	}
	for _, one := range options.Devices {
		id, class := one.ID(), classFor(c, one)
		registration.Devices = append(registration.Devices, registrytypes.MsgRegisterDevice{
			Operator: operator.String(), Id: id[:], Model: one.Model, Class: class, Backend: one.Backend,
			MemoryMib: one.MemoryMiB, Lanes: uint32(c.Worker.Lanes), Price: price, HourlyPrice: hourly,
			Available: c.Devices.AvailableOnStart, Levels: configuredLevels(c), Cell: uint32(cell),
		})
	}
	return registration, nil
}

// classFor is the class that a device is registered as: the configuration's for an accelerator, if it names one.
func classFor(c config.Config, one device.Device) registrytypes.DeviceClass {
	class, err := device.ParseClass(c.Devices.Class)
	if err != nil || one.Backend == registrytypes.BACKEND_CPU {
		return one.Class
	}
	return class
}

// configuredLevels are what a device is registered with; a running worker corrects it.
func configuredLevels(c config.Config) []program.Assurance {
	if c.Proofs.FullString == "" {
		return nil
	}
	return append(registrytypes.DefaultLevels(), program.ASSURANCE_FULL)
}

// Register does it all in one transaction of the cold key and waits for its block. It can be repeated: what the chain has
// already is left out or renewed.
func Register(ctx context.Context, c config.Config, deps Deps, cold Cold, options RegisterOptions) (Registered, error) {
	hot, err := deps.Keyring.Key(c.Chain.KeyName)
	if err != nil {
		return Registered{}, fmt.Errorf("hot key %q: %w: make it with assay-worker init", c.Chain.KeyName, err)
	}
	hotKey, err := hot.GetAddress()
	if err != nil {
		return Registered{}, err
	}
	client, err := deps.dial(c.Chain)
	if err != nil {
		return Registered{}, err
	}
	signer, err := coldSigner(ctx, c, deps, cold, client)
	if err != nil {
		return Registered{}, err
	}
	if c.Relay.Listen != "" && len(options.RelayKey) == 0 {
		key, err := relay.LoadKey(deps.Home)
		if err != nil {
			return Registered{}, err
		}
		options.RelayKey = key.Public().(ed25519.PublicKey)
	}
	registration, err := NewRegistration(c, signer.Address(), hotKey, options)
	if err != nil {
		return Registered{}, err
	}
	have, err := client.Existing(ctx, registration)
	if err != nil {
		return Registered{}, err
	}
	messages, err := registration.Messages(have)
	if err != nil {
		return Registered{}, err
	}
	return submit(ctx, signer, registration, have, messages)
}

func coldSigner(ctx context.Context, c config.Config, deps Deps, cold Cold, client *chain.Client) (*chain.Signer, error) {
	status, err := client.Status(ctx)
	if err != nil {
		return nil, err
	}
	if status.ChainID != c.Chain.ID {
		return nil, fmt.Errorf("node %s serves chain %q, the configuration names %q", c.Chain.Node, status.ChainID, c.Chain.ID)
	}
	fees, err := c.Chain.Fees()
	if err != nil {
		return nil, err
	}
	return chain.NewSigner(chain.SignerConfig{
		ChainID: c.Chain.ID, Keyring: cold.Keyring, KeyName: cold.Name, TxConfig: deps.Encoding.TxConfig,
		Fees: fees, TimeoutBlocks: c.Chain.TimeoutBlocks,
	}, client, client)
}

func submit(ctx context.Context, signer *chain.Signer, r chain.Registration, have chain.Existing, messages []sdk.Msg) (Registered, error) {
	signed, err := signer.Send(ctx, nil, messages...)
	if err != nil && !errors.Is(err, chain.ErrUnknown) {
		return Registered{}, fmt.Errorf("register: %w", err)
	}
	outcome, err := signer.Await(ctx, signed)
	if err != nil {
		return Registered{}, fmt.Errorf("register: %w", err)
	}
	if !outcome.OK() {
		return Registered{}, fmt.Errorf("register: transaction %s had no effect: code %d: %s", signed.Hash, outcome.Code, outcome.Log)
	}
	done := Registered{Operator: r.Operator.String(), HotKey: r.HotKey.String(), Tx: signed.Hash, Height: outcome.Height}
	for _, message := range messages {
		done.Messages = append(done.Messages, sdk.MsgTypeURL(message))
	}
	for _, one := range r.Devices {
		done.Devices, done.Cell = append(done.Devices, fmt.Sprintf("%x", one.Id)), have.Cell(one)
	}
	return done, nil
}
