package customer_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/assaychain/assay/offchain-worker/blob"
	"github.com/assaychain/assay/offchain-worker/chain"
	"github.com/assaychain/assay/offchain-worker/customer"
	"github.com/assaychain/assay/x/market/delivery"
	markettypes "github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// script plays a chain and a worker: each look at the job gives the next view, the last one for ever.
type script struct {
	views  []chain.JobView
	looks  int
	sealed []byte
	// sealedBy are the boxes of workers that gave other ones than sealed.
	sealedBy map[string][]byte
	// result is what the worker serves; nothing before servedAfter tries.
	result      *tensor.Tensor
	servedAfter int
	fetches     int
	claims      []uint64
	contests    [][]byte
	// nexts are the keys that contests gave for the next delivery; sealNext seals what is delivered after a contest.
	nexts       [][]byte
	sealNext    func(key []byte) []byte
	claimError  error
	failLooks   int
	relays      markettypes.RelayRecord
	accusations []*markettypes.MsgContestHandOver
}

func (s *script) Job(context.Context, uint64) (chain.JobView, error) {
	if s.failLooks > 0 {
		s.failLooks--
		return chain.JobView{}, errors.New("connection refused")
	}
	view := s.views[min(s.looks, len(s.views)-1)]
	s.looks++
	return view, nil
}

func (s *script) Delivery(context.Context, uint64) ([]byte, error) {
	if sealed, ok := s.sealedBy[s.views[min(s.looks, len(s.views))-1].Job.Worker]; ok {
		return sealed, nil
	}
	return s.sealed, nil
}

func (s *script) Relays(context.Context, uint64) (markettypes.RelayRecord, error) {
	return s.relays, nil
}

func (s *script) ContestHandOver(_ context.Context, accusation *markettypes.MsgContestHandOver) error {
	s.accusations = append(s.accusations, accusation)
	return nil
}

func (s *script) Endpoint(context.Context, string) (string, error) { return "http://worker", nil }

func (s *script) Claim(_ context.Context, id uint64) error {
	s.claims = append(s.claims, id)
	return s.claimError
}

func (s *script) Contest(_ context.Context, _ uint64, secret, next []byte) error {
	s.contests, s.nexts = append(s.contests, secret), append(s.nexts, next)
	if next == nil || s.sealNext == nil {
		return nil
	}
	// The next one of several operators delivers from now on.
	s.sealed = s.sealNext(next)
	for i := s.looks; i < len(s.views); i++ {
		s.views[i].Job.DeliveryKey = next
	}
	return nil
}

func (s *script) fetch(_ context.Context, request blob.Request) ([]byte, *tensor.Tensor, error) {
	s.fetches++
	if s.result == nil || s.fetches <= s.servedAfter {
		return nil, nil, blob.ErrNotFound
	}
	raw := tensor.EncodeBlob(s.result)
	t, err := blob.Verify(request.Shape, request.Root, raw)
	return raw, t, err
}

// stage is an order with its result and the job's views.
type stage struct {
	*script
	record *customer.Record
	spec   markettypes.Spec
	root   blob.Root
	stored []*tensor.Tensor
	told   []string
	keys   customer.Keyring
}

func newStage(t *testing.T, views ...chain.JobView) *stage {
	t.Helper()
	order := matmul(t)
	result := run(t, order)
	root, err := blob.Commit(result)
	require.NoError(t, err)
	s := &stage{script: &script{views: views, result: result}, record: newRecord(t), root: root}
	s.spec = order.Spec(customer.Terms{Samples: 4}, s.record.DeliveryKey)
	journal, err := customer.OpenJournal(t.TempDir(), "assay-test-1")
	require.NoError(t, err)
	s.keys = journal.Keys(s.record)
	for i := range s.views {
		view := &s.views[i]
		view.Spec = s.spec
		if len(view.Job.StepRoots) > 0 {
			view.Job.StepRoots = [][]byte{root[:]}
		}
	}
	return s
}

