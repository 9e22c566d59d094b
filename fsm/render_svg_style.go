package fsm

import (
	"fmt"
	"strings"
)

// svgHues are the colours of wires on a light and on a dark page. They only help the eye to follow a wire: what a wire
// means is said by its dashes.
var svgHues = [...]struct{ light, dark string }{
	{"#0b5cad", "#6cb6ff"},
	{"#b83b06", "#ff9b5e"},
	{"#137333", "#5bd68a"},
	{"#7a24c0", "#c79bff"},
	{"#0b6e7d", "#4fd1e0"},
	{"#b0186a", "#ff85bd"},
	{"#756300", "#dcc648"},
}

// svgStyle is the sheet of the picture. It names colours plainly, for programs that know no variables, and every rule
// is bound to the picture, because a page that holds it would share the sheet.
func svgStyle() string {
	var light, dark strings.Builder
	for i, hue := range svgHues {
		fmt.Fprintf(&light, hueRule, i, hue.light, i, hue.light)
		fmt.Fprintf(&dark, hueRule, i, hue.dark, i, hue.dark)
	}
	return svgShapes + svgLight + light.String() + "@media (prefers-color-scheme:dark){\n" + svgDark + dark.String() + "}\n"
}

const hueRule = ".hookfold-machine .line.hue%d{stroke:%s} .hookfold-machine .tip.hue%d{fill:%s}\n"

const svgShapes = `.hookfold-machine{color-scheme:light dark}
.hookfold-machine text{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono","Liberation Mono",monospace;font-size:12px}
.hookfold-machine .head{font-size:15px;font-weight:600}
.hookfold-machine .name{font-size:13px;font-weight:600}
.hookfold-machine .end{text-anchor:end}
.hookfold-machine .line{fill:none;stroke-width:1.6}
.hookfold-machine .halo{fill:none;stroke-width:5}
.hookfold-machine .first{stroke-dasharray:1.5 3.5;stroke-width:2}
.hookfold-machine .gap{stroke-dasharray:6 4}
.hookfold-machine .box{stroke-width:1.2}
.hookfold-machine .observed{stroke-dasharray:3 3}
.hookfold-machine .inner,.hookfold-machine .rule{fill:none;stroke-width:1}
`

const svgLight = `.hookfold-machine .page{fill:#fff}
.hookfold-machine .halo{stroke:#fff}
.hookfold-machine text{fill:#1f2328}
.hookfold-machine .note{fill:#57606a}
.hookfold-machine .box{fill:#f6f8fa;stroke:#57606a}
.hookfold-machine .inner{stroke:#57606a}
.hookfold-machine .rule{stroke:#d0d7de}
.hookfold-machine .line{stroke:#57606a}
.hookfold-machine .tip,.hookfold-machine .dot{fill:#57606a}
`

const svgDark = `.hookfold-machine .page{fill:#0d1117}
.hookfold-machine .halo{stroke:#0d1117}
.hookfold-machine text{fill:#e6edf3}
.hookfold-machine .note{fill:#9ea7b3}
.hookfold-machine .box{fill:#161b22;stroke:#9ea7b3}
.hookfold-machine .inner{stroke:#9ea7b3}
.hookfold-machine .rule{stroke:#30363d}
.hookfold-machine .line{stroke:#9ea7b3}
.hookfold-machine .tip,.hookfold-machine .dot{fill:#9ea7b3}
`
