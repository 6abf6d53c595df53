package planted

type generated struct{ price float64 }