func (s *stage) follow(t *testing.T, change ...func(*customer.FollowConfig)) (chain.JobView, *tensor.Tensor, error) {
	t.Helper()
	config := customer.FollowConfig{
		Watched: s, Fetch: s.fetch, Claimant: s, Keys: s.keys, Poll: time.Millisecond, Denom: "uassay",
		Tell:  func(line string) { s.told = append(s.told, line) },
		Store: func(result *tensor.Tensor) error { s.stored = append(s.stored, result); return nil },
	}
	for _, f := range change {
		f(&config)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return customer.NewFollower(config).Follow(ctx, 7)
}

// proven is a job whose dispute window is over, or has just begun.
func proven(left time.Duration) chain.JobView {
	view := at(markettypes.JOB_STATE_PROVEN, func(j *markettypes.Job) { j.UpdatedAt = time.Now().Add(left - time.Minute) })
	view.Clock = markettypes.Clock{ActiveMs: 1_000_000, LastBlock: time.Now()}
	view.Job.Due = uint64(1_000_000 + left.Milliseconds())
	return view
}

var settled = at(markettypes.JOB_STATE_CLOSED, closedAs(markettypes.CLOSE_REASON_SETTLED))

func TestFollowServedResult(t *testing.T) {
	s := newStage(t, at(markettypes.JOB_STATE_ASSIGNED), proven(50*time.Second), proven(50*time.Second), settled)
	view, result, err := s.follow(t)
	require.NoError(t, err)
	require.Equal(t, markettypes.CLOSE_REASON_SETTLED, view.Job.CloseReason)
	require.Equal(t, s.result.Int32, result.Int32)
	require.Len(t, s.stored, 1, "stored as soon as it is there, and once")
	require.Equal(t, 1, s.fetches)
	require.Empty(t, s.claims)
}

// A result that a worker could not prove when it was disputed is dropped, and that of the next worker fetched.
func TestFollowDropsAConvictedResult(t *testing.T) {
	second := func(j *markettypes.Job) { j.Attempt, j.Worker = 2, "worker-b" }
	s := newStage(t, proven(50*time.Second), disputed(), at(markettypes.JOB_STATE_OPEN, func(j *markettypes.Job) {
		j.Attempt, j.LastFailure = 1, markettypes.FAILURE_REASON_DISPUTE_LOST
	}), at(markettypes.JOB_STATE_PROVEN, second), at(markettypes.JOB_STATE_CLOSED, closedAs(markettypes.CLOSE_REASON_SETTLED), second))
	_, result, err := s.follow(t)
	require.NoError(t, err)
	require.NotNil(t, result)
	require.Len(t, s.stored, 2)
	require.Equal(t, 2, s.fetches)
	require.Contains(t, s.told, "the result that was received is wrong: its worker could not prove a disputed entry")
}

func TestFollowEndsWithTheResultIfAsked(t *testing.T) {
	s := newStage(t, proven(50*time.Second))
	view, result, err := s.follow(t, func(c *customer.FollowConfig) { c.SkipSettlement = true })
	require.NoError(t, err)
	require.Equal(t, markettypes.JOB_STATE_PROVEN, view.Job.State)
	require.NotNil(t, result)
}

func TestFollowDoesNotClaimEarly(t *testing.T) {
	s := newStage(t, proven(50*time.Second), proven(50*time.Second), proven(50*time.Second), proven(50*time.Second), settled)
	s.servedAfter = 4
	_, _, err := s.follow(t)
	require.NoError(t, err)
	require.Empty(t, s.claims, "more than half of the window is left")
}

func TestFollowClaimsAndOpensTheSealedResult(t *testing.T) {
	s := newStage(t, proven(9*time.Second), proven(9*time.Second), proven(9*time.Second), proven(9*time.Second),
		at(markettypes.JOB_STATE_CLAIMED), at(markettypes.JOB_STATE_DELIVERED), settled)
	var err error
	s.sealed, err = delivery.Seal(rand.Reader, tensor.EncodeBlob(s.result), s.record.DeliveryKey)
	require.NoError(t, err)
	s.servedAfter = 1000
	_, result, err := s.follow(t)
	require.NoError(t, err)
	require.Equal(t, s.result.Int32, result.Int32)
	require.Equal(t, []uint64{7}, s.claims, "claimed once")
	require.Empty(t, s.contests)
}

func TestFollowContestsAFalseDelivery(t *testing.T) {
	false1 := at(markettypes.JOB_STATE_CLOSED, closedAs(markettypes.CLOSE_REASON_FALSE_DELIVERY))
	for name, seal := range map[string]func(*stage) ([]byte, error){
		"another result": func(s *stage) ([]byte, error) {
			return delivery.Seal(rand.Reader, make([]byte, s.result.BlobSize()), s.record.DeliveryKey)
		},
		"another size": func(s *stage) ([]byte, error) {
			return delivery.Seal(rand.Reader, make([]byte, 3), s.record.DeliveryKey)
		},
		"no box at all": func(*stage) ([]byte, error) { return make([]byte, 64), nil },
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, at(markettypes.JOB_STATE_DELIVERED), at(markettypes.JOB_STATE_DELIVERED), false1)
			var err error
			s.sealed, err = seal(s)
			require.NoError(t, err)
			_, result, err := s.follow(t)
			require.ErrorIs(t, err, customer.ErrJobFailed)
			require.ErrorContains(t, err, "false delivery")
			require.Nil(t, result)
			require.Equal(t, [][]byte{s.record.DeliverySecret}, s.contests, "contested once")
			require.Equal(t, [][]byte{nil}, s.nexts, "of one operator nothing follows")
		})
	}
}

