package import AudioPlaces
internal import CTCDecoding
internal import CalibratedRecords
internal import Certification
package import ClusterProtocol
package import DecoderFiles
package import Digests
internal import Logging
package import ModelLoading
package import SpeechTypes
package import Tensors
internal import Threading
internal import Transcription
internal import WeightCache

/// The files of a worker's decoder: those that its command names, or those that it found for its job.
package struct WorkerFiles {
    package private(set) var files: DecoderFileSet
    private let search: ArtefactSearch

    /// - Parameters:
    ///   - roots: folders below which files are looked for.
    ///   - model: whose own folder is looked at, too.
    package init(named files: DecoderFileSet, roots: [String], model: RecognitionModel) {
        self.files = files
        var roots = roots
        if case .network(let loaded) = model, ProcessorFolder.hasLanguageModel(loaded.folder) {
            roots.append("\(loaded.folder)/\(ProcessorFolder.languageModelFolder)")
        }
        search = ArtefactSearch(named: files, roots: roots)
    }

    /// What the worker says of them.
    package func artefacts() throws -> [ArtefactFile] { try LongWork.artefacts(of: files) }

    /// Takes the files that a job needs, in place of those that were named.
    ///
    /// - Returns: false if they are not here, or are the same.
    package mutating func find(_ needed: [ArtefactFile]) throws -> Bool {
        let before = try artefacts().digests
        let found = LongWork.named("looking for the files of the decoder", .bytes) {
            search.files(for: needed)
        }
        guard found.paths.count == needed.count, needed.digests != before else { return false }
        files = found
        return true
    }
}

/// What a worker transcribes with: a network in memory, or the alphabet of stored log-probabilities.
package struct WorkerEngine: Sendable {
    private enum Kind {
        case network(SpeechModel)
        case alphabet(Alphabet)
    }

    private let kind: Kind
    private let share: MachineShare
    package let digest: ContentDigest
    package let arithmetic: ArithmeticClass
    package let canaryDigest: ContentDigest
    /// Audio milliseconds that one thread does in a second.
    package let speed: Int

    /// Alphabets are read at about this speed, whatever machine it is: a thousand hours an hour.
    private static let speedOfAlphabet = 1_000_000

    /// Brings the model into memory, and computes the canary's clip.
    ///
    /// - Throws: what the model is refused for, or memory that is too little for it.
    package init(
        _ loaded: RecognitionModel, backend: ComputeBackend, share: MachineShare
    ) throws {
        self.share = share
        arithmetic = backend.arithmetic
        switch loaded {
        case .network(let network):
            let model = try SpeechModel(
                network, backend: backend,
                cache: .ofThisMachine(backend) { ProgramLog.tellAtOnce(.warning, $0) })
            CertifiedBackend.ofThisMachine().remember(backend)
            MachineResources.giveMemoryBack()
            let canary = try Canary(model)
            try share.checkMemory(for: model)
            kind = .network(model)
            digest = model.digest
            canaryDigest = canary.digest
            speed = canary.speed
        case .alphabet(let alphabet):
            kind = .alphabet(alphabet)
            digest = alphabet.digest
            canaryDigest = alphabet.digest
            speed = Self.speedOfAlphabet
        }
    }

    /// What this worker says of itself to a coordinator.
    ///
    /// - Parameter files: of its decoder.
    package func identity(slot: String, files: [ArtefactFile] = []) -> WorkerIdentity {
        var random = SystemRandomNumberGenerator()
        let instance = (0..<16).map { _ in UInt8.random(in: 0...255, using: &random) }
        return WorkerIdentity(
            slot: slot, instance: Hexadecimal.text(instance), build: Version.text,
            modelDigest: digest, engineNumber: SpeechModel.engineNumber,
            arithmetic: arithmetic.description,
            arithmeticClasses: Self.classesHere(like: arithmetic),
            canaryDigest: canaryDigest, cores: share.threadCount, memoryBytes: share.memoryBytes,
            speed: speed * share.threadCount, furtherArtefacts: files.digests,
            computesSpans: computesSpans)
    }

    /// What this worker could be started with: classes that failed here are not among it.
    private static func classesHere(like arithmetic: ArithmeticClass) -> [String] {
        let certified = CertifiedBackend.ofThisMachine()
        return ComputeBackend.classesHere(like: arithmetic)
            .filter { $0 == arithmetic || !certified.isRefused($0) }.map(\.description)
    }

    /// Whether it computes spans of rows that several workers share: those are of audio.
    private var computesSpans: Bool {
        if case .network = kind { true } else { false }
    }

    /// What does the rows of a job with these options.
    ///
    /// - Parameter files: what the job takes besides the model.
    /// - Throws: what a file is refused for; and if the job looks for speech, and what finds it is not
    ///   there.
    package func transcriber(
        options: RecognitionOptions, files: DecoderFileSet, paths: AudioPathPolicy
    ) throws -> any RowTranscriber {
        let artefacts = try files.load()
        let calibration =
            options.isCalibrated
            ? try files.paths[.calibration].map { try LaneCalibration(path: $0) } : nil
        switch kind {
        case .network(let model):
            return TranscriptionPipeline(
                model: model, options: options, artefacts: artefacts, paths: paths,
                resources: share.resources(of: model, for: options, artefacts),
                speechNetwork: options.chunking == .speech ? try BundledModel.speechNetwork() : nil,
                calibration: calibration)
        case .alphabet(let alphabet):
            return StoredLogitsPipeline(
                vocabulary: alphabet.vocabulary, samplesPerFrame: alphabet.samplesPerFrame,
                options: options, artefacts: artefacts, calibration: calibration, paths: paths,
                threads: share.threadCount, memoryBytes: share.memoryBytes)
        }
    }
}
