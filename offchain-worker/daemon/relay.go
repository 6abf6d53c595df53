package daemon

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/assaychain/assay/offchain-worker/relay"
	"github.com/assaychain/assay/offchain-worker/runner"
	markettypes "github.com/assaychain/assay/x/market/types"
)

// boxTimeout bounds one transfer of a box, of at most some 30 MiB.
const boxTimeout = 10 * time.Minute

// receiptMargin is how much longer than the chain demands a receipt must hold: the hand-over has yet to come into a block.
const receiptMargin = 2 * time.Minute

// courier brings boxes to relays, signed by the hot key.
type courier struct {
	client *relay.Client
	hand   relay.Hand
	// params are the market's parameters on the chain.
	params func(ctx context.Context) (markettypes.Params, error)
}

var _ runner.Couriers = courier{}

// Upload hands a box to a relay. It refuses a receipt that is good for less time than the chain demands, however rightly it is signed:
// the chain would refuse the whole hand-over for it, which the other relays' receipts suffice for.
func (c courier) Upload(ctx context.Context, s relay.Shipment) (markettypes.RelayReceipt, error) {
	params, err := c.params(ctx)
	if err != nil {
		return markettypes.RelayReceipt{}, err
	}
	receipt, err := c.client.Upload(ctx, c.hand, s)
	if err != nil {
		return markettypes.RelayReceipt{}, err
	}
	least := time.Now().Add(time.Duration(params.RelayWindowSeconds)*time.Second + receiptMargin).Unix()
	if receipt.Expires < least {
		return markettypes.RelayReceipt{}, fmt.Errorf("%w: its receipt expires at %d, must at %d at the earliest", relay.ErrRefused, receipt.Expires, least)
	}
	return receipt, nil
}

func (d *Daemon) couriers() runner.Couriers {
	client := relay.NewClient(d.config.Chain.ID, d.config.Blobs.AllowPrivateLocators, boxTimeout)
	return courier{client, d.signer, d.client.MarketParams}
}

// openRelay opens what a relay holds, if this worker is one.
func (d *Daemon) openRelay() error {
	if d.config.Relay.Listen == "" {
		return nil
	}
	key, err := relay.LoadKey(d.deps.Home)
	if err != nil {
		return err
	}
	store, err := relay.OpenStore(filepath.Join(d.deps.Home, "boxes"), d.config.Relay.QuotaMiB<<20)
	if err != nil {
		return err
	}
	d.boxes, err = relay.NewServer(relay.Config{
		ChainID: d.config.Chain.ID, Operator: d.operator, Key: key, Chain: d.client, Store: store, Log: d.deps.Log,
	})
	return err
}

// serveBoxes takes and serves boxes until the context ends.
func (d *Daemon) serveBoxes(ctx context.Context, group *errgroup.Group) {
	if d.boxes == nil {
		return
	}
	start(ctx, group, &http.Server{
		Addr: d.config.Relay.Listen, Handler: d.boxes.Handler(), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: boxTimeout,
		WriteTimeout: boxTimeout, IdleTimeout: 30 * time.Second, MaxHeaderBytes: 16 << 10,
	})
	group.Go(func() error { return quiet(d.boxes.Sweep(ctx)) })
}
