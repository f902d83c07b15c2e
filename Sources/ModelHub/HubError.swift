/// Why a model could not be fetched: what, where, and the remedy.
package struct HubError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable {
        case invalidReference
        /// Nothing may be downloaded, and the cache does not have it.
        case offline
        /// The hub cannot be reached, or broke off more often than is retried.
        case network
        /// The hub asks who is there (401), or says no (403).
        case forbidden
        case notFound
        /// The repository has no model that can be read here.
        case unusable
        /// What arrived is not what was announced.
        case checksum
        /// The cache cannot be written: full, read-only or not ours.
        case storage
        /// The hub answered in a way that is not understood.
        case unexpected
    }

    package let code: Code
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
