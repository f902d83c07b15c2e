import Checkpoints
import Foundation
import Tensors
import Testing
import Threading
import VoiceActivity

@Suite("Finding speech")
struct SpeechDetectorTests {
    @Test("probabilities are those of Silero's package, on every instruction set")
    func agreesWithSilero() throws {
        let network = try SileroFixture.network()
        let fixture = try SileroFixture.shared.get()
        #expect(fixture.cases.count == 17)
        for set in InstructionSet.availableHere {
            for recording in fixture.cases {
                let found = Self.probabilities(network, recording.samples, on: set)
                try #require(found.count == recording.probabilities.count, "\(recording.name)")
                let difference = zip(found, recording.probabilities).map {
                    abs(Double($0) - $1)
                }.max()
                #expect(try #require(difference) < 1e-4, "\(recording.name), \(set)")
            }
        }
    }

    @Test("the kernels give the same bits on every instruction set")
    func setsAgree() throws {
        let network = try SileroFixture.network()
        let samples = try #require(
            SileroFixture.shared.get().cases.first { $0.name == "all of them" }?.samples)
        let portable = Self.probabilities(network, samples, on: .portable)
        for set in InstructionSet.availableHere {
            #expect(Self.probabilities(network, samples, on: set) == portable, "\(set)")
        }
    }

    @Test("kernels and plain loops agree")
    func agreesWithReference() throws {
        let tensors = try SpeechNetworkTensors.read(SileroFixture.weights.get())
        let reference = try ReferenceSpeechNetwork(tensors)
        let network = try SpeechNetwork(tensors)
        let samples = Array(try SileroFixture.recording("arctic").prefix(24_000))
        let expected = reference.probabilities(samples)
        let found = Self.probabilities(network, samples, on: .portable)
        try #require(found.count == expected.count)
        for (mine, other) in zip(found, expected) { #expect(abs(Double(mine) - other) < 1e-5) }
    }

    @Test("how samples are cut into pieces shows in no bit")
    func piecesDoNotShow() throws {
        let network = try SileroFixture.network()
        let samples = try SileroFixture.recording("read")
        let whole = Self.probabilities(network, samples)
        for (seed, longest) in [(1, 7), (2, 300), (3, 5_000), (4, 70_000)] {
            var numbers = SeededNumbers(seed: UInt64(seed))
            var detector = SpeechDetector(network)
            var found: [Float] = []
            for piece in samples.randomPieces(upTo: longest, &numbers) {
                found += detector.append(piece)
            }
            #expect(found + detector.finish() == whole, "pieces up to \(longest), seed \(seed)")
        }
    }

    @Test("a layer that begins anew counts where it hears more, and pieces show in no bit")
    func beginsAnew() throws {
        let network = try SileroFixture.network()
        let frames = 7
        let blockSize = frames * SpeechNetwork.samplesPerFrame
        var samples = Array(try SileroFixture.recording("read").prefix(40 * blockSize))
        // So that a block sounds after another as it does at the beginning of a stream.
        for end in stride(from: blockSize, through: samples.count, by: blockSize) {
            for index in end - 64..<end { samples[index] = 0 }
        }
        let lasting = Self.probabilities(network, samples)
        let anew = stride(from: 0, to: samples.count, by: blockSize).flatMap {
            Self.probabilities(
                network, Array(samples[$0..<min($0 + blockSize, samples.count)]))
        }
        let expected = zip(lasting, anew).map { max($0, $1) }
        #expect(expected != lasting && expected != anew)
        for longest in [300, 5_000, 70_000] {
            var numbers = SeededNumbers(seed: 3)
            var detector = SpeechDetector(network, restartingAfter: frames)
            // Once more: what has ended begins anew too.
            for _ in 0..<2 {
                var found: [Float] = []
                for piece in samples.randomPieces(upTo: longest, &numbers) {
                    found += detector.append(piece)
                }
                #expect(found + detector.finish() == expected, "pieces up to \(longest)")
            }
        }
    }

    @Test("streams do not disturb each other, and one that has ended begins anew")
    func streamsAreIndependent() throws {
        let network = try SileroFixture.network()
        let first = try SileroFixture.recording("read")
        let second = try SileroFixture.recording("noise")
        var detectors = [SpeechDetector(network), SpeechDetector(network)]
        var found: [[Float]] = [[], []]
        for start in stride(from: 0, to: second.count, by: 1_000) {
            found[0] += detectors[0].append(first[start..<start + 1_000])
            found[1] += detectors[1].append(second[start..<min(start + 1_000, second.count)])
        }
        found[0] += detectors[0].append(first[second.count...])
        for stream in 0...1 { found[stream] += detectors[stream].finish() }
        #expect(found[0] == Self.probabilities(network, first))
        #expect(found[1] == Self.probabilities(network, second))
        #expect(detectors[0].append(second) + detectors[0].finish() == found[1])
    }

    @Test("samples that are no numbers, or far beyond full scale, spoil nothing that follows")
    func survivesOddSamples() throws {
        let network = try SileroFixture.network()
        let speech = try SileroFixture.recording("read")
        let odd: [Float] = [.nan, .infinity, -.infinity, 3e38, -3e38]
        let spoiled = (0..<5_120).map { odd[$0 % odd.count] }
        let found = Self.probabilities(network, spoiled + speech)
        #expect(found.allSatisfy { (0...1).contains($0) })
        let clean = Self.probabilities(network, speech)
        #expect(abs((found.last ?? 0) - (clean.last ?? 1)) < 0.05)
        #expect(found.dropFirst(10).max() ?? 0 > 0.9)
    }

    @Test("the mode in which a thread computes shows in no bit")
    func threadModeDoesNotShow() throws {
        let network = try SileroFixture.network()
        // Numbers so small that their squares are denormal.
        let samples = try SileroFixture.recording("arctic").map { $0 * 1e-20 }
        let plain = Self.probabilities(network, samples)
        let prepared = Guarded<[Float]>([])
        // A thread of its own: others are not to compute in its mode.
        try DedicatedThread {
            ComputeThread.prepare()
            let found = Self.probabilities(network, samples)
            prepared.withLock { $0 = found }
        }.join()
        #expect(prepared.withLock { $0 } == plain)
    }

    @Test("weights of another file are refused by name, and so is what is no Fourier transform")
    func otherWeightsAreRefused() throws {
        let file = try SileroFixture.weights.get()
        var bytes = file.copy(0..<file.count)
        bytes[bytes.count - 1] ^= 1
        let error = #expect(throws: CheckpointError.self) {
            _ = try SpeechNetwork(FileBytes(bytes, path: "other.safetensors"))
        }
        #expect(error?.code == .refused)
        #expect(error?.description.contains("models/silero-vad") == true)

        struct Spoiled: WeightSource {
            let tensors: CheckpointTensors
            func contains(_ name: String) -> Bool { tensors.contains(name) }
            func floats(_ name: String, shape: [Int]) throws(CheckpointError) -> [Float] {
                var floats = try tensors.floats(name, shape: shape)
                if name == "stft_conv.weight" { floats[12_345] += 0.01 }
                return floats
            }
        }
        let spoiled = Spoiled(tensors: try SpeechNetworkTensors.read(file))
        #expect(throws: CheckpointError.self) { _ = try SpeechNetwork(spoiled) }
    }

    static func probabilities(
        _ network: SpeechNetwork, _ samples: [Float], on set: InstructionSet? = nil
    ) -> [Float] {
        var detector =
            set.map { SpeechDetector(network, on: $0) } ?? SpeechDetector(network)
        return detector.append(samples) + detector.finish()
    }
}