// A job that several operators computed is passed on within its attempt when the one that answered for it delivers a false result: the next one
// is claimed from, its box is opened, and contested if it is false too.
func TestFollowTakesThePassedOnResult(t *testing.T) {
	by := func(worker string) func(*markettypes.Job) { return func(j *markettypes.Job) { j.Worker = worker } }
	delivered := func(worker string) chain.JobView { return at(markettypes.JOB_STATE_DELIVERED, by(worker)) }
	again := func() chain.JobView {
		view := proven(9 * time.Second)
		view.Job.Worker = "worker-c"
		return view
	}
	s := newStage(t, proven(9*time.Second), proven(9*time.Second), proven(9*time.Second), at(markettypes.JOB_STATE_CLAIMED), delivered("worker-a"),
		at(markettypes.JOB_STATE_CLAIMED, by("worker-b")), delivered("worker-b"), again(), again(), again(), delivered("worker-c"), settled)
	box := func(raw []byte) []byte {
		sealed, err := delivery.Seal(rand.Reader, raw, s.record.DeliveryKey)
		require.NoError(t, err)
		return sealed
	}
	wrong := box(make([]byte, s.result.BlobSize()))
	s.sealedBy = map[string][]byte{"worker-a": wrong, "worker-b": wrong, "worker-c": box(tensor.EncodeBlob(s.result))}
	s.servedAfter = 1000
	_, result, err := s.follow(t)
	require.NoError(t, err)
	require.Equal(t, s.result.Int32, result.Int32)
	require.Len(t, s.contests, 2, "both false boxes are contested")
	require.Equal(t, []uint64{7, 7}, s.claims, "from the first, and from the last, to which the job came back unclaimed")
}

// A good result stays when another worker answers for it: the root is the same.
func TestFollowKeepsAPassedOnResult(t *testing.T) {
	passed := proven(50 * time.Second)
	passed.Job.Worker = "worker-b"
	s := newStage(t, proven(50*time.Second), passed, settled)
	_, result, err := s.follow(t)
	require.NoError(t, err)
	require.NotNil(t, result)
	require.Len(t, s.stored, 1)
}

