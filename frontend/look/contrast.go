package look

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Colour is an opaque sRGB colour, each part from 0 to 1.
type Colour struct{ R, G, B float64 }

// Contrast returns the ratio of WCAG 2.2 between two colours: 1 (none) to 21.
func Contrast(a, b Colour) float64 {
	la, lb := a.luminance(), b.luminance()
	if la < lb {
		la, lb = lb, la
	}
	return (la + 0.05) / (lb + 0.05)
}

func (c Colour) luminance() float64 {
	linear := func(v float64) float64 {
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B)
}

// ParseColour reads #rrggbb and hsl(h,s%,l%), the two ways our tokens write a
// colour.
func ParseColour(s string) (Colour, error) {
	s = strings.TrimSpace(s)
	if hex, ok := strings.CutPrefix(s, "#"); ok && len(hex) == 6 {
		n, err := strconv.ParseUint(hex, 16, 32)
		if err == nil {
			return Colour{float64(n>>16) / 255, float64(n>>8&255) / 255, float64(n&255) / 255}, nil
		}
	}
	if inner, ok := strings.CutPrefix(s, "hsl("); ok {
		var h, sat, l float64
		if _, err := fmt.Sscanf(strings.ReplaceAll(inner, " ", ""), "%f,%f%%,%f%%)", &h, &sat, &l); err == nil {
			return fromHSL(h, sat/100, l/100), nil
		}
	}
	return Colour{}, fmt.Errorf("look: %q is no colour of the form #rrggbb or hsl(h,s%%,l%%)", s)
}

func fromHSL(h, s, l float64) Colour {
	channel := func(n float64) float64 {
		k := math.Mod(n+h/30, 12)
		return l - s*math.Min(l, 1-l)*math.Max(-1, math.Min(k-3, math.Min(9-k, 1)))
	}
	return Colour{channel(0), channel(8), channel(4)}
}
