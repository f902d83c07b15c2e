package import ClusterRuntime
package import Digests
package import Logging
package import Processes
internal import SpeechTypes

/// What is to be checked of an output, and what the program lends for it.
package struct VerificationRequest {
    /// The output of a finished job.
    package var output: String
    /// The input, where it is not where it was.
    package var manifest: String?
    /// The model as the command line names it; nil for the one that the report names.
    package var model: String?
    /// The symbols of a fairseq checkpoint, as ``model``.
    package var labels: String?
    /// The language of a model that has several; nil for the one that the report names.
    package var language: String?
    /// How many rows are transcribed again; nil for the usual number, and none where no model is here.
    package var sample: SampleSize?
    /// All audio is decoded again.
    package var readsAudio = false
    /// Commands that a job's list has in the place of recordings are run again.
    package var allowsCommands = false
    /// What may be fetched again, a pattern each.
    package var allowedSources: [String] = []
    /// Services that lend keys of object stores are asked where there are none.
    package var asksForKeys = false
    /// Threads that decode audio.
    package var threadCount = 1
    /// Files of the job's artefacts beside its acoustic model, by their names, where they are not where
    /// they were.
    package var artefactPaths: [String: String] = [:]
    /// Opens a model for workers of an arithmetic class.
    package var openModel: (SampleModelRequest) throws -> SampleModel
    /// The signals of the process, which the small job of the sample takes over while it runs.
    package var signals: SignalWatch

    /// Is told what the workers of the sample say.
    package var logger = Logger.silent

    package init(
        output: String, signals: SignalWatch,
        openModel: @escaping (SampleModelRequest) throws -> SampleModel
    ) {
        self.output = output
        self.signals = signals
        self.openModel = openModel
    }

    /// Whether all of these may be fetched again.
    func allows(_ sources: [String]) -> Bool { sources.allSatisfy { allowedSources.contains($0) } }

    /// Why rows of a job with these options are not transcribed again; nil if they may be.
    func refusal(of options: RecognitionOptions) -> String? {
        if options.runsCommands, !allowsCommands {
            return "the job runs commands of its list; allow it with --allow-commands"
        }
        guard !allows(options.allowedSources) else { return nil }
        return "the job fetches audio; allow it with "
            + options.allowedSources.map { "--allow-source \($0)" }.joined(separator: " ")
    }
}

/// Which model transcribes a sample again.
package struct SampleModelRequest {
    /// A path or an `hf:` name.
    package var model: String
    package var labels: String?
    /// Of a model that has several, as a user wrote it.
    package var language: String?
    /// The class of the job.
    package var arithmetic: String
    /// Files of the job's other artefacts, by their names.
    package var artefactPaths: [String: String]
}

/// A model that transcribes a sample again.
package struct SampleModel {
    /// As it was named, for messages.
    package var name: String
    package var digest: ContentDigest
    /// Digests of the files beside it, by their names.
    package var furtherArtefacts: [String: ContentDigest] = [:]
    /// How a worker with this model is started.
    package var workers: LocalWorkersPlan

    package init(name: String, digest: ContentDigest, workers: LocalWorkersPlan) {
        self.name = name
        self.digest = digest
        self.workers = workers
    }
}

/// How many rows are transcribed again.
package enum SampleSize: Hashable, Sendable {
    case rows(Int)
    case all

    /// What is asked for where nothing is said: enough to notice another model or engine.
    package static let usual = SampleSize.rows(20)

    /// `all`, or a number from 0 on; nil for anything else.
    package init?(_ text: String) {
        if text == "all" {
            self = .all
        } else if let count = Int(text), count >= 0 {
            self = .rows(count)
        } else {
            return nil
        }
    }

    var count: Int {
        switch self {
        case .rows(let count): count
        case .all: .max
        }
    }
}

/// What keeps an output from being checked: a sentence, and the exit status that goes with it.
package struct VerificationError: Error, Hashable, Sendable, CustomStringConvertible {
    package let exitStatus: Int32
    package let description: String

    package init(_ exitStatus: Int32, _ description: String) {
        self.exitStatus = exitStatus
        self.description = description
    }
}
