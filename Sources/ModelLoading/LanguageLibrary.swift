package import Checkpoints

/// The languages of a model that was opened with several of them; each is opened when it is asked for.
package struct LanguageLibrary: Sendable {
    package typealias Opening = @Sendable (String) throws(CheckpointError) -> LoadedModel

    /// As the model calls them, in its order.
    package let names: [String]
    /// Symbols of the largest alphabet, about.
    package let classesMax: Int
    /// The model in one of these languages, as if it had been opened with that alone.
    package let open: Opening

    package init(names: [String], classesMax: Int, open: @escaping Opening) {
        self.names = names
        self.classesMax = classesMax
        self.open = open
    }

    /// Why a model that keeps no languages apart is refused where a language is named.
    static func noChoice(_ language: String) -> String {
        "has no languages to choose from; leave --language \(language) out (and --language-field, where rows "
            + "name their languages)"
    }
}

extension RecognitionModel {
    /// What the model calls a language that rows may be read in.
    ///
    /// - Throws: `refused` with the languages that there are.
    package func languageName(_ asked: String) throws(CheckpointError) -> String {
        var names: [String] = []
        if case .network(let model) = self {
            names = model.library?.names ?? model.language.map { [$0] } ?? []
        }
        return try ModelLanguages.find(asked, among: names, path: path)
    }
}
