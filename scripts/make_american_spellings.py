#!/usr/bin/env python3
"""Makes Sources/TextNormalizers/AmericanSpellings.swift from the list that whisper's normaliser has.

The list is whisper/normalizers/english.json of github.com/openai/whisper (MIT), which is also in the
package whisper-normalizer. Each entry is written as what both spellings begin with, and their endings.

    python3 scripts/make_american_spellings.py english.json > Sources/TextNormalizers/AmericanSpellings.swift
"""
import json
import os
import sys
import textwrap

HEADER = '''// Made by scripts/make_american_spellings.py; do not edit.

/// British spellings with the American ones that stand for them: data of whisper's English normaliser
/// (whisper/normalizers/english.json), which took it from tysto.com's list.
///
/// MIT License, Copyright (c) 2022 OpenAI
///
/// Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
/// associated documentation files (the "Software"), to deal in the Software without restriction,
/// including without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense,
/// and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so,
/// subject to the following conditions:
///
/// The above copyright notice and this permission notice shall be included in all copies or substantial
/// portions of the Software.
///
/// THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT
/// LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN
/// NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY,
/// WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE
/// SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
enum AmericanSpellings {
    static let byBritish: [String: String] = {
        var spellings: [String: String] = [:]
        for entry in entries.split(whereSeparator: { $0 == " " || $0 == "\\n" }) {
            let parts = entry.split(separator: "|", omittingEmptySubsequences: false)
            spellings[String(parts[0] + parts[1])] = String(parts[0] + parts[2])
        }
        return spellings
    }()

    /// What both spellings begin with, the British ending and the American one.
    private static let entries = """'''

with open(sys.argv[1], encoding="utf-8") as file:
    mapping = json.load(file)
entries = []
for british, american in mapping.items():
    if " " in british:  # Words are looked up one by one: such an entry is never found.
        continue
    shared = len(os.path.commonprefix([british, american]))
    assert not set(british + american) & set('| \\"'), british
    entries.append(f"{british[:shared]}|{british[shared:]}|{american[shared:]}")
print(HEADER)
for line in textwrap.wrap(" ".join(entries), 91, break_long_words=False, break_on_hyphens=False):
    print("        " + line)
print('        """\n}')
