package runner

import (
	"context"

	"github.com/assaychain/assay/offchain-worker/blob"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// Cleanup lets go of what the job held; the blobs stay until their room is needed.
func (d *Dense) Cleanup(a Assignment, _ Trace) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for root := range d.pinned[a.Job.Id] {
		d.config.Work.Unpin(root)
		if !d.heldElsewhere(a.Job.Id, root) {
			delete(d.tensors, root)
		}
	}
	delete(d.pinned, a.Job.Id)
}

func (d *Dense) heldElsewhere(job uint64, root blob.Root) bool {
	for other, roots := range d.pinned {
		if _, holds := roots[root]; holds && other != job {
			return true
		}
	}
	return false
}

func (d *Dense) pin(job uint64, root blob.Root) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.pinned[job] == nil {
		d.pinned[job] = make(map[blob.Root]struct{})
	}
	if _, done := d.pinned[job][root]; !done {
		d.pinned[job][root] = struct{}{}
		d.config.Work.Pin(root)
	}
}

func (d *Dense) keep(root blob.Root, t *tensor.Tensor) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.tensors[root] = t
}

// load gives a tensor from memory, or from the disk once its root is verified: a flipped bit on the disk would become a
// wrong result, which is slashed.
func (d *Dense) load(ctx context.Context, job uint64, scheme blob.Scheme, shape tensor.Shape, root blob.Root) (*tensor.Tensor, error) {
	d.mu.Lock()
	t, ok := d.tensors[root]
	d.mu.Unlock()
	if ok && t.Shape == shape {
		return t, nil
	}
	d.pin(job, root)
	raw, err := d.config.Work.Get(root)
	if err != nil {
		return nil, err
	}
	if t, err = blob.VerifyBy(ctx, scheme, shape, root, raw); err != nil {
		return nil, err
	}
	d.keep(root, t)
	return t, nil
}
