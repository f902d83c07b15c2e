internal import SpeechTypes

/// Pieces of words to text, as SentencePiece joins them.
///
/// Bytes that are UTF-8 together are one scalar, of the last byte's symbol; others are U+FFFD each.
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
            return Self.byte(symbol).map { .byte($0) } ?? .text(scalars)
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
        while start < bytes.count {
            let longest = min(4, bytes.count - start)
            var scalar: Unicode.Scalar = "\u{FFFD}"
            var count = 1
            for length in stride(from: longest, through: 1, by: -1) {
                let run = bytes[start..<start + length].map(\.value)
                let decoded = String(validating: run, as: UTF8.self)?.unicodeScalars
                if let decoded, decoded.count == 1, let only = decoded.first {
                    (scalar, count) = (only, length)
                    break
                }
            }
            text.append(TracedScalar(scalar: scalar, symbol: bytes[start + count - 1].symbol))
            start += count
        }
        bytes.removeAll(keepingCapacity: true)
    }

    /// The byte that a piece such as `<0x41>` stands for.
    private static func byte(_ symbol: String) -> UInt8? {
        let bytes = Array(symbol.utf8)
        guard bytes.count == 6, bytes.starts(with: "<0x".utf8), bytes[5] == UInt8(ascii: ">")
        else { return nil }
        let digits = bytes[3...4]
        guard digits.allSatisfy({ (0x30...0x39).contains($0) || (0x41...0x46).contains($0) })
        else { return nil }
        return UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
    }
}
