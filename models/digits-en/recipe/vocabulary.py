"""The LibriSpeech letters of wav2vec 2.0 and the greedy CTC reading of them."""

SYMBOLS = ["<pad>", "<s>", "</s>", "<unk>", "|"] + list("ETAONIHSRDLUMWCFGYPBVK'XJQZ")
INDEX = {symbol: index for index, symbol in enumerate(SYMBOLS)}
BLANK = INDEX["<pad>"]
DIGITS = ["ZERO", "ONE", "TWO", "THREE", "FOUR", "FIVE", "SIX", "SEVEN", "EIGHT", "NINE"]


def encode(text):
    """Class indices of an upper-case transcript, "|" between words."""
    return [INDEX[character] for character in text.replace(" ", "|")]


def greedy(log_probabilities):
    """Text of [frames, classes]: best class a frame, repeats and blanks removed, single spaces."""
    best = log_probabilities.argmax(-1).tolist()
    kept = [index for index, previous in zip(best, [None] + best) if index != previous and index != BLANK]
    return " ".join("".join(SYMBOLS[index] for index in kept).replace("|", " ").split())


def word_errors(reference, hypothesis):
    """Word edit distance of two transcripts."""
    reference, hypothesis = reference.split(), hypothesis.split()
    row = list(range(len(hypothesis) + 1))
    for i, wanted in enumerate(reference, 1):
        diagonal, row[0] = row[0], i
        for j, heard in enumerate(hypothesis, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (wanted != heard))
    return row[-1]
