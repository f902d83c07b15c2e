"""The most probable CTC path of each transcript.

CTC sums over all paths, so a path's letters need not be sharp: THREE was long read as THRE, because no single frame between
its two Es was more likely blank than E. Training towards the best path as well makes greedy reading agree with the sum.
"""

import numpy as np

from vocabulary import BLANK

NEVER = np.float32(-1e30)


def best_paths(log_probabilities, targets):
    """Class of every frame, [batch, frames] int64; -1 throughout a row too short for its transcript.

    log_probabilities: [batch, frames, classes]; targets: class indices of each row.
    """
    batch, steps, _ = log_probabilities.shape
    width = 2 * max(map(len, targets)) + 1
    states = np.full((batch, width), BLANK)
    for row, target in zip(states, targets):
        row[1 : 2 * len(target) : 2] = target
    last = np.array([2 * len(target) for target in targets])
    emission = np.take_along_axis(log_probabilities, states[:, None, :].repeat(steps, 1), 2)
    emission[np.broadcast_to((np.arange(width) > last[:, None])[:, None], emission.shape)] = NEVER
    skip = np.full((batch, width), NEVER, np.float32)  # what moving on by two states costs
    skip[:, 2:][(states[:, 2:] != BLANK) & (states[:, 2:] != states[:, :-2])] = 0

    score = np.full((3, batch, width), NEVER, np.float32)  # by how many states the path moved
    current = np.full((batch, width), NEVER, np.float32)
    current[:, :2] = emission[:, 0, :2]
    moves = np.zeros((steps, batch, width), np.int8)
    for step in range(1, steps):
        score[0] = current
        score[1, :, 1:] = current[:, :-1]
        score[2, :, 2:] = current[:, :-2] + skip[:, 2:]
        moves[step] = score.argmax(0)
        current = score.max(0) + emission[:, step]

    rows = np.arange(batch)
    before_last = np.maximum(last - 1, 0)
    state = np.where(current[rows, last] >= current[rows, before_last], last, before_last)
    possible = current[rows, state] > NEVER / 2
    paths = np.full((batch, steps), -1)
    for step in range(steps - 1, -1, -1):
        paths[:, step] = states[rows, state]
        state = state - moves[step, rows, state]
    return np.where(possible[:, None], paths, -1)
