package npy

import (
	"fmt"
	"math"
	"strings"
	"unicode/utf8"
)

// header is the dictionary of a file.
type header struct {
	dtype        DType
	fortranOrder bool
	shape        []int
}

// parseHeader parses the dictionary: the three keys once each in any order, padded with spaces and ended by a newline.
func parseHeader(text []byte) (header, error) {
	if !utf8.Valid(text) {
		return header{}, fmt.Errorf("%w: header is not UTF-8", ErrMalformed)
	}
	if len(text) == 0 || text[len(text)-1] != '\n' {
		return header{}, fmt.Errorf("%w: header does not end with a newline", ErrMalformed)
	}
	scan := scanner{rest: strings.TrimRight(string(text), " \n")}
	var parsed header
	seen := map[string]bool{}
	if err := scan.dict(func(key string) error { return parsed.field(&scan, key, seen) }); err != nil {
		return header{}, err
	}
	if scan.rest != "" {
		return header{}, fmt.Errorf("%w: header: %q after the dictionary", ErrMalformed, clip(scan.rest))
	}
	for _, key := range []string{"descr", "fortran_order", "shape"} {
		if !seen[key] {
			return header{}, fmt.Errorf("%w: header: key %q is missing", ErrMalformed, key)
		}
	}
	return parsed, nil
}

// field parses the value of one key.
func (h *header) field(scan *scanner, key string, seen map[string]bool) error {
	if seen[key] {
		return fmt.Errorf("%w: header: key %q appears twice", ErrMalformed, key)
	}
	seen[key] = true
	var err error
	switch key {
	case "descr":
		h.dtype, err = scan.dtype()
	case "fortran_order":
		h.fortranOrder, err = scan.boolean()
	case "shape":
		h.shape, err = scan.tuple()
	default:
		err = fmt.Errorf("%w: header: unknown key %q", ErrMalformed, clip(key))
	}
	return err
}

// scanner reads the few forms of a Python literal that a header can hold.
type scanner struct{ rest string }

func (s *scanner) skipSpace() { s.rest = strings.TrimLeft(s.rest, " ") }

// take consumes the next byte if it is c, after spaces.
func (s *scanner) take(c byte) bool {
	s.skipSpace()
	if s.rest == "" || s.rest[0] != c {
		return false
	}
	s.rest = s.rest[1:]
	return true
}

func (s *scanner) expect(c byte) error {
	if !s.take(c) {
		return fmt.Errorf("%w: header: expected %q at %q", ErrMalformed, string(c), clip(s.rest))
	}
	return nil
}

// dict parses {'key': value, ...}, with or without a comma after the last value, calling value at each one.
func (s *scanner) dict(value func(key string) error) error {
	if err := s.expect('{'); err != nil {
		return err
	}
	for !s.take('}') {
		key, err := s.text()
		if err != nil {
			return err
		}
		if err := s.expect(':'); err != nil {
			return err
		}
		if err := value(key); err != nil {
			return err
		}
		if !s.take(',') {
			return s.expect('}')
		}
	}
	return nil
}

// text parses a quoted string; escapes do not occur in a header and are refused.
func (s *scanner) text() (string, error) {
	s.skipSpace()
	if s.rest == "" || (s.rest[0] != '\'' && s.rest[0] != '"') {
		return "", fmt.Errorf("%w: header: expected a string at %q", ErrMalformed, clip(s.rest))
	}
	end := strings.IndexByte(s.rest[1:], s.rest[0])
	if end < 0 {
		return "", fmt.Errorf("%w: header: a string does not end", ErrMalformed)
	}
	text := s.rest[1 : 1+end]
	if strings.ContainsRune(text, '\\') {
		return "", fmt.Errorf("%w: header: escape in string %q", ErrMalformed, clip(text))
	}
	s.rest = s.rest[end+2:]
	return text, nil
}

// dtype parses the element type and says for the common unsupported ones what to do.
func (s *scanner) dtype() (DType, error) {
	s.skipSpace()
	if strings.HasPrefix(s.rest, "[") || strings.HasPrefix(s.rest, "(") {
		return "", fmt.Errorf("%w: descr: structured arrays are refused; %s", ErrUnsupported, supported)
	}
	text, err := s.text()
	if err != nil {
		return "", err
	}
	switch dtype := DType(text); {
	case dtype.Size() > 0:
		return dtype, nil
	case strings.Contains(text, "O"):
		return "", fmt.Errorf("%w: descr %q: object arrays hold pickled Python code and are refused; %s", ErrUnsupported, clip(text), supported)
	case strings.HasPrefix(text, ">"):
		return "", fmt.Errorf("%w: descr %q is big-endian; convert with a.astype('<%s')", ErrUnsupported, clip(text), clip(text[1:]))
	default:
		return "", fmt.Errorf("%w: descr %q; %s", ErrUnsupported, clip(text), supported)
	}
}

func (s *scanner) boolean() (bool, error) {
	s.skipSpace()
	if rest, found := strings.CutPrefix(s.rest, "False"); found {
		s.rest = rest
		return false, nil
	}
	if rest, found := strings.CutPrefix(s.rest, "True"); found {
		s.rest = rest
		return true, nil
	}
	return false, fmt.Errorf("%w: fortran_order: expected True or False at %q", ErrMalformed, clip(s.rest))
}

// tuple parses (), (n,) or (n, m, ...), with or without a comma after the last of several.
func (s *scanner) tuple() ([]int, error) {
	if err := s.expect('('); err != nil {
		return nil, err
	}
	shape := []int{}
	for !s.take(')') {
		if len(shape) == MaxDims {
			return nil, fmt.Errorf("%w: shape: more than %d dimensions", ErrUnsupported, MaxDims)
		}
		dim, err := s.number()
		if err != nil {
			return nil, err
		}
		shape = append(shape, dim)
		if s.take(',') {
			continue
		}
		if len(shape) == 1 {
			return nil, fmt.Errorf("%w: shape: (n) is a number in Python, not a tuple; expected (n,)", ErrMalformed)
		}
		return shape, s.expect(')')
	}
	return shape, nil
}

// number parses a dimension: decimal digits without a leading zero.
func (s *scanner) number() (int, error) {
	s.skipSpace()
	value, digits := 0, 0
	for digits < len(s.rest) && s.rest[digits] >= '0' && s.rest[digits] <= '9' {
		digit := int(s.rest[digits] - '0')
		if value > (math.MaxInt-digit)/10 {
			return 0, fmt.Errorf("%w: shape: dimension overflows", ErrTooLarge)
		}
		value = value*10 + digit
		digits++
	}
	if digits == 0 || (digits > 1 && s.rest[0] == '0') {
		return 0, fmt.Errorf("%w: shape: expected a dimension at %q", ErrMalformed, clip(s.rest))
	}
	s.rest = s.rest[digits:]
	return value, nil
}

// clip bounds what an error message quotes from a file.
func clip(text string) string {
	if len(text) <= 32 {
		return text
	}
	return text[:32] + "..."
}
