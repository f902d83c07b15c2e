/// The options as names and values: what identities, journals, reports and `welcome` hold.
extension RecognitionOptions {
    /// One option as a name and a value.
    package struct Field: Sendable {
        /// Lower case with underscores; it stands in identities and never changes.
        package let name: String
        /// The value that is not listed.
        ///
        /// It never changes either: an option whose usual value becomes another one gets another
        /// name.
        package let standard: String
        /// Whether identities of form 1 list the option.
        ///
        /// They list these and no others, with every value; an option that was added later has no
        /// place there.
        package let isOfForm1: Bool
        /// The option's value in words.
        package let read: @Sendable (RecognitionOptions) -> String
        /// Sets the option to a value in words; false if that is no value of it.
        let write: @Sendable (inout RecognitionOptions, String) -> Bool

        package init(
            name: String, standard: String, isOfForm1: Bool = false,
            read: @escaping @Sendable (RecognitionOptions) -> String,
            write: @escaping @Sendable (inout RecognitionOptions, String) -> Bool
        ) {
            self.name = name
            self.standard = standard
            self.isOfForm1 = isOfForm1
            self.read = read
            self.write = write
        }
    }

    /// Every option, sorted by name.
    ///
    /// A new one adds an entry here and nothing else: jobs that do not use it keep their
    /// identities.
    package static let allFields: [Field] = [
        Field(
            name: "align_match", standard: TextMatching.auto.rawValue,
            read: { ($0.alignment?.matching ?? .auto).rawValue }
        ) { options, value in
            TextMatching(rawValue: value).map { options.aligning.matching = $0 } != nil
        },
        Field(
            name: "align_normalizer", standard: TextNormalization.basic.rawValue,
            read: { ($0.alignment?.normalization ?? .basic).rawValue }
        ) { options, value in
            TextNormalization(rawValue: value).map { options.aligning.normalization = $0 } != nil
        },
        // The one of the three that stands in every job that aligns.
        Field(name: "align_text", standard: "", read: { $0.alignment?.textField ?? "" }) {
            options, value in
            guard !value.isEmpty else { return false }
            options.aligning.textField = value
            return true
        },
        Field(name: "allow_commands", standard: "off", read: { $0.runsCommands ? "on" : "off" }) {
            options, value in
            guard value == "on" || value == "off" else { return false }
            options.runsCommands = value == "on"
            return true
        },
        Field(
            name: "allow_sources", standard: "",
            read: { $0.allowedSources.joined(separator: " ") }
        ) { options, value in
            options.allowedSources = value.split(separator: " ").map { String($0) }
            return true
        },
        Field(name: "audio_features", standard: "", read: { $0.audioFeaturesSource ?? "" }) {
            options, value in
            options.audioFeaturesSource = value.isEmpty ? nil : value
            return true
        },
        Field(
            name: "blank_mode", standard: "add", isOfForm1: true, read: { $0.blankMode.rawValue }
        ) { options, value in
            BlankMode(rawValue: value).map { options.blankMode = $0 } != nil
        },
        Field(
            name: "blank_weight", standard: "0.0", isOfForm1: true,
            read: { String($0.blankWeight) }
        ) { options, value in
            guard let weight = Float(value), weight.isFinite else { return false }
            options.blankWeight = weight
            return true
        },
        Field(name: "calibrated", standard: "off", read: { $0.isCalibrated ? "on" : "off" }) {
            options, value in
            guard value == "on" || value == "off" else { return false }
            options.isCalibrated = value == "on"
            return true
        },
        Field(
            name: "channels", standard: "mix", isOfForm1: true, read: { $0.channels.text }
        ) { options, value in
            ChannelPolicy(value).map { options.channels = $0 } != nil
        },
        Field(
            name: "chunk", standard: "grid", isOfForm1: true, read: { $0.chunking.rawValue }
        ) { options, value in
            Chunking(rawValue: value).map { options.chunking = $0 } != nil
        },
        Field(name: "decoder", standard: "greedy", read: { $0.decoder.text }) { options, value in
            DecoderChoice(value).map { options.decoder = $0 } != nil
        },
        Field(name: "features", standard: "off", read: { $0.hasFeatures ? "on" : "off" }) {
            options, value in
            guard value == "on" || value == "off" else { return false }
            options.hasFeatures = value == "on"
            return true
        },
        Field(name: "hotwords_field", standard: "", read: { $0.hotwordsField ?? "" }) {
            options, value in
            options.hotwordsField = value.isEmpty ? nil : value
            return true
        },
        Field(
            name: "hourglass_padding", standard: "single", isOfForm1: true,
            read: { $0.hourglassPadding.rawValue }
        ) { options, value in
            HourglassPadding(rawValue: value).map { options.hourglassPadding = $0 } != nil
        },
        Field(name: "language_field", standard: "", read: { $0.languageField ?? "" }) {
            options, value in
            options.languageField = value.isEmpty ? nil : value
            return true
        },
        Field(name: "language_standard", standard: "", read: { $0.standardLanguage ?? "" }) {
            options, value in
            options.standardLanguage = value.isEmpty ? nil : value
            return true
        },
        Field(name: "logits", standard: "", read: { $0.logitsSource ?? "" }) { options, value in
            options.logitsSource = value.isEmpty ? nil : value
            return true
        },
        Field(name: "logits_format", standard: "f32", read: { $0.logitsFormat.rawValue }) {
            options, value in
            LogitsFormat(rawValue: value).map { options.logitsFormat = $0 } != nil
        },
        Field(
            name: "logits_shards", standard: "off", read: { $0.hasLogitsShards ? "on" : "off" }
        ) { options, value in
            guard value == "on" || value == "off" else { return false }
            options.hasLogitsShards = value == "on"
            return true
        },
        Field(name: "sample_rate", standard: "16000", read: { "\($0.sampleRate)" }) {
            options, value in
            guard let rate = Int(value), [8_000, 16_000].contains(rate) else { return false }
            options.sampleRate = rate
            return true
        },
        Field(
            name: "save_logits", standard: "", isOfForm1: true,
            read: { $0.logitsDirectory ?? "" }
        ) { options, value in
            options.logitsDirectory = value.isEmpty ? nil : value
            return true
        },
        Field(name: "segments_field", standard: "", read: { $0.segmentsField ?? "" }) {
            options, value in
            options.segmentsField = value.isEmpty ? nil : value
            return true
        },
        Field(name: "timestamps", standard: "none", read: { $0.timestamps.rawValue }) {
            options, value in
            Timestamps(rawValue: value).map { options.timestamps = $0 } != nil
        },
        Field(name: "turns", standard: "off", read: { $0.hasTurns ? "on" : "off" }) {
            options, value in
            guard value == "on" || value == "off" else { return false }
            options.hasTurns = value == "on"
            return true
        },
    ]

