internal import CKernels
package import Tensors

/// How probable it is that somebody speaks, for each 32 ms of one stream of audio.
///
/// A value: streams are independent of each other, and a copy goes on by itself. How the samples were cut
/// into pieces, the thread and the instruction set show in no bit. Holds less than a second of audio.
package struct SpeechDetector: Sendable {
    private let network: SpeechNetwork
    private let instructionSet: InstructionSet
    /// Samples that were heard before the next frame, and what has come of it and those after it.
    private var samples = silence
    /// Output and cell of the recurrent layer.
    private var state = Self.noState

    private static let context = Int(ck_speech_context)
    private static let silence = [Float](repeating: 0, count: context)
    private static let noState = [Float](repeating: 0, count: 2 * Int(ck_speech_hidden))
    /// Frames that are computed in one step.
    private static let framesAtOnce = 8 * Int(ck_speech_batch)

    package init(
        _ network: SpeechNetwork,
        on instructionSet: InstructionSet = InstructionSet.availableHere.last ?? .portable
    ) {
        self.network = network
        self.instructionSet = instructionSet
    }

    /// Takes the next samples, 1 being full scale, and gives the probabilities of the frames that they
    /// complete.
    package mutating func append(_ more: some Collection<Float>) -> [Float] {
        samples.append(contentsOf: more)
        let frames = (samples.count - Self.context) / SpeechNetwork.samplesPerFrame
        guard frames > 0 else { return [] }
        let probabilities = compute(frames)
        samples.removeFirst(frames * SpeechNetwork.samplesPerFrame)
        return probabilities
    }

    /// Ends the stream, and gives the probability of a last frame that is not whole: silence follows it.
    ///
    /// What is appended afterwards is another stream.
    package mutating func finish() -> [Float] {
        defer {
            samples = Self.silence
            state = Self.noState
        }
        let left = samples.count - Self.context
        guard left > 0 else { return [] }
        samples += [Float](repeating: 0, count: SpeechNetwork.samplesPerFrame - left)
        return compute(1)
    }

    private mutating func compute(_ frames: Int) -> [Float] {
        let width = 4 * Int(ck_speech_hidden)
        let atOnce = min(frames, Self.framesAtOnce)
        var gates = [Float](repeating: 0, count: atOnce * width)
        var scratch = [Float](repeating: 0, count: Int(ck_speech_scratch))
        var probabilities = [Float](repeating: 0, count: frames)
        let set = instructionSet.speechKernels
        network.withKernelWeights { network in
            samples.withUnsafeBufferPointer { samples in
                probabilities.withUnsafeMutableBufferPointer { probabilities in
                    guard let heard = samples.baseAddress, let target = probabilities.baseAddress
                    else { return }
                    for start in stride(from: 0, to: frames, by: atOnce) {
                        let count = min(atOnce, frames - start)
                        ck_speech_gates(
                            set, network, heard + start * SpeechNetwork.samplesPerFrame, count,
                            &scratch, &gates)
                        ck_speech_probabilities(
                            set, network, gates, count, &state, target + start)
                    }
                }
            }
        }
        return probabilities
    }
}

extension InstructionSet {
    fileprivate var speechKernels: ck_instruction_set {
        switch self {
        case .portable: ck_portable
        case .avx2: ck_avx2
        case .avx512: ck_avx512
        }
    }
}
