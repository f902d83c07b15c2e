package import ClusterProtocol
package import Digests
package import ModelLoading
package import SpeechTypes
package import Tensors
package import Transcription

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
            let model = try SpeechModel(network, backend: backend)
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
    package func identity(slot: String) -> WorkerIdentity {
        var random = SystemRandomNumberGenerator()
        let instance = (0..<16).map { _ in UInt8.random(in: 0...255, using: &random) }
        return WorkerIdentity(
            slot: slot, instance: Hexadecimal.text(instance), build: Version.text,
            modelDigest: digest, engineNumber: SpeechModel.engineNumber,
            arithmetic: arithmetic.description,
            arithmeticClasses: ComputeBackend.classesHere(like: arithmetic),
            canaryDigest: canaryDigest, cores: share.threadCount, memoryBytes: share.memoryBytes,
            speed: speed * share.threadCount)
    }

    /// What does the rows of a job with these options.
    package func transcriber(
        options: RecognitionOptions, paths: AudioPathPolicy
    ) -> any RowTranscriber {
        switch kind {
        case .network(let model):
            TranscriptionPipeline(
                model: model, options: options, paths: paths,
                resources: share.resources(of: model, for: options))
        case .alphabet(let alphabet):
            StoredLogitsPipeline(
                vocabulary: alphabet.vocabulary, samplesPerFrame: alphabet.samplesPerFrame,
                options: options, paths: paths, threads: share.threadCount,
                memoryBytes: share.memoryBytes)
        }
    }
}
