/// Why some bytes are not a message of this protocol.
package struct ProtocolError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable {
        case tooShort
        case tooLarge
        case magic
        /// Another major version; its sender deserves `rejected(version)`.
        case version
        case kind
        case header
        case checksum
        case json
        /// A field is missing, of the wrong type or out of bounds.
        case field
        case payload
    }

    package let code: Code
    /// What was found and what would do.
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
