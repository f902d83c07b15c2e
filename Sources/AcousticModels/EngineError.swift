/// Why a batch has no result.
package struct EngineError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable {
        /// The log-probabilities of an utterance are not all finite.
        case notFinite
    }

    package let code: Code
    /// The utterance's index in the batch.
    package let utterance: Int
    package let message: String

    package init(_ code: Code, utterance: Int, _ message: String) {
        self.code = code
        self.utterance = utterance
        self.message = message
    }

    package var description: String { "utterance \(utterance) of the batch: \(message)" }
}
