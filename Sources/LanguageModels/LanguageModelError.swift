/// Why a language model cannot be used.
package struct LanguageModelError: Error, Hashable, Sendable, CustomStringConvertible {
    package let path: String
    /// Where in the file: `line 7`, `byte 108`; empty where it is the whole file.
    package let place: String
    /// What was found, and what would do.
    package let message: String

    init(_ path: String, place: String = "", _ message: String) {
        self.path = path
        self.place = place
        self.message = message
    }

    package var description: String {
        place.isEmpty ? "\(path): \(message)" : "\(path), \(place): \(message)"
    }
}
