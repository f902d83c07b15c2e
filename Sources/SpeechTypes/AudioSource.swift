/// A recording, or a span of one.
package struct AudioSource: Hashable, Sendable {
    /// The file, as a path that the reading process can open.
    package var path: String
    /// Where the span begins, in seconds from the start of the file.
    package var offsetSeconds: Double
    /// How long the span is, in seconds; nil means to the end of the file.
    package var durationSeconds: Double?
    /// The channel that the row is about, counted from 0, for ``ChannelPolicy/row``.
    package var channel: Int?

    package init(
        path: String, offsetSeconds: Double = 0, durationSeconds: Double? = nil,
        channel: Int? = nil
    ) {
        self.path = path
        self.offsetSeconds = offsetSeconds
        self.durationSeconds = durationSeconds
        self.channel = channel
    }
}
