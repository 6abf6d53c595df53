package command_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	cmtcfg "github.com/cometbft/cometbft/config"
	dbm "github.com/cosmos/cosmos-db"
	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/log/v2"

	"github.com/cosmos/cosmos-sdk/client/tx"
	"github.com/cosmos/cosmos-sdk/crypto/hd"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	cryptotypes "github.com/cosmos/cosmos-sdk/crypto/types"
	serverconfig "github.com/cosmos/cosmos-sdk/server/config"
	simtestutil "github.com/cosmos/cosmos-sdk/testutil/sims"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/tx/signing"
	"github.com/cosmos/cosmos-sdk/x/genutil"

	"github.com/assaychain/assay/app"
	"github.com/assaychain/assay/cmd/assayd/localnet/genesis"
	"github.com/assaychain/assay/x/beacon/drand"
	"github.com/assaychain/assay/x/beacon/drand/devkey"
	beacontypes "github.com/assaychain/assay/x/beacon/types"
)

// walkID is the id of the network on which token holders govern.
const walkID = "assay-local-walk"

// patience is how long a script waits for what it expects.
const patience = 60 * time.Second

// TestGovernance runs the scripts of token holders, each against a validator of its own.
func TestGovernance(t *testing.T) {
	chain, err := app.New(log.NewNopLogger(), dbm.NewMemDB(), true, simtestutil.NewAppOptionsWithFlagHome(t.TempDir()))
	require.NoError(t, err)
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "governance"),
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("HOME", env.WorkDir)
			holder, err := validator(chain, filepath.Join(env.WorkDir, ".assayd"))
			env.Setenv("HOLDER", holder)
			return err
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"until": until},
	})
}

// until runs a program again and again until its output matches: until PATTERN program [args...]
func until(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: until PATTERN program [args...]")
	}
	pattern, err := regexp.Compile(args[0])
	ts.Check(err)
	for end := time.Now().Add(patience); ; time.Sleep(300 * time.Millisecond) {
		err = ts.Exec(args[1], args[2:]...)
		if err == nil && pattern.MatchString(ts.ReadFile("stdout")) {
			return
		}
		if time.Now().After(end) {
			ts.Fatalf("no %q: %v", args[0], err)
		}
	}
}

// validator makes the files of a network's only validator, with votes that take seconds, and returns the address of a token
// holder whose key is there too.
func validator(chain *app.App, home string) (holder string, err error) {
	config := cmtcfg.DefaultConfig()
	config.SetRoot(home)
	for _, folder := range []string{"config", "data"} {
		if err := os.MkdirAll(filepath.Join(home, folder), 0o755); err != nil {
			return "", err
		}
	}
	_, consensus, err := genutil.InitializeNodeValidatorFiles(config)
	if err != nil {
		return "", err
	}
	keys, err := keyring.New(app.Name, keyring.BackendTest, home, nil, chain.Encoding().Codec)
	if err != nil {
		return "", err
	}
	var accounts []genesis.Account
	for _, name := range []string{"validator", "holder"} {
		record, _, err := keys.NewMnemonic(name, keyring.English, sdk.FullFundraiserPath, keyring.DefaultBIP39Passphrase, hd.Secp256k1)
		if err != nil {
			return "", err
		}
		address, err := record.GetAddress()
		if err != nil {
			return "", err
		}
		accounts = append(accounts, genesis.Account{Address: address, Balance: 300_000_000_000})
	}
	if err := writeGenesis(chain, config, keys, consensus, accounts); err != nil {
		return "", err
	}
	return accounts[1].Address.String(), writeConfig(home, config)
}

// writeGenesis writes the genesis of a local network with even shorter votes.
func writeGenesis(chain *app.App, config *cmtcfg.Config, keys keyring.Keyring, consensus cryptotypes.PubKey, accounts []genesis.Account) error {
	message, err := genesis.CreateValidator("walk", accounts[0].Address, consensus)
	if err != nil {
		return err
	}
	encoding := chain.Encoding()
	builder := encoding.TxConfig.NewTxBuilder()
	if err := builder.SetMsgs(message); err != nil {
		return err
	}
	factory := tx.Factory{}.WithChainID(walkID).WithKeybase(keys).WithTxConfig(encoding.TxConfig).WithSignMode(signing.SignMode_SIGN_MODE_DIRECT)
	if err := tx.Sign(context.Background(), factory, "validator", builder, true); err != nil {
		return err
	}
	key, err := devkey.FromSeed(make([]byte, 32))
	if err != nil {
		return err
	}
	now := time.Now().UTC()
	built, err := genesis.Build(encoding, chain.BasicManager(), genesis.Spec{
		ChainID: walkID, Time: now, Accounts: accounts, GenTx: builder.GetTx(),
		Beacon: beacontypes.Chain{PublicKey: key.PublicKey(), Period: 1, GenesisTime: now.Unix(), Scheme: drand.Scheme},
	})
	if err != nil {
		return err
	}
	for from, to := range map[string]string{
		`"voting_period":"15s"`: `"voting_period":"8s"`, `"expedited_voting_period":"7.500s"`: `"expedited_voting_period":"4s"`,
		`"time_lock":"5s"`: `"time_lock":"2s"`,
	} {
		if !bytes.Contains(built.AppState, []byte(from)) {
			return fmt.Errorf("the genesis of a local network has no %s any more", from)
		}
		built.AppState = bytes.ReplaceAll(built.AppState, []byte(from), []byte(to))
	}
	return built.SaveAs(config.GenesisFile())
}

// freeAddress is a local address that nobody listens on.
func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

// writeConfig writes the node's files. Gas can be estimated only where there is gRPC.
func writeConfig(home string, config *cmtcfg.Config) error {
	free, err := freeAddress()
	if err != nil {
		return err
	}
	node := serverconfig.DefaultConfig()
	if node.GRPC.Address, err = freeAddress(); err != nil {
		return err
	}
	address := "tcp://" + free
	config.RPC.ListenAddress, config.P2P.ListenAddress = address, "tcp://127.0.0.1:0"
	config.RPC.PprofListenAddress = ""
	config.Consensus.TimeoutCommit = 300 * time.Millisecond
	folder := filepath.Join(home, "config")
	cmtcfg.WriteConfigFile(filepath.Join(folder, "config.toml"), config)
	node.MinGasPrices, node.API.Enable, node.GRPC.Enable, node.GRPCWeb.Enable = "0.001"+app.BaseDenom, false, true, false
	serverconfig.WriteConfigFile(filepath.Join(folder, "app.toml"), node)
	client := []string{
		fmt.Sprintf("chain-id = %q", walkID), `keyring-backend = "test"`, `output = "text"`, fmt.Sprintf("node = %q", address), `broadcast-mode = "sync"`,
	}
	return os.WriteFile(filepath.Join(folder, "client.toml"), []byte(strings.Join(client, "\n")+"\n"), 0o644)
}
