internal import Glibc

/// A file's path as the system knows it: bytes, which need not be UTF-8.
///
/// Old archives have names in Latin-1 or Shift-JIS, which no `String` can hold; and two names that
/// `String` takes for equal, since they look the same, may be two files. So paths of audio are bytes
/// from the folder or the row to the call that opens them.
package struct PathBytes: Hashable, Sendable {
    package let bytes: [UInt8]

    package init(_ text: String) { bytes = Array(text.utf8) }

    package init(bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }

    private static let slash = UInt8(ascii: "/")

    /// The path for people and for `audio_filepath`: U+FFFD stands for what is not UTF-8.
    package var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Whether ``text`` says it all.
    package var isText: Bool { String(validating: bytes, as: UTF8.self) != nil }

    package var isAbsolute: Bool { bytes.first == Self.slash }

    /// Calls `body` with the path as the system takes it.
    ///
    /// - Precondition: no byte is zero; what comes from the system has none.
    package func withCString<Value>(_ body: (UnsafePointer<CChar>) -> Value) -> Value {
        (bytes + [0]).withUnsafeBufferPointer { buffer in
            buffer.withMemoryRebound(to: CChar.self) { characters in
                // The array has at least the zero.
                body(characters.baseAddress.unsafelyUnwrapped)
            }
        }
    }

    /// Everything before the last slash; `.` if there is none.
    package var folder: PathBytes {
        guard let slash = bytes.lastIndex(of: Self.slash) else { return "." }
        return slash == 0 ? "/" : PathBytes(bytes: bytes[..<slash])
    }

    /// What follows the last slash.
    package var name: ArraySlice<UInt8> {
        bytes[(bytes.lastIndex(of: Self.slash).map { $0 + 1 } ?? 0)...]
    }

    /// `path` if it is absolute, otherwise `path` below this folder.
    package func joined(_ path: PathBytes) -> PathBytes {
        if path.isAbsolute || bytes.isEmpty { return path }
        if path.bytes.isEmpty || path.bytes == [UInt8(ascii: ".")] { return self }
        let separator = bytes.last == Self.slash ? [] : [Self.slash]
        return PathBytes(bytes: bytes + separator + path.bytes)
    }

    /// Whether this is `folder` or a path below it, by the letters of both.
    package func isWithin(_ folder: PathBytes) -> Bool {
        if bytes == folder.bytes { return true }
        let start = folder.bytes.last == Self.slash ? folder.bytes : folder.bytes + [Self.slash]
        return bytes.starts(with: start)
    }

    /// What follows the last dot of the name, in lower case; empty if there is none.
    package var fileExtension: String {
        guard let dot = name.lastIndex(of: UInt8(ascii: ".")), dot > name.startIndex else {
            return ""
        }
        return String(decoding: name[(dot + 1)...], as: UTF8.self).lowercased()
    }

    /// The path with every link resolved; nil if nothing is there.
    package var resolved: PathBytes? {
        guard !bytes.contains(0), let path = withCString({ realpath($0, nil) }) else { return nil }
        defer { free(path) }
        return PathBytes(cString: path)
    }

    /// The bytes before the zero.
    package init(cString: UnsafePointer<CChar>) {
        bytes = Array(UnsafeRawBufferPointer(start: cString, count: strlen(cString)))
    }
}

extension PathBytes: Comparable {
    package static func < (left: Self, right: Self) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }
}

extension PathBytes: CustomStringConvertible {
    package var description: String { text }
}

extension PathBytes: ExpressibleByStringLiteral {
    package init(stringLiteral text: String) { self.init(text) }
}
