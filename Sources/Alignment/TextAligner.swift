package import CTCDecoding
package import SpeechTypes

extension TextMatching {
    /// What `auto` is for a text.
    ///
    /// - Parameter isOfFile: the text stands in a file of its own.
    func resolved(for text: SpelledText, isOfFile: Bool) -> TextMatching {
        guard self == .auto else { return self }
        return isOfFile || text.lineCount > 1 ? .loose : .exact
    }
}

/// Puts a known text onto the log-probabilities of one lane; in place of a decoder.
package struct TextAligner: CTCDecoder {
    private let text: SpelledText
    private let vocabulary: Vocabulary
    private let matching: TextMatching
    private var emissions: Emissions

    /// - Parameter isOfFile: the text stands in a file of its own.
    package init(
        _ text: SpelledText, vocabulary: Vocabulary, matching: TextMatching, isOfFile: Bool
    ) {
        self.text = text
        self.vocabulary = vocabulary
        self.matching = matching.resolved(for: text, isOfFile: isOfFile)
        emissions = Emissions(classes: Self.classes(of: text, vocabulary))
    }

    /// Bytes that are kept of each frame of a recording with this text.
    package static func bytesOfFrame(_ text: SpelledText, _ vocabulary: Vocabulary) -> Int {
        Emissions.bytesOfFrame(columns: classes(of: text, vocabulary).count)
    }

    /// The blank, the delimiter, and the letters of the text.
    private static func classes(of text: SpelledText, _ vocabulary: Vocabulary) -> [Int] {
        var classes = Set(text.words.lazy.flatMap(\.letters))
        classes.insert(vocabulary.blank)
        if let delimiter = vocabulary.wordDelimiter { classes.insert(delimiter) }
        return classes.sorted()
    }

    package mutating func append(_ frames: LogProbabilities) { emissions.append(frames) }

    package mutating func finish() throws(DecoderError) -> Transcript {
        let columns = emissions.columnOfClass
        guard let blank = columns[vocabulary.blank] else {
            preconditionFailure("the blank is one of the classes")
        }
        let words = text.words.map { word in word.letters.compactMap { columns[$0] } }
        let delimiter = vocabulary.wordDelimiter.flatMap { columns[$0] }
        var cuts: [UnitCuts.Cut]?
        let alignment: LooseAlignment
        switch matching {
        case .loose:
            alignment = LooseAlignment.align(
                words, blank: blank, delimiter: delimiter, in: emissions)
        case .lines where !words.isEmpty:
            (alignment, cuts) = try byLines(words, blank, delimiter)
        case .lines, .exact, .auto:
            alignment = try exact(words, blank, delimiter)
        }
        return AlignmentReport(
            text, vocabulary: vocabulary, emissions, alignment, blank: blank, delimiter: delimiter,
            cuts: cuts
        ).transcript()
    }

    /// Every line whole, and the cuts between them.
    private func byLines(
        _ words: [[Int]], _ blank: Int, _ delimiter: Int?
    ) throws(DecoderError) -> (LooseAlignment, [UnitCuts.Cut]) {
        var lines: [[Int]] = []
        var kinds: [[LooseAlignment.Frame]] = []
        for (word, columns) in words.enumerated() {
            if word == 0 || text.words[word - 1].endsUnit {
                lines.append([])
                kinds.append([])
            } else if let delimiter {
                lines[lines.count - 1].append(delimiter)
                kinds[kinds.count - 1].append(.delimiter)
            }
            lines[lines.count - 1] += columns
            kinds[kinds.count - 1] += columns.indices.map { .letter(word: word, position: $0) }
        }
        let path: LineTrellis.Path
        do throws(AlignmentError) {
            path = try LineTrellis(lines, blank: blank, in: emissions).bestPath()
        } catch {
            throw Self.failure(error)
        }
        var frames = [LooseAlignment.Frame](repeating: .blank, count: emissions.frames)
        for (line, letters) in path.letters.enumerated() {
            for (position, frame) in letters.enumerated() {
                let next = position + 1 < letters.count ? letters[position + 1] : path.ends[line]
                let column = lines[line][position]
                // A letter lasts as long as it is likelier than the blank.
                for held in frame..<max(frame + 1, next) {
                    let row = held * emissions.columns
                    guard
                        held == frame
                            || emissions.values[row + column] > emissions.values[row + blank]
                    else { break }
                    frames[held] = kinds[line][position]
                }
            }
        }
        return (LooseAlignment(path: frames), UnitCuts.cuts(of: path))
    }

    private static func failure(_ error: AlignmentError) -> DecoderError {
        switch error {
        case .textTooLong: DecoderError("\(error)", code: .textTooLong)
        case .tooMuchWork: DecoderError("\(error)", code: .textTooLarge)
        case .notALetter: DecoderError("\(error)")
        }
    }

    /// All letters on all frames, delimiters between the words among them.
    private func exact(
        _ words: [[Int]], _ blank: Int, _ delimiter: Int?
    ) throws(DecoderError) -> LooseAlignment {
        var letters: [Int] = []
        var kinds: [LooseAlignment.Frame] = []
        for (word, columns) in words.enumerated() {
            if word > 0, let delimiter {
                letters.append(delimiter)
                kinds.append(.delimiter)
            }
            letters += columns
            kinds += columns.indices.map { .letter(word: word, position: $0) }
        }
        do throws(AlignmentError) {
            let forced = try ForcedAlignment.align(letters, blank: blank, in: emissions)
            return LooseAlignment(path: forced.path.map { $0 < 0 ? .blank : kinds[Int($0)] })
        } catch {
            throw Self.failure(error)
        }
    }
}
