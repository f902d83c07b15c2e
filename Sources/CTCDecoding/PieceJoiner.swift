internal import SpeechTypes

/// Pieces of words to text, as SentencePiece joins them.
///
/// Bytes that are UTF-8 together are one scalar, of all their symbols; others are U+FFFD each.
struct PieceJoiner: Sendable {
    private enum Piece: Sendable {
        case text([Unicode.Scalar])
        case byte(UInt8)
        case control
        case unknown([Unicode.Scalar])
    }

    private let pieces: [Piece]
    private let leadingSpaces: TextRules.LeadingSpaces

    init(_ vocabulary: Vocabulary) {
        leadingSpaces = vocabulary.rules.leadingSpaces
        pieces = vocabulary.symbols.enumerated().map { index, symbol in
            let scalars = Array(symbol.unicodeScalars)
            if vocabulary.specials.contains(index) || index == vocabulary.blank {
                return symbol.utf8.elementsEqual(TextRules.unknownPiece.utf8)
                    ? .unknown(scalars) : .control
            }
            return BytePieces.byte(of: symbol).map { .byte($0) } ?? .text(scalars)
        }
    }

    /// - Parameter printsUnknown: as the reference does; output records leave it out.
    func text(of symbols: [Transcript.Symbol], printsUnknown: Bool) -> [TracedScalar] {
        var text: [TracedScalar] = []
        var bytes: [(value: UInt8, symbol: Int32)] = []
        var isFirst = true
        for (position, symbol) in symbols.enumerated() {
            let origin = Int32(position)
            if case .byte(let value) = pieces[symbol.index] {
                bytes.append((value, origin))
                isFirst = false
                continue
            }
            Self.decode(&bytes, to: &text)
            switch pieces[symbol.index] {
            case .byte, .control: continue
            case .unknown(let scalars):
                if printsUnknown {
                    text += scalars.map { TracedScalar(scalar: $0, symbol: origin) }
                } else {
                    text.append(TracedScalar(scalar: nil, symbol: origin))
                }
            case .text(let scalars):
                text += withoutLeadingSpaces(scalars, isFirst: isFirst, isEmpty: text.isEmpty)
                    .map { TracedScalar(scalar: $0, symbol: origin) }
            }
            isFirst = false
        }
        Self.decode(&bytes, to: &text)
        return text
    }

    private func withoutLeadingSpaces(
        _ scalars: [Unicode.Scalar], isFirst: Bool, isEmpty: Bool
    ) -> ArraySlice<Unicode.Scalar> {
        switch leadingSpaces {
        case .kept: return scalars[...]
        case .firstSymbolLosesOne:
            return isFirst && scalars.first == " " ? scalars.dropFirst() : scalars[...]
        case .firstSymbolLosesAll: return isFirst ? scalars.filter { $0 != " " }[...] : scalars[...]
        case .eachSymbolLosesOne:
            return isEmpty && scalars.first == " " ? scalars.dropFirst() : scalars[...]
        }
    }

    /// Writes what bytes say, and forgets them.
    private static func decode(
        _ bytes: inout [(value: UInt8, symbol: Int32)], to text: inout [TracedScalar]
    ) {
        var start = 0
        for (scalar, count) in BytePieces.scalars(of: bytes.map(\.value)) {
            text.append(
                TracedScalar(
                    scalar: scalar, symbol: bytes[start + count - 1].symbol,
                    firstSymbol: bytes[start].symbol))
            start += count
        }
        bytes.removeAll(keepingCapacity: true)
    }
}
