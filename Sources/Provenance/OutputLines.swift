internal import Digests
internal import Files
internal import Manifests
internal import Threading

/// The lines of an output, byte for byte: in order, and any of them again.
final class OutputLines: Sendable {
    let path: String
    private let file: OpenFile

    /// A record has at most 32 MiB; a longer line is cut there, and differs.
    static let lineBytesMax = 33 << 20

    init(_ path: String) throws(ManifestError) {
        self.path = path
        file = try mapError(ManifestError.input) { () throws(FileError) in try OpenFile(path) }
    }

    /// What one pass over the file gives.
    struct Pass {
        var digest: ContentDigest
        var byteCount = 0
        /// The last line has its end, or there is none.
        var isWhole = true
    }

    /// Calls `body` with each line, without its end, and where it stands.
    func forEach(_ body: (_ bytes: [UInt8], _ place: Range<Int>) throws -> Void) throws -> Pass {
        var hasher = SHA256Hasher()
        var line: [UInt8] = []
        var start = 0
        var position = 0
        var chunk = [UInt8](repeating: 0, count: 1 << 20)
        if let size = file.byteCount { WorkMeter.shared.expect(size, .bytes) }
        while true {
            let count = try chunk.withUnsafeMutableBytes { try file.read(into: $0) }
            if count == 0 { break }
            WorkMeter.shared.advance(count, .bytes)
            chunk.withUnsafeBytes { hasher.update(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            var rest = chunk[..<count]
            while let end = rest.firstIndex(of: 0x0A) {
                line += rest[..<end].prefix(Self.lineBytesMax - line.count)
                let length = end - rest.startIndex
                position += length
                try body(line, start..<position)
                position += 1
                start = position
                line.removeAll(keepingCapacity: true)
                rest = rest[(end + 1)...]
            }
            line += rest.prefix(Self.lineBytesMax - line.count)
            position += rest.count
        }
        if position > start { try body(line, start..<position) }
        return Pass(
            digest: hasher.finalize(), byteCount: position, isWhole: position == start)
    }

    /// The bytes at `place`.
    func bytes(at place: Range<Int>) throws(ManifestError) -> [UInt8] {
        let count = min(place.count, Self.lineBytesMax)
        let bytes = try mapError(ManifestError.input) { () throws(FileError) in
            try file.bytes(at: place.lowerBound, count: count)
        }
        guard bytes.count == count else {
            throw ManifestError(.changed, path, "it changes while it is read")
        }
        return bytes
    }
}
