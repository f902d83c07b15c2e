/// Reads `[before,(shortened,factor),after]`, as training scripts state the hourglass.
package enum HourglassSchedule {
    /// The numbers in `text`, whatever its white space; nil if it is something else.
    package static func parse(
        _ text: String
    ) -> (before: Int, shortened: Int, factor: Int, after: Int)? {
        guard text.utf8.count <= 256 else { return nil }
        var tokens = ListTokens(text)
        guard tokens.consume("["), let before = tokens.number(), tokens.consume(","),
            tokens.consumeOpening(), let shortened = tokens.number(), tokens.consume(","),
            let factor = tokens.number(), tokens.consumeClosing(), tokens.consume(","),
            let after = tokens.number(), tokens.consume("]"), tokens.isAtEnd
        else { return nil }
        return (before, shortened, factor, after)
    }
}

extension ListTokens {
    /// The inner pair is a tuple, or a list once it went through JSON.
    fileprivate mutating func consumeOpening() -> Bool { consume("(") || consume("[") }
    fileprivate mutating func consumeClosing() -> Bool { consume(")") || consume("]") }
}
