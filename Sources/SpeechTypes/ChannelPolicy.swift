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

    /// Reads `mix`, `first`, `each` or a channel number from 0.
    package init?(_ text: String) {
        switch text {
        case "mix": self = .mix
        case "first": self = .first
        case "each": self = .each
        default:
            guard let index = Int(text), (0..<1024).contains(index) else { return nil }
            self = .index(index)
        }
    }

    /// The text that the initialiser reads.
    package var text: String {
        switch self {
        case .mix: "mix"
        case .first: "first"
        case .index(let index): String(index)
        case .each: "each"
        }
    }
}
