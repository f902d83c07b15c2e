package import SpeechTypes

/// A way to make text of log-probabilities, and how a job asks for it.
package struct DecoderDescription: Sendable {
    /// Makes a factory for a vocabulary, and for what else the job has.
    package typealias Making =
        @Sendable (Vocabulary, DecoderArtefacts) throws(DecoderError) -> any CTCDecoderFactory

    /// What stands in `--decoder`.
    package let name: String
    /// What it does, in a few words for `--help`, settings included.
    package let help: String
    /// Checks the settings of a choice, all of which come from outside.
    ///
    /// - Throws: for a setting that is unknown or has an impossible value.
    package let configure: @Sendable (_ settings: [String: String]) throws(DecoderError) -> Making

    package init(
        name: String, help: String,
        configure: @escaping @Sendable (_ settings: [String: String]) throws(DecoderError) -> Making
    ) {
        self.name = name
        self.help = help
        self.configure = configure
    }
}

/// All decoders that there are: command line, job identity and engine look here and nowhere else.
package enum DecoderList {
    /// A new decoder is one line here.
    package static let all: [DecoderDescription] = [
        GreedyDecoder.description, BeamDecoder.description,
    ]

    /// What a choice asks for, its settings checked.
    ///
    /// - Throws: if there is no such decoder, or its settings are wrong.
    package static func configure(
        _ choice: DecoderChoice
    ) throws(DecoderError) -> DecoderDescription.Making {
        guard let found = all.first(where: { $0.name == choice.name }) else {
            let names = all.map(\.name).joined(separator: ", ")
            throw DecoderError(
                "there is no decoder \(choice.name) in this version; it has \(names)")
        }
        return try found.configure(choice.settings)
    }
}
