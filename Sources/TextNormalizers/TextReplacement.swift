/// A text that is put in the place of another, wherever that ends at the end of a word.
struct TextReplacement: Sendable {
    let pattern: ScalarText
    let replacement: ScalarText
    /// Also begins where a word begins.
    let beginsWord: Bool

    init(_ pattern: String, _ replacement: String) {
        self.pattern = ScalarText(pattern)
        self.replacement = ScalarText(replacement)
        beginsWord = self.pattern.first?.isWordCharacter == true && !pattern.hasPrefix("n'")
    }

    func applied(to text: ScalarText) -> ScalarText {
        guard let first = pattern.first, let start = text.firstIndex(of: first) else { return text }
        var result: ScalarText?
        var copied = 0
        var index = start
        while index < text.count {
            guard text[index] == first, text.has(pattern, at: index),
                text.isWordBoundary(index + pattern.count),
                !beginsWord || text.isWordBoundary(index)
            else {
                index += 1
                continue
            }
            result = (result ?? []) + text[copied..<index] + replacement
            index += pattern.count
            copied = index
        }
        guard let result else { return text }
        return result + text[copied...]
    }
}
