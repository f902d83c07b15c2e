/// How a job puts known texts on their audio.
package struct TextAlignmentOptions: Hashable, Sendable {
    /// The member of a row that holds its text, where no `text_filepath` names a file.
    package var textField: String
    package var matching: TextMatching
    package var normalization: TextNormalization

    package init(
        textField: String = standardTextField, matching: TextMatching = .auto,
        normalization: TextNormalization = .basic
    ) {
        self.textField = textField
        self.matching = matching
        self.normalization = normalization
    }

    package static let standardTextField = "text"
    /// The member of a row that names the file of its text.
    package static let fileField = "text_filepath"
}

/// How strictly a text is held to be what is said.
package enum TextMatching: String, CaseIterable, Hashable, Sendable {
    /// `exact` for one line of text in the row, `loose` for a text of its own file or of several lines.
    case auto
    /// Every letter of the text is put on the audio.
    case exact
    /// Words may have no audio, and audio may have no words.
    case loose
    /// Every line of the text is put on the audio, whole; what is between lines is passed over.
    case lines
}

/// What is done to a text before it is spelled with a model's symbols, by name.
package enum TextNormalization: String, CaseIterable, Hashable, Sendable {
    /// White space divides words; every other character has to be a symbol of the model.
    case none
    /// The case that the vocabulary has; typographic apostrophes become plain ones; punctuation that is
    /// not spoken divides words, except an apostrophe between letters.
    case basic
    /// As `basic`; besides, Latin letters lose marks that the vocabulary does not have: é is read as e.
    case latin
}
