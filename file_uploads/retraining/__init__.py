"""The pipeline that keeps models alive: new data since → what to learn from → train → compare → promote or keep → tell.

Each round is a training run of the queue, whose `report` says what set it off, the digest of what it learned from, its
stages and its verdict.
"""
