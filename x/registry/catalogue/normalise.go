package catalogue

import "strings"

// maxReported is how much of a reported name is looked at, in bytes.
const maxReported = 256

// noise are words that some drivers add to a model's name and others leave out.
var noise = map[string]bool{
	"nvidia": true, "amd": true, "ati": true, "intel": true, "corporation": true, "inc": true, "graphics": true, "gpu": true, "tm": true,
}

// Normalise brings a model's name as a driver reports it into the form in which names are compared: what is in brackets is left out, as
// is what is neither an ASCII letter nor a digit; words are in lower case, parted by single spaces, and without the vendor's name and
// the like. So "NVIDIA GeForce RTX 4090" and "GeForce RTX 4090" are both "geforce rtx 4090", and "AMD Radeon RX 6600 (RADV NAVI23)" is
// "radeon rx 6600". Only the first 256 bytes count. Normalising twice changes nothing.
func Normalise(name string) string {
	if len(name) > maxReported {
		name = name[:maxReported]
	}
	words := strings.Fields(plain(name))
	kept := words[:0]
	for _, word := range words {
		if !noise[word] {
			kept = append(kept, word)
		}
	}
	return strings.Join(kept, " ")
}

// plain leaves out what is in brackets and turns every byte that is no letter or digit into a space.
func plain(name string) string {
	out := make([]byte, 0, len(name))
	for i := 0; i < len(name); i++ {
		c := name[i]
		switch {
		case c == '(':
			if end := strings.IndexByte(name[i:], ')'); end > 0 {
				i += end
			}
			out = append(out, ' ')
		case c >= 'A' && c <= 'Z':
			out = append(out, c+'a'-'A')
		case c >= 'a' && c <= 'z' || c >= '0' && c <= '9':
			out = append(out, c)
		default:
			out = append(out, ' ')
		}
	}
	return string(out)
}
