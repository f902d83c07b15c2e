#!/usr/bin/env python3
"""Makes Sources/CKernels/gelu_table.h: erf(t/√2)/2 in 32 pieces, a cubic each.

Piece i covers t in [i, i+1)/scale; its cubic in u = t·scale − i is fitted at Chebyshev nodes in double
precision. Needs numpy.

    python3 scripts/make_gelu_table.py > Sources/CKernels/gelu_table.h
"""
import math

import numpy

LIMIT, PIECES = 5.5, 32
SCALE = PIECES / LIMIT


def half_erf(t):
    return 0.5 * math.erf(t / math.sqrt(2))


nodes = 0.5 + 0.5 * numpy.cos((2 * numpy.arange(4) + 1) * math.pi / 8)
coefficients = numpy.array(
    [
        numpy.linalg.solve(
            numpy.vander(nodes, 4, increasing=True), [half_erf((i + u) / SCALE) for u in nodes]
        )
        for i in range(PIECES)
    ]
)

print("// erf(t/√2)/2 as a cubic in u = t·gelu_scale − i on piece i; made by scripts/make_gelu_table.py.")
print(f"#define gelu_limit {LIMIT}f")
print(f"#define gelu_scale {SCALE!r}f")
print("static const float gelu_table[4][32] = {")
for power in range(4):
    print("    {")
    for start in range(0, PIECES, 4):
        row = ", ".join(f"{float(numpy.float32(c)):.9e}f" for c in coefficients[start : start + 4, power])
        print(f"        {row},")
    print("    },")
print("};")
