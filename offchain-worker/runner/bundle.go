package runner

import (
	"context"
	"sync"
	"time"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/offchain-worker/chain"
	markettypes "github.com/assaychain/assay/x/market/types"
)

const (
	// maxAnswers is how many answers one transaction carries at most.
	maxAnswers = 16
	// maxAnswerBytes bounds their size, far below what a mempool takes. A larger answer has a transaction of its own.
	maxAnswerBytes = 128 << 10
)

// bundle sends the answers of several jobs that are ready at the same moment in one transaction, which costs one signature and one look
// at the operator's grants. The chain takes all of them or none: the transaction fails as a whole, and each then goes alone.
type bundle struct {
	sender Sender
	// wait is how long the first answer waits for others.
	wait time.Duration

	mu   sync.Mutex
	open *parcel
}

// parcel is what goes into one transaction.
type parcel struct {
	messages []sdk.Msg
	members  []Member
	records  []func(Intent) error
	bytes    int
	// done is closed when err is set.
	done chan struct{}
	err  error
}

// send returns when the transaction with the answer is sent or failed; shared tells whether it carried others too. record is called
// from whichever goroutine sends it, while the caller waits.
func (b *bundle) send(ctx context.Context, record func(Intent) error, answer *markettypes.MsgProveResult) (shared bool, err error) {
	p, first := b.join(record, answer)
	if !first {
		<-p.done
		return true, p.err
	}
	b.pause(ctx, p)
	p.err = ctx.Err()
	if p.err == nil {
		_, p.err = b.sender.Send(ctx, p.record, b.sender.OnBehalf(p.messages...))
	}
	close(p.done)
	return len(p.messages) > 1, p.err
}

// join adds an answer to the open parcel, or opens one.
func (b *bundle) join(record func(Intent) error, answer *markettypes.MsgProveResult) (p *parcel, first bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	size := answer.Size()
	if p = b.open; p == nil || len(p.messages) >= maxAnswers || p.bytes+size > maxAnswerBytes {
		first = true
		p = &parcel{done: make(chan struct{})}
		b.open = p
	}
	p.messages, p.records, p.bytes = append(p.messages, answer), append(p.records, record), p.bytes+size
	p.members = append(p.members, Member{answer.JobId, answer.Attempt})
	return p, first
}

// pause lets others join, and then closes the parcel.
func (b *bundle) pause(ctx context.Context, p *parcel) {
	timer := time.NewTimer(b.wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.open == p {
		b.open = nil
	}
}

// record journals the transaction for every job in it.
func (p *parcel) record(signed chain.SignedTx) error {
	intent := Intent{Tx: signed}
	if len(p.members) > 1 {
		intent.With = p.members
	}
	for _, record := range p.records {
		if err := record(intent); err != nil {
			return err
		}
	}
	return nil
}
