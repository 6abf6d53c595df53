package program

// Requant turns an exact accumulator into an int8 output: clamp((acc·multiplier + 2^(shift-1)) >> shift, low, 127), with
// low 0 under RELU and -128 otherwise. The shift is arithmetic, so halves round up, towards +∞. Exact for every acc,
// 1 <= multiplier < MaxMultiplier and 1 <= shift <= MaxShift: |acc·multiplier| < 2^62 and the rounding term <= 2^47.
func Requant(acc int32, multiplier, shift uint32, activation Activation) int8 {
	v := (int64(acc)*int64(multiplier) + int64(1)<<(shift-1)) >> shift
	low := int64(-128)
	if activation == ACTIVATION_RELU {
		low = 0
	}
	return int8(min(max(v, low), 127))
}

// Activate applies the activation to an int32 output, which is not requantised.
func Activate(acc int32, activation Activation) int32 {
	if activation == ACTIVATION_RELU {
		return max(acc, 0)
	}
	return acc
}
