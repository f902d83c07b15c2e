package import Files

/// Why no model can be made of a text.
package enum ModelBuildError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The text is at fault, in words that follow the place.
    case text(String)
    /// What was asked for cannot be done with this text, and what would do.
    case impossible(String)
    case storage(FileError)

    package var description: String {
        switch self {
        case .text(let message), .impossible(let message): message
        case .storage(let error): error.description
        }
    }
}
