"""The pictures of docs/pseudo-labels.md, as SVG without scripts or fonts."""

FRAME = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} {}" font-family="sans-serif" font-size="12">'


def text(x, y, said, anchor="middle"):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{said}</text>'


POINTS = 60


def thinned(points):
    """Some of the points, the first and the last among them."""
    return [points[place * (len(points) - 1) // (POINTS - 1)] for place in range(POINTS)] if len(points) > POINTS else points


def curves(sets):
    """A panel for each set: error rate of the surest hours, expected (with its interval) and measured.

    sets: name -> (expected points as in yield.json, measured points as (hours, rate))
    """
    columns, width, height = 3, 260, 190
    rows = -(-len(sets) // columns)
    parts = [FRAME.format(columns * width, rows * height + 24), f'<rect width="{columns * width}" height="{rows * height + 24}" fill="#fff"/>']
    for number, (name, (points, measured)) in enumerate(sets.items()):
        left, top = number % columns * width + 48, number // columns * height + 28
        right, bottom = left + width - 64, top + height - 62
        points, measured = thinned(points), thinned(measured)
        hours = points[-1]["hours"]
        highest = max(max(point["expected_wer"] for point in points), max(rate for _, rate in measured)) * 1.15

        def place(at, rate):
            return f"{left + (right - left) * at / hours:.1f},{bottom - (bottom - top) * min(1, rate / highest):.1f}"

        for step in range(3):
            y = bottom - (bottom - top) * step / 2
            parts.append(f'<path d="M{left} {y:.1f}H{right}" stroke="#ddd"/>')
            parts.append(text(left - 6, y + 4, f"{100 * highest * step / 2:.0f} %", "end"))
            parts.append(text(left + (right - left) * step / 2, bottom + 16, f"{hours * step / 2:.2f} h"))
        if "low" in points[-1]:
            band = [place(point["hours"], point["high"]) for point in points]
            band += [place(point["hours"], point["low"]) for point in reversed(points)]
            parts.append(f'<polygon points="{" ".join(band)}" fill="#9bd" fill-opacity="0.4"/>')
        line = " ".join(place(point["hours"], point["expected_wer"]) for point in points)
        parts.append(f'<polyline points="{line}" fill="none" stroke="#047" stroke-width="2"/>')
        line = " ".join(place(*point) for point in measured)
        parts.append(f'<polyline points="{line}" fill="none" stroke="#c30" stroke-width="1.5"/>')
        parts.append(text((left + right) / 2, top - 10, name + ("" if "low" in points[-1] else " (refused)")))
    y = rows * height + 14
    parts.append(f'<path d="M48 {y - 4}h24" stroke="#047" stroke-width="2"/>' + text(78, y, "expected, with its 95 % interval", "start"))
    parts.append(f'<path d="M308 {y - 4}h24" stroke="#c30" stroke-width="1.5"/>' + text(338, y, "measured", "start"))
    return "\n".join(parts + ["</svg>"]) + "\n"


def bars(rows):
    """A bar for each row: what it is called, and rates in percent of several trainings."""
    height = 34
    highest = max(max(values) for _, values in rows) * 1.1
    parts = [FRAME.format(640, height * len(rows) + 40), f'<rect width="640" height="{height * len(rows) + 40}" fill="#fff"/>']
    for number, (name, values) in enumerate(rows):
        y = 28 + number * height
        mean = sum(values) / len(values)
        parts.append(text(190, y + 15, name, "end"))
        parts.append(f'<rect x="200" y="{y}" width="{400 * mean / highest:.1f}" height="20" fill="#9bd"/>')
        for value in values if len(values) > 1 else []:
            parts.append(f'<circle cx="{200 + 400 * value / highest:.1f}" cy="{y + 10}" r="3" fill="#c30"/>')
        parts.append(text(206 + 400 * max(values) / highest, y + 15, f"{mean:.1f} %", "start"))
    parts.append(text(200, 16, "WER of the test set; a dot for each training", "start"))
    return "\n".join(parts + ["</svg>"]) + "\n"
