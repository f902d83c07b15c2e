extension String {
    /// At most so many bytes of UTF-8, cut between characters.
    package func truncated(bytesMax: Int) -> String {
        guard utf8.count > bytesMax else { return self }
        var text = self
        while text.utf8.count > bytesMax { text.removeLast() }
        return text
    }
}
