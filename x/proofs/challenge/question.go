package challenge

// Question is what the proofs of one job have to show, and the proofs.
type Question struct {
	Trace
	// Proofs are one for each sample, in the order of the positions.
	Proofs [][]byte
}

// Verdict is the answer to a question that was asked together with others.
type Verdict struct {
	// Decided is false where the block's budget ended before the answer: ask again in the next block.
	Decided bool
	// Valid tells whether every proof is valid, if decided.
	Valid bool
	// Err means that the question was wrong or that the system failed, which is no fault of the worker. Decided is false.
	Err error
}
