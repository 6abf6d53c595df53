// Package multilinear has the few functions on multilinear extensions that the prover and the verifier of x/proofs/full
// share. Variable j of a point stands for bit j of an index, the lowest first.
package multilinear

import "github.com/consensys/gnark-crypto/ecc/bn254/fr"

// Equal is the extension of equality at two points of the same length: the product of a_j·b_j + (1-a_j)(1-b_j).
func Equal(a, b []fr.Element) fr.Element {
	product := fr.One()
	for j := range a {
		// a·b + (1-a)(1-b) = 1 - a - b + 2ab
		var factor, ab fr.Element
		ab.Mul(&a[j], &b[j])
		factor.SetOne()
		factor.Sub(&factor, &a[j]).Sub(&factor, &b[j]).Add(&factor, ab.Double(&ab))
		product.Mul(&product, &factor)
	}
	return product
}

// Powers is the extension of the vector 1, x, x², ..., x^(2^n-1) at a point of n variables: the product of
// (1-p_j) + p_j·x^(2^j).
func Powers(x fr.Element, point []fr.Element) fr.Element {
	product, one := fr.One(), fr.One()
	for j := range point {
		// 1 - p + p·x = 1 + p(x-1)
		var factor fr.Element
		factor.Sub(&x, &one).Mul(&factor, &point[j]).Add(&factor, &one)
		product.Mul(&product, &factor)
		x.Square(&x)
	}
	return product
}

// Padding is the extension of (1, 0, 0, ...) at a point: the product of 1-p_j.
func Padding(point []fr.Element) fr.Element {
	product, one := fr.One(), fr.One()
	for j := range point {
		var factor fr.Element
		product.Mul(&product, factor.Sub(&one, &point[j]))
	}
	return product
}

// Below is the extension of the vector whose first count entries are 1 and whose others are 0, at a point of n variables;
// count is 0 to 2^n. It walks the bits of count from the top: what shares the bits above j and has a 0 where count has a 1
// lies below.
func Below(count uint32, point []fr.Element) fr.Element {
	var sum fr.Element
	if count>>len(point) != 0 {
		return fr.One()
	}
	prefix, one := fr.One(), fr.One()
	for j := len(point) - 1; j >= 0; j-- {
		var zero fr.Element
		zero.Sub(&one, &point[j])
		if count>>j&1 == 0 {
			prefix.Mul(&prefix, &zero)
			continue
		}
		var lower fr.Element
		sum.Add(&sum, lower.Mul(&prefix, &zero))
		prefix.Mul(&prefix, &point[j])
	}
	return sum
}

// EqualTable lists Equal(point, index) for all 2^n indices, times scale.
func EqualTable(scale fr.Element, point []fr.Element) []fr.Element {
	table := make([]fr.Element, 1<<len(point))
	table[0] = scale
	for j := range point {
		for i := range 1 << j {
			upper := &table[i+1<<j]
			upper.Mul(&table[i], &point[j])
			table[i].Sub(&table[i], upper)
		}
	}
	return table
}

// PowersTable lists x^i·scale for n indices.
func PowersTable(scale, x fr.Element, n int) []fr.Element {
	table := make([]fr.Element, n)
	for i := range table {
		table[i] = scale
		scale.Mul(&scale, &x)
	}
	return table
}

// Quadratic evaluates a sumcheck message c0 + c1·t + c2·t² at t, where p(0) + p(1) = claim gives c1 = claim - 2·c0 - c2.
func Quadratic(claim, c0, c2, t fr.Element) fr.Element {
	var c1, out fr.Element
	c1.Sub(&claim, &c0).Sub(&c1, &c0).Sub(&c1, &c2)
	out.Mul(&c2, &t).Add(&out, &c1).Mul(&out, &t).Add(&out, &c0)
	return out
}

// Fold binds variable 0 of a vector of even length to r: out_i = (1-r)·v_2i + r·v_2i+1. It works in place and returns the
// first half.
func Fold(v []fr.Element, r fr.Element) []fr.Element {
	half := len(v) / 2
	for i := range half {
		var difference fr.Element
		difference.Sub(&v[2*i+1], &v[2*i]).Mul(&difference, &r)
		v[i].Add(&v[2*i], &difference)
	}
	return v[:half]
}

// At is the extension of a vector of 2^n entries at a point of n variables.
func At(v []fr.Element, point []fr.Element) fr.Element {
	v = append([]fr.Element{}, v...)
	for _, r := range point {
		v = Fold(v, r)
	}
	return v[0]
}

// InversesAt is the extension of the inverses of 2^n elements, none of which is 0, at a point of n variables. Fractions are added up in pairs, so
// that one inversion does, and a quarter of the products that inverting all and folding them takes is saved. It uses the elements up.
func InversesAt(v []fr.Element, point []fr.Element) (out fr.Element) {
	if len(point) == 0 {
		return *out.Inverse(&v[0])
	}
	// A fraction is two elements, its numerator first.
	for i := 0; i < len(v); i += 2 {
		// (1-r)/a + r/b = (b + r(a-b))/ab
		a, b := v[i], v[i+1]
		v[i].Sub(&a, &b).Mul(&v[i], &point[0]).Add(&v[i], &b)
		v[i+1].Mul(&a, &b)
	}
	for j := range point[1:] {
		for i := 0; i < len(v); i += 4 << j {
			// (1-r)·n/a + r·m/b = (nb + r(ma-nb))/ab
			left, right := v[i:], v[i+2<<j:]
			left[0].Mul(&left[0], &right[1])
			right[0].Mul(&right[0], &left[1]).Sub(&right[0], &left[0]).Mul(&right[0], &point[j+1])
			left[0].Add(&left[0], &right[0])
			left[1].Mul(&left[1], &right[1])
		}
	}
	return *out.Mul(&v[0], v[1].Inverse(&v[1]))
}
