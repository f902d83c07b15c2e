package import AudioFormats

/// A file as a decoder is to see it: parts of it, and bytes that stand in for others.
///
/// Headers that state wrong sizes are put right this way, and samples that lie in several places are
/// put together, without a copy.
package struct FileView {
    package enum Piece {
        case bytes([UInt8])
        case range(Range<Int>)

        var count: Int {
            switch self {
            case .bytes(let bytes): bytes.count
            case .range(let range): range.count
            }
        }
    }

    package let file: AudioFile
    private let pieces: [Piece]
    /// Where each piece begins, and the end.
    private let starts: [Int]

    package init(_ file: AudioFile, _ pieces: [Piece]) {
        self.file = file
        self.pieces = pieces
        starts = pieces.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1.count) }
    }

    /// The file with the bytes from `offset` on replaced by as many others.
    package init(_ file: AudioFile, replacing offset: Int, by bytes: [UInt8]) {
        self.init(
            file,
            [
                .range(0..<offset), .bytes(bytes),
                .range(min(offset + bytes.count, file.byteCount)..<file.byteCount),
            ])
    }

    package var byteCount: Int { starts.last ?? 0 }

    /// Fills `buffer` with the bytes from `offset` on, as many as there are, and returns how many.
    package func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(AudioError)
        -> Int
    {
        var filled = 0
        var index = starts.lastIndex { $0 <= offset } ?? 0
        while filled < buffer.count, index < pieces.count {
            let within = offset + filled - starts[index]
            let count = min(pieces[index].count - within, buffer.count - filled)
            if count > 0 {
                let bytes: [UInt8] =
                    switch pieces[index] {
                    case .bytes(let bytes): Array(bytes[within..<within + count])
                    case .range(let range):
                        try file.bytes(at: range.lowerBound + within, count: count)
                    }
                guard !bytes.isEmpty else { return filled }
                buffer[filled..<filled + bytes.count].copyBytes(from: bytes)
                filled += bytes.count
                if bytes.count < count { return filled }
            }
            index += 1
        }
        return filled
    }
}
