package replicas

import "github.com/assaychain/assay/x/proofs/tensor"

// Windows are the times that a round leaves its operators, all in one unit.
type Windows struct {
	// Commit is what each that is drawn has to commit, Left what is left until the deadline of the job, by which all must have.
	Commit, Left uint64
	// Reveal is the time to reveal, Answer that for one level of a difference and for the proofs of its entry, Prove that for samples.
	Reveal, Answer, Prove uint64
}

// Longest is the longest time for which an operator of a round may be kept that is drawn now, after so many others: 0 when the round begins.
// Every wait for blocks, beacon rounds and the verification's budget comes on top.
//
// Times to commit: one, and one more for each operator that the round may still draw when somebody fails, as if they came one by one. Then
// one to reveal. Then either all differ, and one is out after each of replicas − 1 differences, which take the levels of a tree, a row and a
// proof; or few are left that agree, and prove samples one after the other. Of both together each operator takes part in one: who is out by
// a difference proves nothing later. The sum is linear in how many differences there are, so that one of its ends is the longest.
func Longest(replicas uint32, drawn int, w Windows) uint64 {
	n := uint64(replicas)
	if n < Min {
		return 0
	}
	commits := min((1+uint64(max(MaxDrawn(replicas)-max(drawn+1, int(n)), 0)))*w.Commit, w.Left)
	difference := (tensor.Depth + 2) * w.Answer
	return commits + w.Reveal + max(difference+(n-1)*w.Prove, (n-1)*difference+w.Prove)
}
