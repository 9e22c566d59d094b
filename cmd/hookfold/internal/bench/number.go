package bench

import (
	"math"
	"strconv"
	"strings"
)

// short renders a value with three digits that count, without a fraction of zeros: 0.93, 12.9, 634k, 1.53M, 1. Up to 9,999
// all digits of the whole are shown.
func short(v float64) string {
	suffix := ""
	switch a := math.Abs(v); {
	case math.IsNaN(v):
		return ""
	case a >= 999_500:
		v, suffix = v/1_000_000, "M"
	case a >= 9_999.5:
		v, suffix = v/1_000, "k"
	case a >= 99.95:
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	whole, fraction, _ := strings.Cut(strconv.FormatFloat(v, 'f', decimals(v), 64), ".")
	if strings.Trim(fraction, "0") == "" {
		return whole + suffix
	}
	return whole + "." + fraction + suffix
}

// decimals is how many digits behind the point make three that count; two are enough below 1.
func decimals(v float64) int {
	switch a := math.Abs(v); {
	case a >= 99.95:
		return 0
	case a >= 9.995:
		return 1
	case a >= 0.1 || a == 0:
		return 2
	default:
		return 3
	}
}

// shown is a value as short shows it.
func shown(v float64) float64 {
	s := short(v)
	factor := 1.0
	switch {
	case strings.HasSuffix(s, "M"):
		factor = 1_000_000
	case strings.HasSuffix(s, "k"):
		factor = 1_000
	}
	n, err := strconv.ParseFloat(strings.TrimRight(s, "kM"), 64)
	if err != nil {
		return v
	}
	return n * factor
}
