"""Makes tokenizers.json: tokenizer files, class sequences, and the texts that SentencePiece and the tokenizers library
make of them.

    pip install sentencepiece==0.2.3 tokenizers==0.23.3
    python make.py > tokenizers.json

Models are in hexadecimal digits; special tokens are skipped, as transformers skips them for CTC models."""
import json, random, struct, sys
import sentencepiece, tokenizers

def varint(n):
    out = b''
    while n > 127: out, n = out + bytes([n & 127 | 128]), n >> 7
    return out + bytes([n])
def field(number, value):
    if isinstance(value, bytes): return varint(number << 3 | 2) + varint(len(value)) + value
    return varint(number << 3) + varint(value)
def model(pieces, normalizer=None, trainer=None):
    """Pieces are texts, or pairs of a text and a type: 2 unknown, 3 control, 4 user-defined, 6 byte."""
    out = b''
    for i, p in enumerate(pieces):
        text, kind = p if isinstance(p, tuple) else (p, None)
        piece = field(1, text.encode()) + varint(2 << 3 | 5) + struct.pack('<f', -i)
        out += field(1, piece + (field(3, kind) if kind else b''))
    def settings(table): return b''.join(field(n, v) for n, v in table)
    return out + field(2, settings(trainer or [])) + field(3, settings(normalizer or []))

SPECIAL = [('<s>', 3), ('<pad>', 3), ('</s>', 3), ('<unk>', 2)]
WORDS = ['\u2581', '\u2581t', '\u2581the', 'he', 'in', 'g', '\u2581\u2581', 'a\u2581b', "'", 'e', 't', '\u0915\u093e', '\u00e9', 'e\u0301']
BYTES = [(f'<0x{i:02X}>', 6) for i in range(256)]
FLAGS = {'as trained by default': [], 'spaces kept but one': [(4, 0)], 'no space before': [(3, 0), (4, 0)], 'extra spaces only': [(3, 0)]}

def sentencepiece_models():
    yield 'characters with plain spaces', model(SPECIAL + list(" eanio'\u00e9\u03b1\u0431\u0905\u4e2d"), [(3, 0), (4, 0), (5, 0)])
    yield 'characters with plain spaces, other flags unset', model(SPECIAL + list(" eanio'\u00e9\u03b1"))
    for name, flags in FLAGS.items(): yield name, model(SPECIAL + WORDS, flags)
    yield 'bytes', model([('<unk>', 2), ('<s>', 3), ('</s>', 3)] + BYTES + WORDS, None, [(35, 1)])
    yield 'user-defined pieces', model(SPECIAL + WORDS + [('<en>', 4), ('\u2581x', 4)])

def tokenizer(pieces, decoder, kind='Unigram', special=('<unk>', '<pad>'), byte_fallback=False, extra=()):
    vocabulary = [[p, -float(i)] for i, p in enumerate(pieces)] if kind == 'Unigram' else {p: i for i, p in enumerate(pieces)}
    body = dict(type=kind, vocab=vocabulary, byte_fallback=byte_fallback)
    body |= dict(unk_id=pieces.index('<unk>')) if kind == 'Unigram' else dict(unk_token='<unk>', merges=[], dropout=None, continuing_subword_prefix=None, end_of_word_suffix=None, fuse_unk=False, ignore_merges=False)
    listed = list(pieces) + list(extra)
    added = [dict(id=listed.index(t), content=t, single_word=False, lstrip=False, rstrip=False, normalized=False, special=t in special) for t in (*special, *extra)]
    return dict(version='1.0', truncation=None, padding=None, added_tokens=sorted(added, key=lambda x: x['id']), normalizer=None, pre_tokenizer=None, post_processor=None, decoder=decoder, model=body)

def metaspace(scheme): return dict(type='Metaspace', replacement='\u2581', prepend_scheme=scheme, split=True)
LLAMA = dict(type='Sequence', decoders=[dict(type='Replace', pattern=dict(String='\u2581'), content=' '), dict(type='ByteFallback'), dict(type='Fuse'), dict(type='Strip', content=' ', start=1, stop=0)])

def json_models():
    pieces = ['<unk>'] + WORDS + ['<pad>']
    yield 'Metaspace, always', tokenizer(pieces, metaspace('always'))
    yield 'Metaspace, first', tokenizer(pieces, metaspace('first'))
    yield 'Metaspace, never', tokenizer(pieces, metaspace('never'))
    yield 'Fuse of characters', tokenizer(['<s>', '<pad>', '</s>', '<unk>'] + list(" eanio'\u00e9"), dict(type='Fuse'), special=('<s>', '<pad>', '</s>', '<unk>'))
    yield 'BPE, Metaspace', tokenizer(pieces, metaspace('always'), 'BPE')
    yield 'BPE, added tokens behind', tokenizer(pieces, metaspace('always'), 'BPE', extra=('<en>', 'xyz'))
    yield 'BPE, bytes in a sequence', tokenizer(['<unk>', '<pad>'] + [b for b, _ in BYTES] + WORDS, LLAMA, 'BPE', byte_fallback=True)

def sequences(count, bytes_at=None):
    for length in (0, 1, 2, 3, 5, 9, 14, 20):
        for _ in range(2):
            ids = [random.randrange(count) for _ in range(length)]
            if bytes_at is not None:  # Whole characters, so that both libraries agree on what bytes say.
                items = [[i] for i in ids if not bytes_at <= i < bytes_at + 256]
                for _ in range(length // 3):
                    text = random.choice(['\u00e9', '\u4e2d', '\U0001f600', 'A', '\u00ff\u00fe'])
                    items.insert(random.randrange(len(items) + 1), [bytes_at + b for b in text.encode()])
                ids = [i for item in items for i in item]
            yield ids

random.seed(7)
rows = []
for name, data in sentencepiece_models():
    processor = sentencepiece.SentencePieceProcessor(model_proto=data)
    count = processor.get_piece_size()
    samples = list(sequences(count, 3 if name == 'bytes' else None))
    if name == 'bytes': samples += [[3 + b for b in (0xff, 0x41, 0xc3, 0xa9, 0xc3)], [3 + 0xe4, 260, 3 + 0x20, 262], [3 + b for b in (0xf0, 0x9f, 0x98, 0x41)]]
    rows.append(dict(name=name, kind='sentencepiece', model=data.hex(), classes=count, rows=[dict(ids=i, text=processor.decode(i)) for i in samples]))
for name, table in json_models():
    real = tokenizers.Tokenizer.from_str(json.dumps(table))
    count = real.get_vocab_size()
    samples = list(sequences(count, 2 if 'bytes' in name else None))
    rows.append(dict(name=name, kind='json', model=table, classes=count, rows=[dict(ids=i, text=real.decode(i, skip_special_tokens=True)) for i in samples]))
json.dump(rows, sys.stdout, ensure_ascii=False, separators=(',', ':'))
print()
