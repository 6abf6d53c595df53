// Package program is the format and the meaning of a verifiable job: a chain of exact integer matrix steps over named
// tensors. It validates programs, encodes them canonically, counts their work, and derives from a challenge seed which
// entries of which steps a worker has to prove. It is consensus code: integers only, deterministic, no dependency
// beyond gogoproto and the standard library.
//
// # What sampling does and does not protect
//
// A job with at least as many samples as steps has one uniform sample in every step, and the others fall on entries in
// proportion to their work. Who gets a fraction f of a step's entries wrong, wherever they lie, escapes s samples of that
// step with a probability of (1-f)^s, since the positions are drawn after the outputs are committed: with one sample,
// half of a small last layer is caught every second time. A single wrong entry of many is hardly ever sampled;
// samples make it unprofitable to skip work, and do not prove that every entry is right. With fewer samples than steps a
// step that does little of the work may have none.
package program
