package import SpeechTypes

/// A form in which lists are compressed, known by the first bytes of the file.
package enum Compression: String, CaseIterable, Hashable, Sendable {
    /// RFC 1952.
    case gzip
    /// RFC 8878.
    case zstd

    /// What names of such files end with.
    package var nameExtension: String {
        switch self {
        case .gzip: "gz"
        case .zstd: "zst"
        }
    }

    /// Bytes that tell.
    package static let markBytes = 4

    /// The form of a file that begins with `head`; nil for all other files.
    package init?(head: some Collection<UInt8>) {
        let start = Array(head.prefix(Self.markBytes))
        // The magic number, and deflate as the method.
        if start.starts(with: [0x1F, 0x8B, 0x08]) {
            self = .gzip
        } else if start == [0x28, 0xB5, 0x2F, 0xFD]
            // A frame that holds no data and is passed over.
            || start.count == 4 && start[0] & 0xF0 == 0x50 && start[1...] == [0x2A, 0x4D, 0x18]
        {
            self = .zstd
        } else {
            return nil
        }
    }

    /// The name without the ending of a compressed file; the same name where it has none.
    package static func innerName(of path: PathBytes) -> PathBytes {
        let end = path.fileExtension
        guard let form = allCases.first(where: { $0.nameExtension == end }) else { return path }
        return PathBytes(bytes: path.bytes.dropLast(form.nameExtension.utf8.count + 1))
    }
}
