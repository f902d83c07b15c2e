internal import Decompression
internal import Files
package import SpeechTypes

/// An n-gram model of words: log10 of the probability of a word after others.
///
/// Reads ARPA (plain or gzip) and KenLM's binary forms; which one a file is is told by its content. Binary
/// forms are mapped, so that all processes of a machine share them. Words are bytes: nothing is
/// normalised.
package final class LanguageModel: Sendable {
    /// Words of the longest n-grams that are read.
    package static let orderMax = 8

    /// What file a model was read from.
    package enum Form: String, Sendable {
        case arpa = "ARPA"
        case probing = "KenLM probing"
        case trie = "KenLM trie"
        case quantisedTrie = "KenLM trie, quantised"
        case arrayTrie = "KenLM trie, pointers in arrays"
        case quantisedArrayTrie = "KenLM trie, quantised, pointers in arrays"
    }

    private enum Tables: Sendable {
        case probing(ProbingTables)
        case trie(TrieTables)
    }

    private enum Words: Sendable {
        case hashed(ProbingTable)
        case sorted(TrieReader.Words)
    }

    package let path: String
    package let form: Form
    /// Of n-grams of each order, as the file states them.
    package let counts: [Int]
    package let byteCount: Int
    /// The index of every word that the model does not know.
    package static let unknownWord: UInt32 = 0
    package let sentenceBegin: UInt32
    package let sentenceEnd: UInt32
    private let tables: Tables
    private let words: Words
    let texts: WordTexts

    /// Opens the model at `path`.
    ///
    /// - Throws: if it cannot be read, or is no model, with the place in the file.
    package init(at path: PathBytes) throws(LanguageModelError) {
        let file: OpenFile
        let head: [UInt8]
        do throws(FileError) {
            file = try OpenFile(path)
            head = try file.bytes(at: 0, count: 64)
        } catch {
            throw LanguageModelError(path.text, error.sentence)
        }
        self.path = path.text
        byteCount = file.byteCount ?? 0
        if head.starts(with: KenLMHeader.mark) {
            let memory: ModelBytes
            do throws(FileError) {
                memory = try ModelBytes(mapping: file)
            } catch {
                throw LanguageModelError(path.text, error.sentence)
            }
            let header = try KenLMHeader(memory.bytes, path: path.text)
            counts = header.counts
            switch header.kind {
            case .probing:
                form = .probing
                let (tables, words, end) = try ProbingReader.read(memory, header, path: path.text)
                texts =
                    header.hasWords
                    ? .mapped(memory, offset: end, count: header.counts[0]) : .absent
                self.tables = .probing(tables)
                self.words = .hashed(words)
            default:
                form =
                    header.kind.isQuantised
                    ? (header.kind.isArray ? .quantisedArrayTrie : .quantisedTrie)
                    : (header.kind.isArray ? .arrayTrie : .trie)
                let (tables, words, end) = try TrieReader.read(memory, header, path: path.text)
                texts =
                    header.hasWords
                    ? .mapped(memory, offset: end, count: header.counts[0]) : .absent
                self.tables = .trie(tables)
                self.words = .sorted(words)
            }
        } else {
            form = .arpa
            let lines = ARPALines(
                path: path.text, read: try Self.text(of: file, head: head, path: path.text))
            let read = try ARPAReader(lines, path: path.text).run()
            counts = read.counts
            texts = read.texts
            tables = .probing(read.tables)
            words = .hashed(read.words)
        }
        sentenceBegin = Self.index(of: Array("<s>".utf8), words)
        sentenceEnd = Self.index(of: Array("</s>".utf8), words)
        guard sentenceBegin != 0, sentenceEnd != 0 else {
            throw LanguageModelError(
                path.text,
                "it has no <s> or no </s>: a model of sentences has their beginning and end")
        }
    }

    /// Words of the longest n-grams.
    package var order: Int { counts.count }

    /// The state at the beginning of a sentence.
    package var beginOfSentence: NGramState { score(sentenceBegin, after: NGramState()).state }

    /// The index of a word, as UTF-8 or other bytes; ``unknownWord`` for one that the model does not know.
    package func index(of word: some Collection<UInt8>) -> UInt32 { Self.index(of: word, words) }

    /// Scores `word` after what `state` remembers.
    package func score(_ word: UInt32, after state: NGramState) -> NGramScore {
        switch tables {
        case .probing(let tables): tables.score(word, after: state)
        case .trie(let tables): tables.score(word, after: state)
        }
    }

    static func isUnknown(_ word: ArraySlice<UInt8>) -> Bool {
        word.elementsEqual("<unk>".utf8) || word.elementsEqual("<UNK>".utf8)
    }

    func index(ofHash hash: UInt64) -> UInt32 { Self.index(ofHash: hash, words) }

    private static func index(of word: some Collection<UInt8>, _ words: Words) -> UInt32 {
        index(ofHash: wordHash(word), words)
    }

    private static func index(ofHash hash: UInt64, _ words: Words) -> UInt32 {
        switch words {
        case .hashed(let table): table.load(hash, as: UInt32.self) ?? unknownWord
        case .sorted(let words): words.index(hash) ?? unknownWord
        }
    }

    /// What fills buffers with the text of a file, which may be compressed.
    private static func text(
        of file: OpenFile, head: [UInt8], path: String
    ) throws(LanguageModelError)
        -> (UnsafeMutableRawBufferPointer) throws(LanguageModelError) -> Int
    {
        guard let compression = Compression(head: head) else {
            return { buffer throws(LanguageModelError) in
                do throws(FileError) {
                    return try file.read(into: buffer)
                } catch {
                    throw LanguageModelError(path, error.sentence)
                }
            }
        }
        let expanded: ExpandedBytes<FileError>
        do throws(DecompressionFault) {
            expanded = try ExpandedBytes(compression, head: []) { buffer throws(FileError) in
                try file.read(into: buffer)
            }
        } catch {
            throw LanguageModelError(path, error.description)
        }
        return { buffer throws(LanguageModelError) in
            do throws(ExpandedBytes<FileError>.Failure) {
                return try expanded.read(into: buffer)
            } catch {
                switch error {
                case .source(let fault): throw LanguageModelError(path, fault.sentence)
                case .compressed(let fault): throw LanguageModelError(path, fault.description)
                }
            }
        }
    }
}
