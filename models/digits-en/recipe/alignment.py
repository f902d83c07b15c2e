"""The most probable CTC path of each transcript.

CTC sums over all paths, so a path's letters need not be sharp: THREE was long read as THRE, because no single frame between
its two Es was more likely blank than E. Training towards the best path as well makes greedy reading agree with the sum.
"""

import numpy as np

from vocabulary import BLANK

NEVER = np.float32(-1e30)


def best_paths(log_probabilities, frames, targets):
    """Class of every frame, [batch, frames] int64, -1 beyond a row's frames and for rows too short for their transcript.

    log_probabilities: [batch, frames, classes]; frames: valid frames of each row; targets: class indices of each row.
    """
    batch, steps, _ = log_probabilities.shape
    width = 2 * max(map(len, targets)) + 1
    states = np.full((batch, width), BLANK)
    for row, target in zip(states, targets):
        row[1 : 2 * len(target) : 2] = target
    last = np.array([2 * len(target) for target in targets])
    outside = np.arange(width) > last[:, None]
    skips = np.zeros((batch, width), bool)
    skips[:, 2:] = (states[:, 2:] != BLANK) & (states[:, 2:] != states[:, :-2])

    emission = np.take_along_axis(log_probabilities, states[:, None, :].repeat(steps, 1), 2)
    emission[np.broadcast_to(outside[:, None], emission.shape)] = NEVER
    score = np.full((batch, 3, width), NEVER, np.float32)  # by how many states the path moved
    current = np.full((batch, width), NEVER, np.float32)
    current[:, :2] = emission[:, 0, :2]
    moves = np.zeros((steps, batch, width), np.int8)
    for step in range(1, steps):
        score[:, 0] = current
        score[:, 1, 1:] = current[:, :-1]
        score[:, 2, 2:] = np.where(skips[:, 2:], current[:, :-2], NEVER)
        ended = (step >= frames)[:, None]
        move = np.where(ended, 0, score.argmax(1))
        moves[step] = move
        current = np.where(ended, current, np.take_along_axis(score, move[:, None], 1)[:, 0] + emission[:, step])

    rows = np.arange(batch)
    before_last = np.maximum(last - 1, 0)
    state = np.where(current[rows, last] >= current[rows, before_last], last, before_last)
    possible = current[rows, state] > NEVER / 2
    paths = np.full((batch, steps), -1)
    for step in range(steps - 1, -1, -1):
        valid = possible & (step < frames)
        paths[valid, step] = states[rows, state][valid]
        state = state - moves[step, rows, state]
    return paths
