package import SpeechTypes

/// Why a recording cannot be used: the code that the record carries, and a sentence for the report.
package struct AudioError: Error, Hashable, Sendable, CustomStringConvertible {
    package let code: FailureCode
    /// `.input` where the file itself is at fault, `.source` where another try may succeed.
    package let failureClass: FailureClass
    /// The file, as it was named.
    package let path: String
    /// What was found, with numbers, and what would do.
    package let detail: String

    package init(
        _ code: FailureCode, _ path: String, _ detail: String,
        class failureClass: FailureClass = .input
    ) {
        self.code = code
        self.failureClass = failureClass
        self.path = path
        self.detail = detail
    }

    package var description: String { "\(path): \(detail)" }
}
