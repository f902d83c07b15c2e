"""Makes transformers.json: class sequences, and what transformers' tokenizers make of them.

    pip install transformers==5.24.0        (torch is not needed)
    python make.py > transformers.json

`record` is the text without unknown, begin, end and padding tokens, and with single spaces, which is
what output records hold.  Each variant is a folder's small files; `classes` is what its head scores."""
import json, os, random, sys, tempfile
from transformers import AutoTokenizer

SPECIAL = ['<pad>', '<s>', '</s>', '<unk>']
def table(symbols): return {s: i for i, s in enumerate(symbols)}
def added(index, text): return {str(index): dict(content=text, lstrip=False, normalized=False, rstrip=False, single_word=False, special=text.startswith(('<', '[')))}

VARIANTS = {
    'vowel signs after the delimiter': (table(SPECIAL + list('|\u0915\u093e\u093f\u0902\u094d\u0924\u0928')), {}),
    'marks of other scripts': (table(SPECIAL + list('|a\u0301\u0308\u064e\u0651\u05b0\u05d0\u0e34\u0e01\u200d\u200c\U0001f3fb\U0001f44b\ufe0f\U0001f1e9\U0001f1ea')), {}),
    'jamo': (table(SPECIAL + list('|\u1112\u1161\u11ab\u1100\u1173\u11af')), {}),
    'greek lowered': (table(SPECIAL + list("|ΑΟΣΔΆ'\u0301-")), dict(do_lower_case=True)),
    'turkish, german, armenian lowered': (table(SPECIAL + list('|İIıẞßԵՒﬀǅÅ\u212b\u2126K\u212a')), dict(do_lower_case=True)),
    'canonically equivalent symbols': (table(SPECIAL + ['|', '\u03a9', '\u2126', '\u00e9', 'e\u0301', '\u8c48', '\uf900', ';', '\u037e', 'e', '\u0301']), {}),
    'white space that is a symbol': (table(SPECIAL + ['|', 'a', '\u00a0', '\u3000', '\u200b', '\x1c', '\r', '\n', '\r\n', '\u0085', 'b']), {}),
    'phonemes': (table(SPECIAL + ['n', 's', 't', '\u0259', 'a\u026a', 't\u0283', '\u0283', '\u02d0', '\u0303', '|']), dict(tokenizer_class='Wav2Vec2PhonemeCTCTokenizer', word_delimiter_token=None, do_phonemize=False)),
    'phonemes and words': (table(SPECIAL + ['n', 't', 't\u0283', '\u0283', '|', '.']), dict(tokenizer_class='Wav2Vec2PhonemeCTCTokenizer', word_delimiter_token='|', do_phonemize=False, clean_up_tokenization_spaces=True)),
    'phonemes, a class missing': ({'<pad>': 0, 'n': 1, 't': 3, 't\u0283': 4, '\u0283': 5}, dict(tokenizer_class='Wav2Vec2PhonemeCTCTokenizer', do_phonemize=False)),
    'phonemes in upper case': (table(SPECIAL + ['N', 'T', 'S']), dict(tokenizer_class='Wav2Vec2PhonemeCTCTokenizer', do_phonemize=False, do_lower_case=True)),
    'tightened': (table(SPECIAL + list("|ntsmverd'.,?!")), dict(clean_up_tokenization_spaces=True)),
    'tightened and lowered': (table(SPECIAL + list("|NTSMVERD'.,?!")), dict(clean_up_tokenization_spaces=True, do_lower_case=True)),
    'no spaces': (table(SPECIAL + list('|\u7684\u662f\u4e0d')), dict(replace_word_delimiter_char='')),
    'another replacement': (table(SPECIAL + list('|ab')), dict(replace_word_delimiter_char='\u2581')),
    'delimiter is a space': (table(SPECIAL + list(' ab')), dict(word_delimiter_token=' ')),
    'delimiter is a mark': (table(SPECIAL + list('\u2581ab\u0301')), dict(word_delimiter_token='\u2581')),
    'no delimiter': (table(SPECIAL + list('|ab')), dict(word_delimiter_token=None)),
    'long symbols': (table(SPECIAL + ['|', 'c', 'h', 'ch', 'sch', '\u0915\u094d\u0937', 'a|b']), {}),
    'two symbols and none': ({'[PAD]': 0, '|': 1, 'a': 2, 'b': 4, 'c': 5, '[UNK]': 5, 'sch': 6, 'd': 6}, dict(pad_token='[PAD]', unk_token='[UNK]')),
    'none in the middle and behind': ({'<pad>': 0, '|': 1, 'a': 2, 'b': 4, 'c': 5}, {}, 8),
    'added in the configuration': ({'|': 0, 'a': 1, 'b': 2, '[UNK]': 3, '[PAD]': 4}, dict(pad_token='[PAD]', unk_token='[UNK]', added_tokens_decoder={**added(3, '[UNK]'), **added(4, '[PAD]'), **added(5, '<s>'), **added(6, '</s>'), **added(7, 'a'), **added(2, 'x')}), 8),
    'added phonemes': (table(SPECIAL + ['n', 't']), dict(tokenizer_class='Wav2Vec2PhonemeCTCTokenizer', do_phonemize=False, added_tokens_decoder={**added(5, 's'), **added(6, 'n'), **added(7, '<mask>')}), 8),
    'added in a file': ({'|': 0, 'a': 1, 'b': 2, '<unk>': 3, '<pad>': 4}, {}, 8, {'added_tokens.json': {'<s>': 5, '</s>': 6, 'q': 7}}),
    'more symbols than classes': (table(SPECIAL + list('|abcdef')), {}, 9),
    'tokens in a map': ({'[P]': 0, '[U]': 1, '|': 2, 'a': 3, 'b': 4}, dict(pad_token='a'), None, {'special_tokens_map.json': dict(pad_token='[P]', unk_token=dict(content='[U]', lstrip=False, normalized=False, rstrip=False, single_word=False))}),
    'no begin and end': (table(SPECIAL + list('|ab')), dict(bos_token=None, eos_token=None)),
    'more special tokens': (table(SPECIAL + list('|ab') + ['<en>', '<noise>']), dict(additional_special_tokens=['<en>'], extra_special_tokens=['<noise>'])),
    'one language of two': ({'aa': table(SPECIAL + list('|xy')), 'bb': table(SPECIAL + list('|zw'))}, dict(target_lang='bb'), 7),
    'named by the model alone': (table(SPECIAL + ['n', 't\u0283', '|']), None, None, {'config.json': dict(model_type='wav2vec2', tokenizer_class='Wav2Vec2PhonemeCTCTokenizer')}),
}

