package mangopay

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTrap23_WhatIsANumberOfSeconds(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]int64{
		"": 0, "0": 0, "-652117514": -652117514, "1746458497.0": 1746458497, "1746458497.999": 1746458497, "-1.5": -2, "1e3": 1000,
		"1e300": 0, "NaN": 0, "9223372036854775808": 0, "soon": 0, "2025-05-05T15:21:37Z": 1746458497, "2025-05-05T17:21:37+02:00": 1746458497,
	} {
		require.Equal(t, want, whole(in), in)
	}
}
