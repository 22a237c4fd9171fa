"""Draws the code that leads from paper to the check."""

import segno


def svg(url: str, *, dark: str = "#17232B") -> str:
    """The code as one `<svg>` without size, style or reference: error correction M and four modules of quiet around it.

    Its ground is white whatever the page's colour, or scanners miss it.
    """
    code = segno.make(url, error="m", micro=False)
    side, quiet = code.symbol_size(scale=1, border=0)[0], 4
    runs = []
    for row, modules in enumerate(code.matrix):
        start = None
        for column, module in enumerate([*modules, 0]):
            if module and start is None:
                start = column
            elif not module and start is not None:
                runs.append(f"M{start + quiet} {row + quiet}h{column - start}v1h{start - column}z")
                start = None
    full = side + 2 * quiet
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {full} {full}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{full}v{full}h-{full}z"/><path fill="{dark}" d="{"".join(runs)}"/></svg>'
    )