def variant(name, vocabulary, options, classes=None, files=None):
    options = None if options is None else dict(dict(tokenizer_class='Wav2Vec2CTCTokenizer', unk_token='<unk>', pad_token='<pad>', bos_token='<s>', eos_token='</s>'), **options)
    if files and 'special_tokens_map.json' in files: del options['unk_token']
    inner = vocabulary if options is None or not options.get('target_lang') else vocabulary[options['target_lang']]
    classes = classes or max(inner.values()) + 1
    content = {'config.json': dict(model_type='wav2vec2'), 'vocab.json': vocabulary, **({} if options is None else {'tokenizer_config.json': options}), **(files or {})}
    with tempfile.TemporaryDirectory() as folder:
        for file, value in content.items(): json.dump(value, open(os.path.join(folder, file), 'w', encoding='utf-8'), ensure_ascii=False)
        tokenizer = AutoTokenizer.from_pretrained(folder)
    # 5.24 reads the delimiter of a file into another place; built with the option, it is right.
    if options and 'word_delimiter_token' in options: tokenizer._word_delimiter_token = options['word_delimiter_token']
    blank = tokenizer.convert_tokens_to_ids(tokenizer.pad_token)
    special = {str(x) for x in (tokenizer.unk_token, tokenizer.bos_token, tokenizer.eos_token, tokenizer.pad_token) if x}
    rows, rng = [], random.Random(name)
    for length in (0, 1, 6, 12, 24, 40, 60, 60):
        ids = []
        while len(ids) < length: ids += [blank if rng.random() < 0.2 else rng.randrange(classes)] * rng.choice((1, 1, 1, 2, 3))
        text = tokenizer.decode(ids) if ids else ''
        record = text
        for token in sorted(special | ({t.lower() for t in special} if tokenizer.init_kwargs.get('do_lower_case') else set()), key=len, reverse=True): record = record.replace(token, '')
        rows.append(dict(ids=ids, text=text, record=' '.join(record.split())))
    del content['config.json']
    if files and 'config.json' in files: content['config.json'] = files['config.json']
    return dict(name=name, files=content, classes=classes, blank=blank, rows=rows)

json.dump([variant(name, *rest) for name, rest in VARIANTS.items()], sys.stdout, ensure_ascii=True, separators=(',', ':')); print()
