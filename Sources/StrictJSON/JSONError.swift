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
    /// The key of the outermost object whose value it is in; nil outside of values.
    package private(set) var key: String?
    /// What was found and what would do.
    package let message: String

    package init(_ code: Code, at offset: Int, _ message: String) {
        self.code = code
        self.offset = offset
        self.message = message
    }

    /// The same, met in the value of `key`.
    func inside(_ key: String) -> JSONError {
        var error = self
        error.key = key
        return error
    }

    package var description: String { "\(message) (byte \(offset))" }
}
