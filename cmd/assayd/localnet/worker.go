package localnet

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/app"
	"github.com/assaychain/assay/offchain-worker/chain"
	"github.com/assaychain/assay/offchain-worker/config"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

const (
	// workerBond is what each operator bonds, in the base denomination.
	workerBond = 1_000_000_000
	// firstPrice is what worker-1 asks per 10^9 multiply-accumulates; each further worker asks that much more, so that it is
	// known who gets a job.
	firstPrice = 100_000
	// cheapPrice is what a cheater asks, to be sure of a job.
	cheapPrice = 50_000
	// hourlyPrice is what each operator asks for an hour of its whole device: a whole number of base units a second.
	hourlyPrice = 3_600_000
	// requestTimeout bounds a call to the node.
	requestTimeout = 10 * time.Second
)

// startWorker makes a worker's home and registers it, unless that was done, and runs it.
func startWorker(ctx context.Context, layout Layout, o Options, m Manifest, i int) error {
	home := layout.WorkerHome(i)
	if !exists(home) {
		if err := initWorker(ctx, layout, o, m, i); err != nil {
			return err
		}
		if i == m.Cheater {
			if err := corrupt(home); err != nil {
				return err
			}
		}
	}
	return runWorker(ctx, layout, o, i)
}

// initWorker types what a contributor would: init, then register with the operator's key.
func initWorker(ctx context.Context, layout Layout, o Options, m Manifest, i int) error {
	home := layout.WorkerHome(i)
	settings := []string{
		"worker.keys_dir=" + m.Circuits,
		"proofs.full_string=" + o.FullString,
		"blobs.listen=" + layout.workerAddress(i),
		"blobs.endpoint=" + layout.WorkerEndpoint(i),
		"blobs.allow_private_locators=true",
		"metrics.listen=" + layout.metricsAddress(i),
		fmt.Sprintf("devices.price=%d", firstPrice*i),
		fmt.Sprintf("devices.hourly_price=%d", hourlyPrice),
	}
	args := []string{"init", "--home", home, "--chain-id", m.ChainID, "--node", layout.RPC(), "--beacon", layout.Beacon()}
	for _, setting := range settings {
		args = append(args, "--set", setting)
	}
	if err := call(ctx, o.Worker, args...); err != nil {
		return err
	}
	return call(ctx, o.Worker, "register", "--home", home, "--from", WorkerName(i), "--operator-home", layout.Node(),
		"--operator-keyring-backend", KeyringBackend, "--moniker", WorkerName(i), "--bond", fmt.Sprintf("%d%s", workerBond, app.BaseDenom))
}

// call runs a program to its end; its output tells what failed.
func call(ctx context.Context, program string, args ...string) error {
	out, err := exec.CommandContext(ctx, program, args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s %s: %w\n%s", program, args[0], err, strings.TrimSpace(string(out)))
	}
	return nil
}

// runWorker runs a worker and waits until it serves.
func runWorker(ctx context.Context, layout Layout, o Options, i int) error {
	name := WorkerName(i)
	if err := layout.spawn(name, o.Worker, "run", "--home", layout.WorkerHome(i)); err != nil {
		return err
	}
	return layout.await(ctx, name, func(ctx context.Context) error {
		return answers(ctx, "http://"+layout.metricsAddress(i)+"/metrics")
	})
}

// corrupt makes a worker return wrong results from its next start on.
func corrupt(home string) error {
	c, err := config.Load(home)
	if err != nil {
		return err
	}
	c.Faults = &config.Faults{CorruptResult: true, CorruptPercent: 100}
	return config.Write(home, c, true)
}

// Cheat turns a worker of a running network dishonest: it asks little, to be sure of the next job, and corrupts its results.
func Cheat(ctx context.Context, o Options, m Manifest, encoding app.Encoding, i int) error {
	if i < 1 || i > m.Workers {
		return fmt.Errorf("worker %d does not exist: the network has workers 1 to %d", i, m.Workers)
	}
	layout := Layout{Home: o.Home, BasePort: m.BasePort}
	if err := layout.stop(WorkerName(i)); err != nil {
		return err
	}
	if err := corrupt(layout.WorkerHome(i)); err != nil {
		return err
	}
	if err := reprice(ctx, layout, m, encoding, i); err != nil {
		return err
	}
	return runWorker(ctx, layout, o, i)
}

// reprice sets the price of a worker's devices, with its operator's key.
func reprice(ctx context.Context, layout Layout, m Manifest, encoding app.Encoding, i int) error {
	codecs := chain.Encoding{Registry: encoding.InterfaceRegistry, Codec: encoding.Codec, TxConfig: encoding.TxConfig}
	asked, err := chain.Dial(layout.RPC(), codecs, requestTimeout)
	if err != nil {
		return err
	}
	signer, err := operatorSigner(layout, m, encoding, asked, i)
	if err != nil {
		return err
	}
	devices, err := asked.Devices(ctx, signer.Address())
	if err != nil {
		return err
	}
	var messages []sdk.Msg
	for _, d := range devices {
		messages = append(messages, &registrytypes.MsgUpdateDevice{
			Operator: d.Operator, Id: d.Id, Lanes: d.Lanes, Price: math.NewInt(cheapPrice), Available: true, HourlyPrice: d.HourlyPrice, Levels: d.Levels, Cell: d.Cell,
		})
	}
	signed, err := signer.Send(ctx, nil, messages...)
	if err != nil {
		return err
	}
	outcome, err := signer.Await(ctx, signed)
	if err == nil && !outcome.OK() {
		err = fmt.Errorf("change the price of %s: code %d: %s", WorkerName(i), outcome.Code, outcome.Log)
	}
	return err
}

// operatorSigner signs with a worker's cold key, by the worker's own rules for fees.
func operatorSigner(layout Layout, m Manifest, encoding app.Encoding, asked *chain.Client, i int) (*chain.Signer, error) {
	keys, err := OpenKeyring(layout, encoding)
	if err != nil {
		return nil, err
	}
	c, err := config.Load(layout.WorkerHome(i))
	if err != nil {
		return nil, err
	}
	fees, err := c.Chain.Fees()
	if err != nil {
		return nil, err
	}
	return chain.NewSigner(chain.SignerConfig{
		ChainID: m.ChainID, Keyring: keys, KeyName: WorkerName(i), TxConfig: encoding.TxConfig,
		Fees: fees, TimeoutBlocks: c.Chain.TimeoutBlocks,
	}, asked, asked)
}
