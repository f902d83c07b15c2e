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
    private var fresh: RestartingLayer?

    private static let context = Int(ck_speech_context)
    private static let silence = [Float](repeating: 0, count: context)
    private static let noState = [Float](repeating: 0, count: 2 * Int(ck_speech_hidden))
    /// Frames that are computed in one step.
    private static let framesAtOnce = 8 * Int(ck_speech_batch)

    /// - Parameter framesToRestart: after how many frames a second recurrent layer begins anew, whose
    ///   probability counts where it is greater. Nil for what Silero's package says. That grows deaf: after
    ///   music, or in a steady hiss, it says of clear speech for minutes that it is none. The layers
    ///   before, which are most of the work, are computed once.
    package init(
        _ network: SpeechNetwork, restartingAfter framesToRestart: Int? = nil,
        on instructionSet: InstructionSet = InstructionSet.availableHere.last ?? .portable
    ) {
        self.network = network
        self.instructionSet = instructionSet
        fresh = framesToRestart.map { RestartingLayer(framesToRestart: $0) }
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
            fresh?.restart()
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
                        fresh?.raise(target + start, set, network, gates, count)
                    }
                }
            }
        }
        return probabilities
    }
}

/// A recurrent layer that begins anew after a fixed number of frames, so that it cannot grow deaf.
private struct RestartingLayer {
    let framesToRestart: Int
    /// Frames since it began.
    private var heard = 0
    private var state = Self.noState
    private static let noState = [Float](repeating: 0, count: 2 * Int(ck_speech_hidden))

    init(framesToRestart: Int) {
        precondition(framesToRestart > 0, "a layer hears a frame before it begins anew")
        self.framesToRestart = framesToRestart
    }

    mutating func restart() {
        heard = 0
        state = Self.noState
    }

    /// Raises the probabilities of so many frames to its own, where these are greater.
    mutating func raise(
        _ probabilities: UnsafeMutablePointer<Float>, _ set: ck_instruction_set,
        _ network: UnsafePointer<ck_speech_network>, _ gates: UnsafePointer<Float>, _ count: Int
    ) {
        let width = 4 * Int(ck_speech_hidden)
        var own = [Float](repeating: 0, count: count)
        var done = 0
        while done < count {
            let some = min(count - done, framesToRestart - heard)
            own.withUnsafeMutableBufferPointer { own in
                guard let target = own.baseAddress else { return }
                ck_speech_probabilities(
                    set, network, gates + done * width, some, &state, target + done)
            }
            done += some
            heard += some
            if heard == framesToRestart { restart() }
        }
        for frame in 0..<count { probabilities[frame] = max(probabilities[frame], own[frame]) }
    }
}

extension InstructionSet {
    fileprivate var speechKernels: ck_instruction_set {
        switch self {
        case .portable: ck_portable
        case .neon: ck_neon
        case .avx2, .avxvnni: ck_avx2
        case .avx512, .amx: ck_avx512
        }
    }
}
