"""Progress on a terminal: one line that rewrites itself; elsewhere, one line a stage."""

from __future__ import annotations

from typing import TextIO

BAR = 24


class ProgressLine:
    """Callable as `ml_services.base.Progress`."""

    def __init__(self, out: TextIO, title: str) -> None:
        self.out, self.title = out, title
        self.live = out.isatty()
        self.stage = ""

    def __call__(self, stage: str, fraction: float, detail: str = "") -> None:
        if self.live:
            done = round(BAR * min(max(fraction, 0.0), 1.0))
            text = f"{self.title:<16} [{'#' * done}{'.' * (BAR - done)}] {fraction:4.0%} {stage} {detail}"
            self.out.write(f"\r\x1b[2K{text[:110]}")
        elif stage != self.stage:
            self.out.write(f"{self.title}: {stage}\n")
        self.stage = stage
        self.out.flush()

    def end(self, text: str) -> None:
        """Replaces the line by its result."""
        self.out.write(f"\r\x1b[2K{text}\n" if self.live else f"{text}\n")
        self.out.flush()
