internal import Checkpoints
internal import SpeechTypes

/// A SentencePiece model: protobuf's `ModelProto` of google/sentencepiece, src/sentencepiece_model.proto.
///
/// Read are pieces with their types, and of the normaliser what changes decoded text. Scores and tables that
/// cut text into pieces are skipped.
extension PieceTokenizer {
    private enum ModelField {
        static let piece = 1
        static let normalizer = 3
        static let denormalizer = 5
    }

    static func sentencePiece(_ file: FileBytes) throws(CheckpointError) -> PieceTokenizer {
        try file.withBytes(0..<file.count) { bytes throws(CheckpointError) in
            try sentencePiece(bytes, path: file.path)
        }
    }

    private static func sentencePiece(
        _ bytes: UnsafeRawBufferPointer, path: String
    ) throws(CheckpointError) -> PieceTokenizer {
        var pieces: [Piece] = []
        var spaces = Spaces()
        var hasPlainSpaces = false
        var reader = ProtobufReader(bytes, 0..<bytes.count, path: path)
        while let (number, value) = try reader.next() {
            switch (number, value) {
            case (ModelField.piece, .bytes(let range)):
                guard pieces.count < piecesMax else {
                    throw CheckpointError(
                        .overLimit, path: path, "has more than \(piecesMax) pieces")
                }
                let piece = try piece(bytes, range, path: path)
                if piece.kind == .text, piece.text.utf8.first == UInt8(ascii: " ") {
                    hasPlainSpaces = true
                }
                pieces.append(piece.withSpaces(for: String(space)))
            case (ModelField.normalizer, .bytes(let range)):
                spaces = try Spaces(bytes, range, path: path)
            case (ModelField.denormalizer, .bytes(let range)):
                guard try !changesText(bytes, range, path: path) else {
                    throw CheckpointError(
                        .refused, path: path,
                        "changes decoded text by a table of its own (denormalizer_spec), which is not "
                            + "known here")
                }
            default: continue
            }
        }
        guard !pieces.isEmpty else {
            throw CheckpointError(
                .unknownFormat, path: path,
                "is neither a SentencePiece model nor a tokenizer.json: it has no pieces")
        }
        // Only U+2581 goes at the beginning; models of characters have pieces with spaces.
        return PieceTokenizer(
            pieces, leadingSpaces: hasPlainSpaces ? .kept : spaces.leading, path: path)
    }

    private static func piece(
        _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, path: String
    ) throws(CheckpointError) -> Piece {
        guard range.count <= pieceBytesMax else {
            throw CheckpointError(
                .overLimit, path: path, "has a piece of \(range.count) bytes")
        }
        var text = ""
        var type: UInt64 = 1
        var reader = ProtobufReader(bytes, range, path: path)
        while let (number, value) = try reader.next() {
            switch (number, value) {
            case (1, .bytes(let range)): text = try reader.text(range)
            case (3, .varint(let number)): type = number
            default: continue
            }
        }
        switch type {
        // Normal, user-defined, unused: decoded alike.
        case 1, 4, 5: return Piece(text: text, kind: .text)
        case 2: return Piece(text: TextRules.unknownPiece, kind: .unknown)
        case 3: return Piece(text: text, kind: .control)
        case 6: return Piece(text: text, kind: .byte)
        default:
            throw CheckpointError(
                .damaged, path: path, "has a piece of the type \(type), which SentencePiece lacks")
        }
    }

    /// What decoding takes off the text's beginning (`normalizer_spec`).
    private struct Spaces {
        private var addsPrefix = true
        private var removesExtra = true

        init() {}

        init(
            _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, path: String
        ) throws(CheckpointError) {
            var reader = ProtobufReader(bytes, range, path: path)
            while let (number, value) = try reader.next() {
                switch (number, value) {
                case (3, .varint(let flag)): addsPrefix = flag != 0
                case (4, .varint(let flag)): removesExtra = flag != 0
                default: continue
                }
            }
        }

        var leading: TextRules.LeadingSpaces {
            removesExtra ? .eachSymbolLosesOne : addsPrefix ? .firstSymbolLosesOne : .kept
        }
    }

    /// Whether a denormaliser has a table (`precompiled_charsmap`).
    private static func changesText(
        _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, path: String
    ) throws(CheckpointError) -> Bool {
        var reader = ProtobufReader(bytes, range, path: path)
        while let (number, value) = try reader.next() {
            if number == 2, case .bytes(let table) = value, !table.isEmpty { return true }
        }
        return false
    }
}
