package customer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/crypto/curve25519"
	"golang.org/x/crypto/nacl/box"

	"github.com/assaychain/assay/offchain-worker/blob"
	"github.com/assaychain/assay/offchain-worker/chain"
	"github.com/assaychain/assay/x/market/relays"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// ErrFalseDelivery is wrapped when a sealed result is not the proven one.
var ErrFalseDelivery = errors.New("sealed result is not the proven one")

// minTries is how often a result is asked for before it is claimed.
const minTries = 3

// Fetch downloads a blob and verifies it; blob.Fetcher.Fetch does.
type Fetch func(ctx context.Context, request blob.Request) ([]byte, *tensor.Tensor, error)

// resultRoot is the proven root of a job's result with its shape.
func resultRoot(scheme blob.Scheme, view chain.JobView) (blob.Root, tensor.Shape, error) {
	shape, err := ResultShape(view.Spec.Program)
	if err != nil {
		return blob.Root{}, shape, err
	}
	roots := view.Job.StepRoots
	if len(roots) == 0 {
		return blob.Root{}, shape, fmt.Errorf("job %d is not proven", view.Job.Id)
	}
	root, err := scheme.Root(shape.Kind, roots[len(roots)-1])
	return root, shape, err
}

// FetchResult gets the result of a proven job from its worker. What it returns has the proven root, by the scheme of the job's
// level of assurance.
func FetchResult(ctx context.Context, watched Watched, fetch Fetch, scheme blob.Scheme, view chain.JobView) (*tensor.Tensor, error) {
	root, shape, err := resultRoot(scheme, view)
	if err != nil {
		return nil, err
	}
	endpoint, err := watched.Endpoint(ctx, view.Job.Worker)
	if err != nil {
		return nil, err
	}
	_, result, err := fetch(ctx, blob.Request{Root: root, Shape: shape, Locators: []string{Locator(endpoint, root)}, Scheme: scheme})
	return result, err
}

// OpenSealed opens a sealed result and verifies it; the error wraps ErrFalseDelivery when it is not the proven one.
func OpenSealed(ctx context.Context, scheme blob.Scheme, view chain.JobView, sealed, secret []byte) (*tensor.Tensor, error) {
	root, shape, err := resultRoot(scheme, view)
	if err != nil {
		return nil, err
	}
	public, err := curve25519.X25519(secret, curve25519.Basepoint)
	if err != nil {
		return nil, fmt.Errorf("delivery secret: %w", err)
	}
	raw, ok := box.OpenAnonymous(nil, sealed, (*[32]byte)(public), (*[32]byte)(secret))
	if !ok {
		return nil, fmt.Errorf("%w: it does not open with the job's key", ErrFalseDelivery)
	}
	result, err := blob.VerifyBy(ctx, scheme, shape, root, raw)
	if err != nil && ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFalseDelivery, err)
	}
	return result, nil
}

// fetch tries once to get the result from the worker. While the result can still be claimed it stops in time for that.
func (f *Follower) fetch(ctx context.Context, view chain.JobView) {
	if f.result != nil {
		return
	}
	if left, ok := view.Remaining(time.Now()); ok && left > 0 {
		bounded, cancel := context.WithTimeout(ctx, max(left/3, time.Second))
		defer cancel()
		ctx = bounded
	}
	f.tries++
	result, err := FetchResult(ctx, f.config.Watched, f.config.Fetch, f.config.Scheme, view)
	if err != nil {
		f.fetchFailure = err
		if f.tries == minTries {
			f.config.Tell(fmt.Sprintf("the result is not there yet: %s", err))
		}
		return
	}
	f.accept(result, "from the worker")
}

// accept hands a verified result over.
func (f *Follower) accept(result *tensor.Tensor, whence string) {
	f.result = result
	f.config.Tell(fmt.Sprintf("result received %s and verified against the proven root: %d x %d", whence, result.Rows, result.Cols))
	if f.config.Store == nil {
		return
	}
	if f.storeFailure = f.config.Store(result); f.storeFailure != nil {
		f.config.Tell(fmt.Sprintf("the result could not be kept: %s", f.storeFailure))
	}
}

// shouldClaim waits for half of the dispute window and a few tries, so that a slow worker is not made to pay for a
// transaction and a dead one is claimed in time.
func (f *Follower) shouldClaim(view chain.JobView) bool {
	if f.config.Claimant == nil || f.claimed || f.tries < minTries {
		return false
	}
	left, ok := view.Remaining(time.Now())
	window := left + time.Since(view.Job.UpdatedAt)
	return ok && left < window/2
}

// lackRelays makes room for another claim when the chain found too few relays for the last one and the job is back where it stood.
func (f *Follower) lackRelays(view chain.JobView) {
	if f.drawing && view.Job.RelayClaims < relays.MaxClaims {
		f.config.Tell("too few relays were found for the claim")
		f.claimed = false
	}
	f.drawing = false
}

func (f *Follower) claim(ctx context.Context, view chain.JobView) {
	f.config.Tell("the result did not arrive: claiming it on the chain")
	if err := f.config.Claimant.Claim(ctx, view.Job.Id); err != nil {
		f.config.Tell(fmt.Sprintf("the claim was not taken: %s", err))
		// A refusal is final, since the chain's reasons don't change; anything else is tried again.
		f.claimed = errors.Is(err, chain.ErrRefused)
		return
	}
	f.claimed = true
}

// receive opens the sealed result, and contests it if it is false.
func (f *Follower) receive(ctx context.Context, view chain.JobView) {
	secret := f.secret()
	if f.result != nil || f.contested || len(secret) == 0 {
		return
	}
	sealed, err := f.config.Watched.Delivery(ctx, view.Job.Id)
	if err != nil || len(sealed) == 0 {
		f.fetchFailure = errors.Join(errors.New("the sealed result can't be read"), err)
		return
	}
	result, err := OpenSealed(ctx, f.config.Scheme, view, sealed, secret)
	if err == nil {
		f.accept(result, "sealed over the chain")
		return
	}
	f.fetchFailure = err
	if !errors.Is(err, ErrFalseDelivery) || f.config.Claimant == nil {
		return
	}
	f.config.Tell(fmt.Sprintf("%s: contesting it", err))
	if err := f.contest(ctx, view, secret); err != nil {
		f.config.Tell(fmt.Sprintf("the contest was not taken: %s", err))
		return
	}
	f.contested = true
}

// contest gives the secret away. Of several operators the next one seals to a key that is fresh, and kept before it is told.
func (f *Follower) contest(ctx context.Context, view chain.JobView, secret []byte) (err error) {
	var next []byte
	if view.Job.Replicas > 0 {
		if next, err = f.config.Keys.Next(f.key); err != nil {
			return err
		}
	}
	return f.config.Claimant.Contest(ctx, view.Job.Id, secret, next)
}

// secret opens what is sealed to the job's present key; nil when it isn't kept here.
func (f *Follower) secret() []byte {
	if f.config.Keys == nil {
		return nil
	}
	return f.config.Keys.Secret(f.key)
}
