internal import Checkpoints
internal import LanguageCodes
package import Manifests
package import SpeechTypes
internal import StrictJSON
internal import Threading

/// In which language each row of a job is read, where rows name theirs.
///
/// The model's own names and codes of ISO 639-1, 639-2 and 639-3 are understood; nothing is guessed.
package final class RowLanguages: Sendable {
    /// Why a row is not read.
    package struct Fault: Error {
        package let failureClass: FailureClass
        package let code: FailureCode
        package let detail: String
    }

    /// The member of a row that names its language.
    private let field: String
    /// Of rows that name none.
    private let standard: String?
    private let shelf: LanguageShelf?
    /// A recipe for the symbols of a language.
    private let recipe: @Sendable (Vocabulary) throws -> RecordRecipe
    private let state = Guarded(State())

    private struct State {
        /// By the model's names, without what takes the memory of a network.
        var recipes: [String: RecordRecipe] = [:]
        /// By what rows say.
        var matches: [String: LanguageMatch] = [:]
    }

    /// What rows say is looked up once; whoever writes more than this finds it looked up again.
    private static let matchesMax = 4_096
    /// Names are shorter than this.
    private static let shownMax = 100

    /// - Returns: nil where rows do not name their languages.
    /// - Parameters:
    ///   - shelf: of the job's model; nil where it keeps none apart, so that it has none that a row could name.
    ///   - recipe: makes that of a language, given its symbols.
    package init?(
        _ options: RecognitionOptions, shelf: LanguageShelf?,
        recipe: @escaping @Sendable (Vocabulary) throws -> RecordRecipe
    ) {
        guard let field = options.languageField else { return nil }
        self.field = field
        standard = options.standardLanguage
        self.shelf = shelf
        self.recipe = recipe
    }

    /// What a row is read with.
    package func recipe(of row: ManifestRow) throws(Fault) -> RecordRecipe {
        let name = try name(of: row)
        do {
            guard let language = try shelf?.language(name) else {
                throw unknown("the row names \(name)")
            }
            var own = try state.withLock { $0.recipes[name] } ?? recipe(language.vocabulary)
            state.withLock { $0.recipes[name] = own }
            own.language = language
            return own
        } catch let fault as Fault {
            throw fault
        } catch {
            throw Fault(failureClass: .engine, code: .quarantinedEngine, detail: "\(error)")
        }
    }

    /// The model's name for the language of a row.
    private func name(of row: ManifestRow) throws(Fault) -> String {
        guard let value = row.object[field], !value.isNull else {
            if let standard { return standard }
            throw unknown("the row has no \(field), and the job has no --language for such rows")
        }
        guard let asked = value.string, !asked.isEmpty, asked.utf8.count <= Self.shownMax else {
            throw unknown("\(field) must be a code of a language")
        }
        switch match(asked) {
        case .found(let name): return name
        case .several(let candidates):
            throw unknown(
                "\(field) is \(asked), which the model has in several forms: name one of "
                    + languageList(candidates))
        case .unknown(let similar):
            let hint = similar.isEmpty ? "" : "; alike are \(similar.joined(separator: ", "))"
            throw unknown("\(field) is \(asked)\(hint)")
        }
    }

    private func match(_ asked: String) -> LanguageMatch {
        if let known = state.withLock({ $0.matches[asked] }) { return known }
        let match = languageCode(asked, among: shelf?.names ?? [])
        state.withLock { state in
            if state.matches.count >= Self.matchesMax { state.matches = [:] }
            state.matches[asked] = match
        }
        return match
    }

    private func unknown(_ reason: String) -> Fault {
        let names = shelf?.names ?? []
        return Fault(
            failureClass: .input, code: .languageUnknown,
            detail: reason + ". "
                + (names.isEmpty
                    ? "The model keeps no languages apart" : "The model has \(languageList(names))")
        )
    }
}
