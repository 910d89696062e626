"""From where on something counts: sizes, effects and error rates, each with its source."""

from __future__ import annotations

USUAL_DAYS = 30
MOST_DAYS = 366
LEAST_ROWS = 200
"""Below it nothing is said. Of ten bins, the stability index of two equal samples is about chi-squared(9) / n
(B. Yurdakul and J. Naranjo, Statistical properties of the population stability index, J. Risk Model Validation 14(4),
2020): at 200 rows chance alone passes 0.1 in 2 of 100 cases, at 100 rows in 35; and a shift of 0.25 is found in more
than 95 of 100 even where fifty columns are looked at."""
MOST_ROWS = 1_000_000
"""Rows of a window that are read, the newest ones."""
FRESH_ROWS = 100_000
"""The same where somebody waits for the answer."""
PAGE_ROWS = 10_000
"""The same where a page is asked for it."""
MODERATE, STRONG = 0.1, 0.25
"""The stability index from which a shift is moderate, and strong (N. Siddiqi, Credit Risk Scorecards, 2006, ch. 9)."""
INPUT_ALPHA = 0.05
"""How often a window of unmoved columns has a column called moved, at most, over all of them (Holm, 1979)."""
ALARM_ALPHA = 0.01
"""The same for scores and outcomes together, which raise the alarm: stricter, as they are looked at every day. And
chance must not explain more than a shift too small to matter (MODERATE, ODDS_RATIO, SMALL_D): the model that was
judged and the one that learned from all rows say slightly different things of the same customers, so that "no
difference at all" is not what an unmoved model looks like."""
LEAST_EXPECTED = 5.0
"""Bins in which fewer are expected are put together (W. G. Cochran, Biometrics 10(4), 1954)."""
ODDS_RATIO = 1.44
"""A small effect: d = 0.2 by d = ln(odds ratio) / 1.81 (S. Chinn, Statistics in Medicine 19(22), 2000)."""
SMALL_D = 0.2
"""A small difference of two means, in standard deviations (J. Cohen, Statistical Power Analysis, 1988)."""
LEAST_RARER = 10.0
"""So many of the rarer outcome must be expected: below it the normal approximation of a rate does not hold."""
LEAST_KNOWN = 0.5
"""Where fewer of the closed predictions have an outcome, those that were reported may be of a kind of their own."""
SHOWN_BINS = 12
MOST_LEVELS = 9
"""Levels of a category that have a bin of their own, the commonest; the others share one, so that the index keeps
about ten bins whatever the column."""
HORIZON_DAYS = 90
"""After so many days an outcome can be known, where neither the company nor the version says."""
LEAST_REFERENCE = 100
"""Answers that the reference must hold. With so few, and a thousand rows in the window, a shift of 0.25 is found in 7
of 10 cases; with fewer, finding nothing would say nothing."""
