package import Checkpoints
package import SpeechTypes

/// The pieces of words that a model's classes stand for, and how they become text; text is not cut into pieces
/// here.
///
/// A SentencePiece model (`tokenizer.model`), or `tokenizer.json` of the tokenizers library.
package struct PieceTokenizer: Sendable {
    package enum Kind: Hashable, Sendable {
        case text
        /// Has no text.
        case control
        case unknown
        /// Written as `<0x41>`.
        case byte
        /// No class: a hole in the numbering.
        case missing
    }

    package struct Piece: Hashable, Sendable {
        /// Spaces are spaces, whatever the file has in their place.
        package var text: String
        package var kind: Kind
    }

    /// By class.
    package let pieces: [Piece]
    let leadingSpaces: TextRules.LeadingSpaces
    let path: String

    /// What stands for a space in pieces, in nearly all files.
    static let space: Unicode.Scalar = "\u{2581}"
    static let piecesMax = 1 << 20
    static let pieceBytesMax = 1 << 12

    init(_ pieces: [Piece], leadingSpaces: TextRules.LeadingSpaces, path: String) {
        self.pieces = pieces
        self.leadingSpaces = leadingSpaces
        self.path = path
    }

    /// Reads either kind of file; what it is, its content tells.
    package init(_ file: FileBytes) throws(CheckpointError) {
        guard file.count <= CheckpointLimits.textFileBytesMax else {
            throw CheckpointError(
                .overLimit, path: file.path,
                "has \(file.count) bytes; a tokenizer has at most \(CheckpointLimits.textFileBytesMax)"
            )
        }
        let first = file.copy(0..<min(64, file.count)).first {
            ![0x20, 0x09, 0x0A, 0x0D].contains($0)
        }
        self = first == UInt8(ascii: "{") ? try Self.json(file) : try Self.sentencePiece(file)
    }

    /// Whether a file is a tokenizer and no list of labels or vocab.json.
    package static func isTokenizer(_ file: FileBytes) -> Bool {
        guard let tokenizer = try? PieceTokenizer(file) else { return false }
        // A text may begin like a message, and has hardly a second piece.
        return tokenizer.pieces.count > 1
    }

    /// The class of a piece.
    package func index(of text: String) -> Int? {
        pieces.firstIndex { $0.kind != .missing && $0.text.utf8.elementsEqual(text.utf8) }
    }

    /// The vocabulary of a model whose head scores `classes` classes.
    ///
    /// - Parameters:
    ///   - blank: the class of CTC's blank. It may be one more than there are pieces, as in NeMo's models.
    ///   - modelPath: for messages.
    package func vocabulary(
        blank: Int, classes: Int, modelPath: String
    ) throws(CheckpointError) -> Vocabulary {
        func refused(_ message: String) -> CheckpointError {
            CheckpointError(.refused, path: modelPath, message)
        }
        guard (0..<classes).contains(blank) else {
            throw refused("has the blank \(blank), which is none of its \(classes) classes")
        }
        var pieces = pieces
        if pieces.count == blank, classes == blank + 1 {
            pieces.append(Piece(text: "<blank>", kind: .control))
        }
        guard pieces.count == classes else {
            throw refused(
                "scores \(classes) classes and \(path) has \(pieces.count) pieces; the tokenizer "
                    + "belongs to another model")
        }
        let specials = pieces.indices.filter {
            pieces[$0].kind != .text && pieces[$0].kind != .byte
        }
        return Vocabulary(
            symbols: pieces.map(\.text), blank: blank,
            wordDelimiter: pieces.firstIndex {
                $0.kind == .text && $0.text.utf8.elementsEqual(" ".utf8)
            },
            specials: Set(specials + [blank]),
            rules: TextRules(assembly: .pieces, leadingSpaces: leadingSpaces))
    }
}

extension PieceTokenizer.Piece {
    /// With spaces in place of `mark`, if it is text.
    func withSpaces(for mark: String) -> Self {
        guard kind == .text, !mark.isEmpty else { return self }
        let (bytes, sought) = (Array(text.utf8), Array(mark.utf8))
        var result: [UInt8] = []
        var position = 0
        while position < bytes.count {
            if bytes[position...].starts(with: sought) {
                result.append(UInt8(ascii: " "))
                position += sought.count
            } else {
                result.append(bytes[position])
                position += 1
            }
        }
        return Self(text: String(decoding: result, as: UTF8.self), kind: kind)
    }
}
