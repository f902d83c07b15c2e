package import SpeechTypes

/// How a beam search scores and prunes; the defaults are pyctcdecode's.
///
/// Scores are natural logarithms. docs/decoding.md explains each setting.
package struct BeamSettings: Hashable, Sendable {
    /// What a language model's words are.
    package enum Unit: String, Hashable, Sendable, CaseIterable {
        /// Words where the alphabet has a word delimiter, else symbols.
        case auto
        case word
        /// Each symbol of the alphabet is a word of the model: characters, or pieces of words.
        case symbol
    }

    /// Where the list of known words comes from.
    package enum Unigrams: String, Hashable, Sendable, CaseIterable {
        /// From the model where its file has its words.
        case auto
        case none
        case list
    }

    /// Prefixes that are kept from frame to frame.
    package var width = 100
    /// Weight of the language model.
    package var alpha = 0.5
    /// What each word adds.
    package var beta = 1.5
    /// Added to log10 of the probability of a word that is not known.
    package var unknownOffset = -10.0
    /// A text begins after `<s>` and ends with `</s>`.
    package var scoresBoundary = true
    /// Prefixes that are this much worse than the best one are dropped; nil: none are.
    package var pruneLog: Double? = -10
    /// Classes below this log-probability are not tried, unless it is the best one; nil: all are.
    package var tokenMinLog: Double? = -5
    /// Keeps one prefix of those with the same words as far back as the model looks.
    package var prunesHistory = false
    /// Readings of a lane in its transcript.
    package var readings = 1
    /// Scores as pyctcdecode does (with a lexicon: as flashlight does) where that is only an accident.
    package var isCompatible = false
    package var unigrams = Unigrams.auto
    /// The ways that give one text are added; else the best one counts.
    package var addsWays = true
    /// Beginnings of a lexicon's words get the best score of the words that are left.
    package var looksAhead = true
    /// What a word beside the lexicon gets in place of ``beta``; nil: there are none.
    package var unknownWordScore: Double?
    package var unit = Unit.auto

    /// Limits of what a decoder may be asked for: its memory and its time grow with them.
    package static let widthMax = 10_000
    package static let readingsMax = 1_000

    package init() {}

    /// Reads the settings of a choice.
    ///
    /// - Throws: for a setting that is unknown or out of its range.
    package init(_ settings: [String: String]) throws(DecoderError) {
        for (name, value) in settings.sorted(by: { $0.key < $1.key }) {
            guard let setting = Self.all.first(where: { $0.name == name }) else {
                let names = Self.all.map(\.name).joined(separator: ", ")
                throw DecoderError("the decoder beam has no setting \(name); it has \(names)")
            }
            guard setting.read(value, &self) else {
                throw DecoderError(
                    "the setting \(name) of the decoder beam is \(setting.range), not \(value)")
            }
        }
    }

    /// The choice that asks for these settings: those that differ from the defaults, in one spelling.
    package var choice: DecoderChoice {
        let standard = BeamSettings()
        var settings: [String: String] = [:]
        for setting in Self.all {
            let text = setting.text(self)
            if text != setting.text(standard) { settings[setting.name] = text }
        }
        return DecoderChoice(name: BeamDecoder.name, settings: settings)
    }
}

extension BeamSettings {
    /// One setting: its name in a choice, and how its value is written.
    private struct Setting: Sendable {
        let name: String
        /// What values there are, in words.
        let range: String
        /// False for a value that is none.
        let read: @Sendable (String, inout BeamSettings) -> Bool
        let text: @Sendable (BeamSettings) -> String
    }

    private static let all: [Setting] = [
        number("alpha", 0...1_000, \.alpha),
        whole("beam", 1...widthMax, \.width),
        optional("beam_prune_logp", \.pruneLog),
        number("beta", -1_000...1_000, \.beta),
        flag("compatible", \.isCompatible),
        flag("lm_score_boundary", \.scoresBoundary),
        flag("log_add", \.addsWays),
        flag("lookahead", \.looksAhead),
        whole("nbest", 1...readingsMax, \.readings),
        flag("prune_history", \.prunesHistory),
        optional("token_min_logp", \.tokenMinLog),
        choice("unigrams", \.unigrams),
        choice("unit", \.unit),
        optional("unk_score", \.unknownWordScore),
        number("unk_score_offset", -1_000...1_000, \.unknownOffset),
    ]

    private static func number(
        _ name: String, _ range: ClosedRange<Double>,
        _ path: any WritableKeyPath<BeamSettings, Double> & Sendable
    ) -> Setting {
        Setting(
            name: name,
            range: "a number from \(text(range.lowerBound)) to \(text(range.upperBound))"
        ) {
            guard let value = Double($0), range.contains(value) else { return false }
            $1[keyPath: path] = value
            return true
        } text: {
            text($0[keyPath: path])
        }
    }

    private static func whole(
        _ name: String, _ range: ClosedRange<Int>,
        _ path: any WritableKeyPath<BeamSettings, Int> & Sendable
    ) -> Setting {
        Setting(name: name, range: "a whole number from \(range.lowerBound) to \(range.upperBound)")
        {
            guard let value = Int($0), range.contains(value) else { return false }
            $1[keyPath: path] = value
            return true
        } text: {
            String($0[keyPath: path])
        }
    }

    private static func optional(
        _ name: String, _ path: any WritableKeyPath<BeamSettings, Double?> & Sendable
    ) -> Setting {
        Setting(name: name, range: "a number from -1000000 to 0, or off") {
            if $0 == "off" {
                $1[keyPath: path] = nil
                return true
            }
            guard let value = Double($0), (-1_000_000...0).contains(value) else { return false }
            $1[keyPath: path] = value
            return true
        } text: {
            $0[keyPath: path].map(text) ?? "off"
        }
    }

    private static func flag(
        _ name: String, _ path: any WritableKeyPath<BeamSettings, Bool> & Sendable
    ) -> Setting {
        Setting(name: name, range: "on or off") {
            guard $0 == "on" || $0 == "off" else { return false }
            $1[keyPath: path] = $0 == "on"
            return true
        } text: {
            $0[keyPath: path] ? "on" : "off"
        }
    }

    private static func choice<Value: RawRepresentable<String> & CaseIterable & Sendable>(
        _ name: String, _ path: any WritableKeyPath<BeamSettings, Value> & Sendable
    ) -> Setting {
        let names = Value.allCases.map(\.rawValue).joined(separator: ", ")
        return Setting(name: name, range: "one of \(names)") {
            guard let value = Value(rawValue: $0) else { return false }
            $1[keyPath: path] = value
            return true
        } text: {
            $0[keyPath: path].rawValue
        }
    }

    /// Without a fraction where there is none, so that 1 and 1.0 are one choice.
    private static func text(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : "\(value)"
    }
}
