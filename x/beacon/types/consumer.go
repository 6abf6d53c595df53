package types

// MaxConsumer is the length of a consumer's name in bytes at most.
const MaxConsumer = 32

// ValidateConsumer checks the name of a module that waits for rounds: 1 to 32 bytes of a to z.
func ValidateConsumer(name string) error {
	if name == "" || len(name) > MaxConsumer {
		return ErrConsumer.Wrapf("name of %d bytes: it must have 1 to %d", len(name), MaxConsumer)
	}
	for _, letter := range []byte(name) {
		if letter < 'a' || letter > 'z' {
			return ErrConsumer.Wrapf("name %q: only a to z are allowed", name)
		}
	}
	return nil
}
