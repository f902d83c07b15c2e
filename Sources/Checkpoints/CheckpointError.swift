/// Why a checkpoint cannot be used: what, where, and what would help.
package struct CheckpointError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable {
        /// The file or folder cannot be opened or mapped.
        case unreadable
        /// The bytes are of no container that is known here.
        case unknownFormat
        /// The container breaks its own rules: truncated, overlapping, out of bounds.
        case damaged
        /// Something larger or deeper than any real checkpoint.
        case overLimit
        /// A tensor that the architecture needs is not there.
        case missingTensor
        /// A tensor has another shape or type than the architecture says.
        case wrongShape
        /// A tensor that the architecture has no place for.
        case surplusTensor
        /// NaN or infinite weights.
        case notFinite
        /// A valid checkpoint of a kind that cannot transcribe.
        case refused
    }

    package let code: Code
    package let path: String
    package let tensor: String?
    package let message: String

    package init(_ code: Code, path: String, tensor: String? = nil, _ message: String) {
        self.code = code
        self.path = path
        self.tensor = tensor
        self.message = message
    }

    package var description: String {
        let place = tensor.map { "\(path), tensor \($0)" } ?? path
        return "\(place): \(message)"
    }
}
