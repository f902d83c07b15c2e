internal import Glibc
internal import Logging
package import ModelLoading
internal import Processes

/// Which model a command is for, as its line names it.
package struct ModelRequest: Sendable {
    /// A file, a folder, or `hf:OWNER/NAME`; nil for the bundled model.
    package var name: String?
    /// The symbols of a fairseq checkpoint.
    package var labels: String?
    /// Of a model that has several, as a user wrote it; nil for the model's own.
    package var language: String?
    /// A hub gives the language model that it has beside the acoustic one, too.
    package var takesLanguageModel = false

    package init(name: String?, labels: String?, language: String? = nil) {
        self.name = name
        self.labels = labels
        self.language = language
    }

    /// The model's files on this machine: downloaded if a hub has them, the bundled one by default.
    ///
    /// - Parameter isQuiet: no notice about the bundled model, no progress of a download.
    /// - Throws: ``CommandFailure`` if there is no such model, or the hub does not give it.
    package func path(isQuiet: Bool) throws -> String {
        guard let name else {
            guard let bundled = BundledModel.path else {
                throw CommandFailure(
                    ExitStatus.usage,
                    "no --model given, and the bundled one (models/digits-en) is not near this "
                        + "program; give --model PATH or --model hf:OWNER/NAME")
            }
            if !isQuiet {
                ProgramLog.logger.tell(
                    .notice,
                    "no --model given: using the bundled model for English digits, a "
                        + "demonstration; see models/README.md for real ones")
            }
            return bundled
        }
        return try HubModel.path(
            of: name, withLanguageModel: takesLanguageModel, language: language, isQuiet: isQuiet)
    }

    /// The model at `path`, described but not yet in memory.
    ///
    /// - Parameter isQuiet: no word about oddities of the checkpoint.
    /// - Throws: what the files of the model are refused for.
    package func load(_ path: String, isQuiet: Bool) throws -> LoadedModel {
        let model = try ModelLoader.load(
            path: path, labelsPath: labels, language: language)
        if !isQuiet {
            for warning in model.warnings {
                ProgramLog.logger.warning("\(warning)", metadata: ["model": "\(path)"])
            }
        }
        return model
    }

    /// What a job reads log-probabilities with: the model at `path`, or the alphabet that it is.
    ///
    /// - Throws: what its files are refused for.
    package func loadForJob(_ path: String, isQuiet: Bool) throws -> RecognitionModel {
        guard labels == nil, language == nil, Alphabet.isAlphabet(path) else {
            return .network(try load(path, isQuiet: isQuiet))
        }
        return .alphabet(try Alphabet(path: path))
    }
}