// Of several operators the next one delivers after a contest, to a key that only this machine can open; that is contested too, if it is
// false, and the last one's result is received.
func TestFollowGivesAFreshKeyToEachOperatorThatFollows(t *testing.T) {
	several := func(j *markettypes.Job) { j.Replicas, j.StepRoots = 3, [][]byte{{1}} }
	delivered, claimed := at(markettypes.JOB_STATE_DELIVERED, several), at(markettypes.JOB_STATE_CLAIMED, several)
	s := newStage(t, delivered, delivered, claimed, delivered, delivered, claimed, delivered,
		at(markettypes.JOB_STATE_CLOSED, closedAs(markettypes.CLOSE_REASON_SETTLED), several))
	s.servedAfter = 1000
	seal := func(key, blob []byte) []byte {
		sealed, err := delivery.Seal(rand.Reader, blob, key)
		require.NoError(t, err)
		return sealed
	}
	lie := make([]byte, s.result.BlobSize())
	s.sealed = seal(s.record.DeliveryKey, lie)
	s.sealNext = func(key []byte) []byte {
		if len(s.contests) == 1 {
			return seal(key, lie)
		}
		return seal(key, tensor.EncodeBlob(s.result))
	}
	_, result, err := s.follow(t)
	require.NoError(t, err)
	require.Equal(t, s.result.Int32, result.Int32)
	require.Len(t, s.record.LaterKeys, 2)
	require.Equal(t, [][]byte{s.record.DeliverySecret, s.record.LaterKeys[0].Secret}, s.contests, "each once")
	require.Equal(t, [][]byte{s.record.LaterKeys[0].Key, s.record.LaterKeys[1].Key}, s.nexts)
}

func TestFollowNeverClaimsWithoutAClaimant(t *testing.T) {
	s := newStage(t, proven(time.Second), proven(time.Second), proven(time.Second), proven(time.Second), settled)
	s.result = nil
	_, result, err := s.follow(t, func(c *customer.FollowConfig) { c.Claimant = nil })
	require.ErrorIs(t, err, customer.ErrNoResult)
	require.ErrorIs(t, err, blob.ErrNotFound)
	require.Nil(t, result)
	require.Empty(t, s.claims)
}

func TestFollowTakesARefusedClaimAsFinal(t *testing.T) {
	s := newStage(t, proven(time.Second), proven(time.Second), proven(time.Second), proven(time.Second), proven(time.Second), settled)
	s.claimError, s.servedAfter = fmt.Errorf("%w: too large", chain.ErrRefused), 6
	_, _, err := s.follow(t)
	require.NoError(t, err, "the worker still serves it afterwards")
	require.Len(t, s.claims, 1)
}

func TestFollowFailedJobs(t *testing.T) {
	for reason, want := range map[markettypes.CloseReason]string{
		markettypes.CLOSE_REASON_EXPIRED:            "job 7: expired",
		markettypes.CLOSE_REASON_UNDELIVERED:        "job 7: undelivered",
		markettypes.CLOSE_REASON_INPUT_UNAVAILABLE:  "job 7: input unavailable",
		markettypes.CLOSE_REASON_ATTEMPTS_EXHAUSTED: "job 7: attempts exhausted; the last attempt failed: proof late",
	} {
		view := at(markettypes.JOB_STATE_CLOSED, closedAs(reason), func(j *markettypes.Job) { j.Paid = math.ZeroInt() })
		if reason == markettypes.CLOSE_REASON_ATTEMPTS_EXHAUSTED {
			view.Job.LastFailure = markettypes.FAILURE_REASON_PROOF_LATE
		}
		_, _, err := newStage(t, view).follow(t)
		require.ErrorIs(t, err, customer.ErrJobFailed)
		require.ErrorContains(t, err, want)
	}
}

func TestFollowOutlivesASilentNode(t *testing.T) {
	s := newStage(t, settled)
	s.failLooks = 1
	_, result, err := s.follow(t)
	require.NoError(t, err)
	require.NotNil(t, result)
	require.Contains(t, s.told[0], "the node does not answer, asking again: connection refused")
	require.Equal(t, "the node answers again", s.told[1])
}

func TestFollowReportsAResultThatCouldNotBeKept(t *testing.T) {
	s := newStage(t, proven(50*time.Second), settled)
	full := errors.New("disk full")
	view, _, err := s.follow(t, func(c *customer.FollowConfig) { c.Store = func(*tensor.Tensor) error { return full } })
	require.ErrorIs(t, err, full)
	require.Equal(t, markettypes.JOB_STATE_CLOSED, view.Job.State, "the job is followed all the same")
}

func TestFollowEndsWithItsContext(t *testing.T) {
	s := newStage(t, at(markettypes.JOB_STATE_OPEN))
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	_, _, err := customer.NewFollower(customer.FollowConfig{Watched: s, Fetch: s.fetch, Poll: time.Millisecond}).Follow(ctx, 7)
	require.ErrorIs(t, err, context.DeadlineExceeded)
}
