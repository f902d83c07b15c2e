/// Why a file for a decoder cannot be used: which file, where in it, and what would do.
package struct DecoderFileError: Error, Hashable, Sendable, CustomStringConvertible {
    package let path: String
    /// From 1; nil where it is the whole file.
    package let line: Int?
    package let message: String

    package init(_ path: String, line: Int? = nil, _ message: String) {
        self.path = path
        self.line = line
        self.message = message
    }

    package var description: String {
        "\(path)\(line.map { ", line \($0)" } ?? ""): \(message)"
    }
}
