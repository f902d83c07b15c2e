/// Which channels of a recording are transcribed.
package enum ChannelPolicy: Hashable, Sendable {
    /// The arithmetic mean of all channels, as NVIDIA's implementation does.
    case mix
    /// The first channel.
    case first
    /// One channel, counted from 0.
    case index(Int)
    /// Every channel on its own; the record lists them.
    case each
    /// The channel that the row names in `channel`, where the recording has several; without one, their
    /// mean.
    case row

    /// Reads `mix`, `first`, `each`, `row` or a channel number from 0.
    package init?(_ text: String) {
        switch text {
        case "mix": self = .mix
        case "first": self = .first
        case "each": self = .each
        case "row": self = .row
        default:
            guard let index = Int(text), (0..<1024).contains(index) else { return nil }
            self = .index(index)
        }
    }

    /// What it comes to for one row: never ``row``.
    ///
    /// A recording of one channel is that of its row, whichever number it had where it was cut from.
    ///
    /// - Parameters:
    ///   - channel: the one that the row names; nil if it names none.
    ///   - channelCount: of the recording.
    package func resolved(channel: Int?, channelCount: Int) -> ChannelPolicy {
        guard self == .row else { return self }
        guard let channel, channelCount > 1 else { return .mix }
        return .index(channel)
    }

    /// The text that the initialiser reads.
    package var text: String {
        switch self {
        case .mix: "mix"
        case .first: "first"
        case .index(let index): String(index)
        case .each: "each"
        case .row: "row"
        }
    }
}
