internal import Checkpoints
internal import SpeechTypes
internal import StrictJSON

/// `tokenizer.json` of the tokenizers library: the model's pieces, the tokens added to them, and the decoder.
///
/// What cuts text into pieces (normaliser, pre-tokeniser, merges, scores) is not looked at.
extension PieceTokenizer {
    static func json(_ file: FileBytes) throws(CheckpointError) -> PieceTokenizer {
        let object = try JSONText.object(of: file)
        let reader = Reader(path: file.path)
        guard let model = object["model"]?.object else {
            throw reader.refused("has no model, which lists the pieces")
        }
        var pieces = try reader.pieces(of: model)
        try reader.add(object["added_tokens"], to: &pieces)
        let decoder = try reader.decoder(object["decoder"])
        guard !pieces.isEmpty else { throw reader.refused("has no pieces") }
        for index in pieces.indices {
            if decoder.hasBytes, Self.isByte(pieces[index].text), pieces[index].kind == .text {
                pieces[index].kind = .byte
            }
            pieces[index] = pieces[index].withSpaces(for: decoder.space)
        }
        return PieceTokenizer(pieces, leadingSpaces: decoder.leadingSpaces, path: file.path)
    }

    private static func isByte(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return bytes.count == 6 && bytes.starts(with: "<0x".utf8) && bytes[5] == UInt8(ascii: ">")
    }

    /// What of a decoder changes text.
    private struct Decoder {
        /// What stands for a space; empty for none.
        var space = ""
        var leadingSpaces = TextRules.LeadingSpaces.kept
        var hasBytes = false
    }

    private struct Reader {
        let path: String

        func refused(_ message: String) -> CheckpointError {
            CheckpointError(.refused, path: path, message)
        }

        private func damaged(_ message: String) -> CheckpointError {
            CheckpointError(.damaged, path: path, message)
        }

        /// The pieces of a model by class; its unknown one has no text.
        func pieces(of model: JSONObject) throws(CheckpointError) -> [Piece] {
            let type = model["type"]?.string ?? (model["merges"] == nil ? "Unigram" : "BPE")
            var pieces: [Piece] = []
            switch type {
            case "Unigram":
                for entry in model["vocab"]?.array ?? [] {
                    guard let text = entry.array?.first?.string else {
                        throw damaged("model.vocab has an entry that is no piece with a score")
                    }
                    try put(Piece(text: text, kind: .text), at: pieces.count, of: &pieces)
                }
                if let unknown = model["unk_id"]?.int, pieces.indices.contains(unknown) {
                    pieces[unknown].kind = .unknown
                }
            case "BPE", "WordLevel":
                for member in model["vocab"]?.object?.members ?? [] {
                    guard let index = member.value.int else {
                        throw damaged(
                            "model.vocab maps \(member.key) to something else than a class")
                    }
                    try put(Piece(text: member.key, kind: .text), at: index, of: &pieces)
                }
                if let unknown = model["unk_token"]?.string,
                    let index = pieces.firstIndex(where: { $0.text.hasSameBytes(as: unknown) })
                {
                    pieces[index].kind = .unknown
                }
            default:
                throw refused(
                    "has pieces of the type \(type.prefix(40)); Unigram, BPE and WordLevel are read"
                )
            }
            return pieces
        }

        /// Tokens that the file lists beside the model's, which may be the model's own.
        func add(
            _ listed: JSONValue?, to pieces: inout [Piece]
        ) throws(CheckpointError) {
            for token in listed?.array ?? [] {
                guard let object = token.object, let index = object["id"]?.int,
                    let text = object["content"]?.string
                else { throw damaged("added_tokens has an entry without id and content") }
                let kind: Kind = object["special"]?.bool == true ? .control : .text
                try put(Piece(text: text, kind: kind), at: index, of: &pieces)
            }
        }

        private func put(
            _ piece: Piece, at index: Int, of pieces: inout [Piece]
        ) throws(CheckpointError) {
            guard (0..<piecesMax).contains(index), piece.text.utf8.count <= pieceBytesMax else {
                throw CheckpointError(
                    .overLimit, path: path,
                    "has the piece \(piece.text.prefix(40)) of class \(index); classes are below "
                        + "\(piecesMax) and pieces have at most \(pieceBytesMax) bytes")
            }
            while pieces.count <= index {
                pieces.append(Piece(text: "", kind: .missing))
            }
            pieces[index] = piece
        }

        /// - Throws: for a decoder that is not known, since text would be guessed.
        func decoder(_ value: JSONValue?) throws(CheckpointError) -> Decoder {
            guard let object = value?.object else {
                throw refused(
                    "has no decoder, which says how pieces become text; with SentencePiece models it is "
                        + "Metaspace")
            }
            var decoder = Decoder()
            let isSequence = object["type"]?.string == "Sequence"
            let steps = isSequence ? object["decoders"]?.array?.map(\.object) ?? [] : [object]
            for step in steps {
                guard let step, let type = step["type"]?.string else {
                    throw damaged("has a decoder without a type")
                }
                switch type {
                case "Fuse": continue
                case "ByteFallback": decoder.hasBytes = true
                case "Metaspace":
                    decoder.space = step["replacement"]?.string ?? String(space)
                    let prepends =
                        step["prepend_scheme"]?.string.map { $0 != "never" }
                        ?? step["add_prefix_space"]?.bool ?? true
                    decoder.leadingSpaces = prepends ? .firstSymbolLosesAll : .kept
                case "Replace":
                    guard let pattern = step["pattern"]?.object?["String"]?.string,
                        step["content"]?.string == " ", !pattern.isEmpty, decoder.space.isEmpty
                    else {
                        throw refused(
                            "has a decoder that replaces other things than the mark of a space")
                    }
                    decoder.space = pattern
                case "Strip":
                    guard step["content"]?.string == " ", step["stop"]?.int ?? 0 == 0,
                        let start = step["start"]?.int, start <= 1
                    else {
                        throw refused("has a decoder that strips other things than a leading space")
                    }
                    if start == 1 { decoder.leadingSpaces = .firstSymbolLosesOne }
                default:
                    throw refused(
                        "has a decoder of the type \(type.prefix(40)), which is not known here: how its "
                            + "pieces become text cannot be guessed. Metaspace, Fuse, ByteFallback, "
                            + "Replace and Strip are known; a SentencePiece model (tokenizer.model) "
                            + "is read in its place with --labels")
                }
            }
            return decoder
        }
    }
}