    /// What is aligned, for a value of it to be set.
    private var aligning: TextAlignmentOptions {
        get { alignment ?? TextAlignmentOptions() }
        set { alignment = newValue }
    }

    /// The options that are not what they usually are, as names and values, sorted by name.
    package var fields: [(name: String, value: String)] { fields(of: Self.allFields) }

    /// As ``fields``, of other options than there are; tests ask for made-up ones.
    package func fields(of all: [Field]) -> [(name: String, value: String)] {
        all.compactMap { field in
            let value = field.read(self)
            return value == field.standard ? nil : (field.name, value)
        }
    }

    /// The options that are not the same, in words: `timestamps is word, there none`.
    package func differences(from other: RecognitionOptions) -> [String] {
        Self.allFields.compactMap { field in
            let (own, there) = (field.read(self), field.read(other))
            return own == there ? nil : "\(field.name) is \(own), there \(there)"
        }
    }

    /// What identities of form 1 list: every option of that time, whatever its value.
    ///
    /// Nil if these options say something that form 1 has no words for.
    package var fieldsOfForm1: [(name: String, value: String)]? {
        guard fields.allSatisfy({ field in Self.isOfForm1(field.name) }) else { return nil }
        return Self.allFields.filter(\.isOfForm1).map { ($0.name, $0.read(self)) }
    }

    private static func isOfForm1(_ name: String) -> Bool {
        allFields.contains { $0.name == name && $0.isOfForm1 }
    }

    /// Reads what ``fields`` or ``fieldsOfForm1`` wrote; nil if a name or a value is unknown, for it
    /// might shape records.
    package init?(fields: [(name: String, value: String)]) {
        self.init()
        for (name, value) in fields {
            guard let field = Self.allFields.first(where: { $0.name == name }),
                field.write(&self, value)
            else { return nil }
        }
    }
}
