package customer_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/curve25519"

	"github.com/assaychain/assay/offchain-worker/customer"
)

func newRecord(t *testing.T) *customer.Record {
	t.Helper()
	r, err := customer.NewRecord("assay-test-1", "assay1customer")
	require.NoError(t, err)
	return r
}

func TestRecordHasAFreshKeyPair(t *testing.T) {
	one, two := newRecord(t), newRecord(t)
	require.NotEqual(t, one.DeliveryKey, two.DeliveryKey)
	public, err := curve25519.X25519(one.DeliverySecret, curve25519.Basepoint)
	require.NoError(t, err)
	require.Equal(t, one.DeliveryKey, public)
}

// A crash between the transaction and its answer leaves a record without a number; the job's key on the chain finds it.
func TestRecordIsFoundByItsKeyAfterACrash(t *testing.T) {
	home := t.TempDir()
	journal, err := customer.OpenJournal(home, "assay-test-1")
	require.NoError(t, err)
	r := newRecord(t)
	require.NoError(t, journal.Save(r))
	_, err = journal.Load(7, newRecord(t).DeliveryKey)
	require.ErrorIs(t, err, customer.ErrNoRecord)

	journal, err = customer.OpenJournal(home, "assay-test-1")
	require.NoError(t, err)
	found, err := journal.Load(7, r.DeliveryKey)
	require.NoError(t, err)
	require.EqualValues(t, 7, found.JobID)
	require.Equal(t, r.DeliverySecret, found.DeliverySecret)
	left, err := filepath.Glob(filepath.Join(home, "jobs", "assay-test-1", "*.json"))
	require.NoError(t, err)
	require.Equal(t, []string{filepath.Join(home, "jobs", "assay-test-1", "7.json")}, left)
	info, err := os.Stat(left[0])
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	info, err = os.Stat(filepath.Dir(left[0]))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o700), info.Mode().Perm())
	_, err = journal.Load(7, newRecord(t).DeliveryKey)
	require.ErrorContains(t, err, "of another chain with the same id")
}

// A key for the next delivery is on the disk before it is told, and the same after a crash: a result sealed to another one would be lost.
func TestKeysThatFollowAreKept(t *testing.T) {
	home := t.TempDir()
	journal, err := customer.OpenJournal(home, "assay-test-1")
	require.NoError(t, err)
	r := newRecord(t)
	r.JobID = 7
	next, err := journal.Keys(r).Next(r.DeliveryKey)
	require.NoError(t, err)
	require.NotEqual(t, r.DeliveryKey, next)

	journal, err = customer.OpenJournal(home, "assay-test-1")
	require.NoError(t, err)
	found, err := journal.Load(7, r.DeliveryKey)
	require.NoError(t, err)
	keys := journal.Keys(found)
	again, err := keys.Next(found.DeliveryKey)
	require.NoError(t, err)
	require.Equal(t, next, again)
	public, err := curve25519.X25519(keys.Secret(next), curve25519.Basepoint)
	require.NoError(t, err)
	require.Equal(t, next, public)
	require.Equal(t, r.DeliverySecret, keys.Secret(r.DeliveryKey))
	third, err := keys.Next(next)
	require.NoError(t, err)
	require.NotEqual(t, next, third)
	require.Nil(t, keys.Secret(newRecord(t).DeliveryKey))
	_, err = keys.Next(newRecord(t).DeliveryKey)
	require.ErrorContains(t, err, "does not have this delivery key")
}

func TestInputsStayWhileARecordNeedsThem(t *testing.T) {
	journal, err := customer.OpenJournal(t.TempDir(), "assay-test-1")
	require.NoError(t, err)
	order := matmul(t)
	records := []*customer.Record{newRecord(t), newRecord(t)}
	for i, r := range records {
		for _, input := range order.Inputs[:2-i] {
			require.NoError(t, journal.Blobs().Put(input.Root, input.Blob))
			r.Inputs = append(r.Inputs, input.Root.String())
		}
		r.JobID = uint64(i) // The second has a number, the first waits for one.
		require.NoError(t, journal.Save(r))
	}
	require.NoError(t, journal.Drop(records[0]))
	require.True(t, journal.Blobs().Has(order.Inputs[0].Root), "the other record needs it")
	require.False(t, journal.Blobs().Has(order.Inputs[1].Root))
	require.NoError(t, journal.Forget(records[1]))
	require.False(t, journal.Blobs().Has(order.Inputs[0].Root))
	_, err = journal.Load(1, records[1].DeliveryKey)
	require.NoError(t, err, "the record stays")
}

func TestJournalStaysInItsFolder(t *testing.T) {
	for _, id := range []string{"", "..", "a/b", `a\b`} {
		_, err := customer.OpenJournal(t.TempDir(), id)
		require.ErrorContains(t, err, "can't name a folder")
	}
}
