// Package program is the format and the meaning of a verifiable job: a chain of exact integer matrix steps over named
// tensors. It validates programs, encodes them canonically, counts their work, and derives from a challenge seed which
// entries of which steps a worker has to prove. It is consensus code: integers only, deterministic, no dependency
// beyond gogoproto and the standard library.
package program
