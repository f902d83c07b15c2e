package import Files

/// Why a transcript cannot be exported: what, where, and what to do.
package struct ExportError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: Hashable, Sendable {
        /// A line of the output is no record that can be read.
        case invalidRecord
        /// The format needs something that the records do not have.
        case missing
        /// The format cannot say what a record says.
        case unspeakable
        /// A file is in the way.
        case exists
        /// The disk refuses to be written.
        case storage
        /// A file cannot be read.
        case unreadable
    }

    package let code: Code
    package let description: String

    package init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }

    package init(_ code: Code, _ error: FileError) {
        self.init(code, error.description)
    }

    package static func sameID(
        _ id: String, lines first: Int, _ second: Int, _ format: String
    ) -> ExportError {
        ExportError(
            .unspeakable,
            "lines \(first) and \(second) have the same id \(id), and \(format) needs one of its own "
                + "for each; mend the ids, or leave them out")
    }

    static func missingWords(line: Int, format: String) -> ExportError {
        ExportError(
            .missing,
            "line \(line) has no word_timestamps, which \(format) needs; transcribe with "
                + "--timestamps word, or choose a format without word times, such as stm")
    }
}
