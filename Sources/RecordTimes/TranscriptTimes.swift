package import Manifests
package import SpeechBoundaries
package import SpeechTypes
internal import TranscriptRows

/// Words and characters of a transcript with their times.
package struct TranscriptTimes: Sendable {
    /// The text of each class; empty for those that are no characters of a text.
    private let characters: [String]
    /// Of classes that stand for a byte each; empty where there are none.
    private let bytes: [Int: UInt8]
    /// Samples at 16 kHz from one frame to the next.
    let samplesPerFrame: Int

    package init(
        vocabulary: Vocabulary, samplesPerFrame: Int = FrameClock.wav2vec2.samplesPerFrame
    ) {
        self.samplesPerFrame = samplesPerFrame
        var bytes: [Int: UInt8] = [:]
        if vocabulary.rules.assembly == .pieces {
            for (index, symbol) in vocabulary.symbols.enumerated()
            where index != vocabulary.blank && !vocabulary.specials.contains(index) {
                bytes[index] = BytePieces.byte(of: symbol)
            }
        }
        self.bytes = bytes
        characters = vocabulary.symbols.enumerated().map { index, symbol in
            guard index != vocabulary.wordDelimiter, index != vocabulary.blank,
                !vocabulary.specials.contains(index), bytes[index] == nil
            else { return "" }
            var text = symbol
            if vocabulary.rules.assembly == .labels, let delimiter = vocabulary.wordDelimiter {
                // Such a vocabulary may have the delimiter within its symbols.
                text = text.split(separator: vocabulary.symbols[delimiter]).joined()
            }
            if vocabulary.rules.assembly == .pieces { text = text.split(separator: " ").joined() }
            if vocabulary.rules.isLowercasing { text = text.lowercased() }
            return text.allSatisfy(\.isWhitespace) ? "" : text
        }
    }

    /// - Parameters:
    ///   - labels: who says each word, where that is known.
    ///   - calibrated: the probability of each word to be right; empty where it is not known.
    /// - Returns: nil where they would take more than `bytesMax` bytes.
    package func items(
        _ kind: TimedItems.Kind, of transcript: Transcript, _ labels: SpeakerLabels? = nil,
        calibrated: [Int] = [], bytesMax: Int
    ) -> TimedItems? {
        var items = TimedItems(kind)
        // What is too long ends below, so no room is made for it.
        let count = kind == .word ? transcript.words.count : transcript.symbols.count
        items.reserveCapacity(min(count, bytesMax / TimedItems.itemBytesMin))
        for (index, word) in transcript.words.enumerated() {
            switch kind {
            case .word:
                append(
                    String(transcript.text(of: word)), transcript.frames(of: word),
                    transcript.confidence(of: word),
                    calibrated: calibrated.isEmpty ? nil : calibrated[index],
                    speaker: speaker(of: transcript.frames(of: word), labels), to: &items)
            case .segment, .turn: preconditionFailure("such items are made of words")
            case .char: appendCharacters(transcript.symbols[word.symbols], to: &items)
            }
            guard items.json.count <= bytesMax else { return nil }
        }
        items.end()
        return items
    }

    /// Appends the characters of a word, of which several symbols that are bytes may make one.
    private func appendCharacters(
        _ symbols: ArraySlice<Transcript.Symbol>, to items: inout TimedItems
    ) {
        var rest = symbols
        while let symbol = rest.first {
            guard bytes[symbol.index] != nil else {
                rest = rest.dropFirst()
                guard !characters[symbol.index].isEmpty else { continue }
                append(characters[symbol.index], symbol.frames, symbol.confidence, to: &items)
                continue
            }
            let run = rest.prefix { bytes[$0.index] != nil }
            rest = rest.dropFirst(run.count)
            var start = run.startIndex
            for (scalar, count) in BytePieces.scalars(of: run.compactMap { bytes[$0.index] }) {
                let own = run[start..<start + count]
                start += count
                guard !scalar.properties.isWhitespace else { continue }
                let first = own[own.startIndex].frames.lowerBound
                append(
                    String(Character(scalar)),
                    first..<max(first, own[own.endIndex - 1].frames.upperBound),
                    own.reduce(1) { min($0, $1.confidence) }, to: &items)
            }
        }
    }

    /// The words of each window, which its first frame belongs to; windows without a word are left out.
    ///
    /// - Parameters:
    ///   - windows: frames that each owns, in order.
    ///   - labels: who says each word, where that is known.
    package func segments(
        of transcript: Transcript, _ windows: [Range<Int>], _ labels: SpeakerLabels? = nil
    ) -> TimedItems {
        var items = TimedItems(.segment)
        var words = transcript.words[...]
        for (index, window) in windows.enumerated() {
            let isLast = index + 1 == windows.count
            let own = words.prefix {
                isLast || transcript.frames(of: $0).lowerBound < window.upperBound
            }
            words = words.dropFirst(own.count)
            guard let first = own.first, let last = own.last else { continue }
            let text = transcript.text.utf8
            let start = text.index(text.startIndex, offsetBy: first.utf8.lowerBound)
            let end = text.index(start, offsetBy: last.utf8.upperBound - first.utf8.lowerBound)
            let speakers = Set(own.map { speaker(of: transcript.frames(of: $0), labels) })
            append(
                String(transcript.text[start..<end]), window,
                own.reduce(1) { min($0, transcript.confidence(of: $1)) },
                speaker: speakers.count == 1 ? speakers.first ?? nil : nil, to: &items)
        }
        items.end()
        return items
    }

    /// Who says what lies in these frames.
    func speaker(of frames: Range<Int>, _ labels: SpeakerLabels?) -> String? {
        guard let labels, !labels.isEmpty else { return nil }
        return labels.speaker(
            from: MediaTime(milliseconds: milliseconds(frames.lowerBound)),
            to: MediaTime(milliseconds: milliseconds(frames.upperBound)))
    }

    func append(
        _ text: String, _ frames: Range<Int>, _ confidence: Float, calibrated: Int? = nil,
        channel: Int? = nil, speaker: String? = nil, to items: inout TimedItems
    ) {
        items.append(
            text, frames: frames, milliseconds: milliseconds(of: frames),
            confidence: Self.tenThousandths(confidence), calibrated: calibrated,
            channel: channel, speaker: speaker)
    }

    /// When frames begin and end, as ``milliseconds(_:)-(Int)`` has it.
    package func milliseconds(of frames: Range<Int>) -> Range<Int> {
        milliseconds(frames.lowerBound)..<milliseconds(frames.upperBound)
    }

    /// When a frame begins, to the nearest millisecond, from the samples before it.
    package func milliseconds(_ frame: Int) -> Int {
        let samples = frame * samplesPerFrame
        return (samples * 1_000 + FrameClock.sampleRate / 2) / FrameClock.sampleRate
    }

    package static func tenThousandths(_ confidence: Float) -> Int {
        Int((Double(confidence) * 10_000).rounded())
    }
}
