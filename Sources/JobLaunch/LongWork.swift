package import Checkpoints
internal import ClusterRuntime
package import DecoderFiles
package import Digests
internal import Glibc
package import ModelLoading
package import Processes
package import SpeechTypes
package import Threading

/// What every command has while it runs: signals that end it at once and in order, and a line on
/// standard error about what takes long.
package enum LongWork {
    /// The process's signals: at first they end it at once; a job's loop takes them over.
    package static let signals = Result { () throws(RuntimeError) in
        let watch = try SignalWatch(ignoresBrokenPipes: false)
        let display = ProgressLine()
        try display.start(showing: .shared)
        try watch.endAtOnce {
            // Nothing is said where nothing long is being done, or a job shows its own progress.
            guard let name = WorkMeter.shared.reading?.name else { return display.clearAtEnd() }
            display.say("interrupted while \(name); the same command goes on, or begins again")
        }
        shown.withLock { $0 = display }
        return watch
    }

    private static let shown = Guarded<ProgressLine?>(nil)

    /// Shows no progress from now on.
    package static func beQuiet() { shown.withLock { $0 }?.beQuiet() }

    /// Runs `body`, which takes long, under a name that says what is being done.
    package static func named<Value, Failure: Error>(
        _ name: String, _ unit: WorkMeter.Unit, total: Int = 0,
        _ body: () throws(Failure) -> Value
    ) throws(Failure) -> Value {
        WorkMeter.shared.begin(name, unit, total: total)
        defer { end() }
        return try body()
    }

    /// The digest that names a model; reads all of it the first time.
    package static func digest(of model: LoadedModel) throws(CheckpointError) -> ContentDigest {
        try named("reading \(model.path)", .bytes) { () throws(CheckpointError) in
            try model.digest()
        }
    }

    /// The same of what a job reads log-probabilities with.
    package static func digest(of model: RecognitionModel) throws(CheckpointError) -> ContentDigest
    {
        switch model {
        case .network(let loaded): try digest(of: loaded)
        case .alphabet(let alphabet): alphabet.digest
        }
    }

    /// What tells the files of a decoder from others; reads all of them the first time.
    package static func artefacts(
        of files: DecoderFileSet
    ) throws(DecoderFileError) -> [ArtefactFile] {
        guard !files.paths.isEmpty else { return [] }
        return try named("reading the files of the decoder", .bytes) {
            () throws(DecoderFileError) in try files.artefacts()
        }
    }

    /// Nothing long is being done; the line is taken away.
    package static func end() {
        WorkMeter.shared.end()
        shown.withLock { $0 }?.clear()
    }
}
