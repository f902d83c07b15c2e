/// Why some bytes are not the JSON that is accepted here.
package struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: Hashable, Sendable {
        case invalidUTF8
        case syntax
        case duplicateKey
        case tooDeep
        case tooLarge
    }

    package let code: Code
    /// Where, in bytes from the start.
    package let offset: Int
    /// What was found and what would do.
    package let message: String

    package init(_ code: Code, at offset: Int, _ message: String) {
        self.code = code
        self.offset = offset
        self.message = message
    }

    package var description: String { "\(message) (byte \(offset))" }
}
