/// Words as a shell reads them, for commands that people copy.
package enum ShellWord {
    /// A word that a POSIX shell takes for `text`; in quotes only where it must be.
    package static func quoted(_ text: String) -> String {
        let isPlain =
            !text.isEmpty && !text.hasPrefix("-")
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "/._-+=:@,%".utf8.contains(byte)
                }
            }
        guard !isPlain else { return text }
        let word =
            "'"
            + text.split(separator: "'", omittingEmptySubsequences: false)
            .joined(separator: #"'\''"#) + "'"
        // What begins with a dash would be taken for an option.
        return text.hasPrefix("-") ? "./" + word : word
    }
}
