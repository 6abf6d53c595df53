package localnet

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	cmtcfg "github.com/cometbft/cometbft/config"

	"github.com/cosmos/cosmos-sdk/client/tx"
	"github.com/cosmos/cosmos-sdk/crypto/hd"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	cryptotypes "github.com/cosmos/cosmos-sdk/crypto/types"
	serverconfig "github.com/cosmos/cosmos-sdk/server/config"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/module"
	"github.com/cosmos/cosmos-sdk/types/tx/signing"
	"github.com/cosmos/cosmos-sdk/x/genutil"

	"github.com/assaychain/assay/app"
	"github.com/assaychain/assay/cmd/assayd/localnet/genesis"
	beacontypes "github.com/assaychain/assay/x/beacon/types"
	proofstypes "github.com/assaychain/assay/x/proofs/types"
)

// Names of the keys of a network, in the keyring of its node.
const (
	ValidatorKey = "validator"
	CustomerKey  = "customer"
)

// Balances at genesis, in the base denomination.
const (
	validatorBalance = 200_000_000_000
	customerBalance  = 10_000_000_000
	operatorBalance  = 5_000_000_000
)

const (
	// BeaconPeriod is the local beacon's, in seconds: the shortest that drand's interface knows.
	BeaconPeriod = 1
	// blockInterval is the pause after a block.
	blockInterval = 400 * time.Millisecond
	// epoch is the time between two mintings: long enough to be proven in, short enough to be waited for.
	epoch = 15 * time.Second
	// KeyringBackend keeps the keys unencrypted: they hold nothing of worth.
	KeyringBackend = keyring.BackendTest
)

// Manifest describes a network to the commands that come after its start.
type Manifest struct {
	ChainID  string `json:"chain_id"`
	BasePort int    `json:"base_port"`
	Workers  int    `json:"workers"`
	Cheater  int    `json:"cheater"`
	// BeaconGenesis is the Unix second of the beacon's first round.
	BeaconGenesis int64 `json:"beacon_genesis"`
	// Circuits is the folder of the proving keys.
	Circuits string `json:"circuits"`
}

// Chain is what the network needs to know of the application.
type Chain struct {
	Encoding app.Encoding
	Basics   module.BasicManager
	// Circuits are the registered circuits; their keys lie in the manifest's folder.
	Circuits []proofstypes.Circuit
	// Beacon describes the local beacon.
	Beacon beacontypes.Chain
	// Comet and App are the defaults of the node's files.
	Comet *cmtcfg.Config
	App   *serverconfig.Config
}

// create makes the files of a network's node: keys, genesis and configuration.
func create(ctx context.Context, layout Layout, m Manifest, chain Chain) error {
	config := nodeConfig(layout, chain.Comet)
	for _, folder := range []string{"config", "data"} {
		if err := os.MkdirAll(filepath.Join(layout.Node(), folder), 0o755); err != nil {
			return fmt.Errorf("make the node's folder: %w", err)
		}
	}
	_, consensusKey, err := genutil.InitializeNodeValidatorFiles(config)
	if err != nil {
		return fmt.Errorf("make the validator's key: %w", err)
	}
	accounts, keys, err := createAccounts(layout, chain.Encoding, m.Workers)
	if err != nil {
		return err
	}
	genTx, err := signGenTx(ctx, m, chain.Encoding, keys, consensusKey)
	if err != nil {
		return err
	}
	built, err := genesis.Build(chain.Encoding, chain.Basics, genesis.Spec{
		ChainID: m.ChainID, Time: time.Now().UTC(), Accounts: accounts, GenTx: genTx, Circuits: chain.Circuits, Beacon: chain.Beacon,
		Epoch: epoch, SpotChecks: true,
	})
	if err != nil {
		return err
	}
	if err := built.SaveAs(config.GenesisFile()); err != nil {
		return fmt.Errorf("write the genesis file: %w", err)
	}
	return writeConfig(layout, m, chain, config)
}

// createAccounts makes the keys of everybody on the network.
func createAccounts(layout Layout, encoding app.Encoding, workers int) ([]genesis.Account, keyring.Keyring, error) {
	keys, err := OpenKeyring(layout, encoding)
	if err != nil {
		return nil, nil, err
	}
	balances := map[string]int64{ValidatorKey: validatorBalance, CustomerKey: customerBalance}
	names := []string{ValidatorKey, CustomerKey}
	for i := range workers {
		name := WorkerName(i + 1)
		names, balances[name] = append(names, name), operatorBalance
	}
	accounts := make([]genesis.Account, 0, len(names))
	for _, name := range names {
		record, _, err := keys.NewMnemonic(name, keyring.English, sdk.FullFundraiserPath, keyring.DefaultBIP39Passphrase, hd.Secp256k1)
		if err != nil {
			return nil, nil, fmt.Errorf("make the key %s: %w", name, err)
		}
		address, err := record.GetAddress()
		if err != nil {
			return nil, nil, err
		}
		accounts = append(accounts, genesis.Account{Address: address, Balance: balances[name]})
	}
	return accounts, keys, nil
}

// OpenKeyring opens the keyring of a network's node.
func OpenKeyring(layout Layout, encoding app.Encoding) (keyring.Keyring, error) {
	keys, err := keyring.New(app.Name, KeyringBackend, layout.Node(), nil, encoding.Codec)
	if err != nil {
		return nil, fmt.Errorf("open the network's keyring: %w", err)
	}
	return keys, nil
}

// signGenTx makes the transaction by which the network gets its validator.
func signGenTx(ctx context.Context, m Manifest, encoding app.Encoding, keys keyring.Keyring, consensusKey cryptotypes.PubKey) (sdk.Tx, error) {
	record, err := keys.Key(ValidatorKey)
	if err != nil {
		return nil, err
	}
	address, err := record.GetAddress()
	if err != nil {
		return nil, err
	}
	message, err := genesis.CreateValidator(m.ChainID, address, consensusKey)
	if err != nil {
		return nil, err
	}
	builder := encoding.TxConfig.NewTxBuilder()
	if err := builder.SetMsgs(message); err != nil {
		return nil, err
	}
	factory := tx.Factory{}.WithChainID(m.ChainID).WithKeybase(keys).WithTxConfig(encoding.TxConfig).WithSignMode(signing.SignMode_SIGN_MODE_DIRECT)
	if err := tx.Sign(ctx, factory, ValidatorKey, builder, true); err != nil {
		return nil, fmt.Errorf("sign the validator's transaction: %w", err)
	}
	return builder.GetTx(), nil
}

// writeManifest notes what later commands need.
func writeManifest(layout Layout, m Manifest) error {
	content, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(layout.manifest(), append(content, '\n'), 0o644)
}

// ReadManifest returns the description of the network in a folder.
func ReadManifest(home string) (Manifest, error) {
	var m Manifest
	content, err := os.ReadFile(Layout{Home: home}.manifest())
	if err != nil {
		return m, fmt.Errorf("no local network in %s: start one with 'assayd localnet start' (%w)", home, err)
	}
	if err := json.Unmarshal(content, &m); err != nil {
		return m, fmt.Errorf("%s is damaged: remove %s and start again (%w)", Layout{Home: home}.manifest(), home, err)
	}
	return m, nil
}
