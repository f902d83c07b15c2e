internal import Foundation
internal import MelFeatures
internal import Testing

@Suite("Log-mel features") struct MelFeaturesTests {
    /// A float32 array of NumPy's: its values, and how many there are in the last axis.
    private func array(_ name: String) throws -> (values: [Float], width: Int) {
        let path = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Fixtures/golden/zoo/\(name).npy")
        let bytes = [UInt8](try Data(contentsOf: path))
        let length = Int(bytes[8]) | Int(bytes[9]) << 8
        let header = String(decoding: bytes[10..<10 + length], as: UTF8.self)
        #expect(header.contains("'<f4'"))
        let shape = try #require(header.firstMatch(of: /\(([0-9, ]+)\)/)).1
            .split { !$0.isNumber }.compactMap { Int($0) }
        let values = stride(from: 10 + length, to: bytes.count, by: 4).map { place in
            Float(bitPattern: (0..<4).reduce(0) { $0 | UInt32(bytes[place + $1]) << (8 * $1) })
        }
        return (values, try #require(shape.last))
    }

    private func features(_ name: String, _ utterance: Int) throws -> (
        found: MelFeatures, expected: [Float], width: Int
    ) {
        let samples = try array("\(name)/inputs/utt\(utterance)").values
        let expected = try array("\(name)/expected/single_\(utterance)/input_features")
        let found = try samples.withUnsafeBufferPointer {
            try #require(
                name.contains("parakeet") ? ParakeetFrontEnd()($0) : KaldiFrontEnd()($0))
        }
        return (found, expected.values, expected.width)
    }

    @Test(
        "features are those of transformers' extractors, a very quiet utterance among them",
        arguments: ["hf_w2v_bert_adapter", "hf_parakeet_ctc"], [1, 2])
    func golden(name: String, utterance: Int) throws {
        let (found, expected, width) = try features(name, utterance)
        #expect(found.width == width && found.values.count == expected.count)
        let worst = zip(found.values, expected).map { abs($0 - $1) }.max() ?? 1
        // The references' transforms are rounded to float32.
        #expect(worst < (name.contains("parakeet") ? 4.8e-4 : 2e-4), "\(worst)")
    }

    @Test("a row of two frames is valid where both are of audio") func validRows() throws {
        // 187 and 147 frames after 400 samples are one more.
        let kaldi = KaldiFrontEnd(paddingValue: 1)
        for (samples, rows, valid) in [(560, 1, 1), (719, 1, 1), (720, 2, 1), (880, 2, 2)] {
            let noise = (0..<samples).map { Float(($0 * 7_919) % 1_000) / 1_000 - 0.5 }
            let found = try #require(noise.withUnsafeBufferPointer { kaldi($0) })
            #expect(found.rows == rows && found.validRows == valid, "\(samples)")
            #expect(KaldiFrontEnd.rows(ofSamples: samples) == rows)
            if valid < rows { #expect(found.values.suffix(80).allSatisfy { $0 == 1 }) }
        }
    }

    @Test("the last frame of Parakeet's features is zero") func lastFrame() throws {
        let front = ParakeetFrontEnd()
        let noise = (0..<1_600).map { Float(($0 * 7_919) % 1_000) / 1_000 - 0.5 }
        let found = try #require(noise.withUnsafeBufferPointer { front($0) })
        #expect(found.rows == 11 && found.validRows == 10)
        #expect(front.rows(ofSamples: 1_600) == 11)
        #expect(found.values.suffix(80).allSatisfy { $0 == 0 })
        #expect(found.values.prefix(800).contains { $0 != 0 })
    }

    @Test("a single frame of Parakeet's, which has no spread, is zero") func singleFrame() throws {
        let noise = (0..<319).map { Float(($0 * 7_919) % 1_000) / 1_000 - 0.5 }
        let found = try #require(noise.withUnsafeBufferPointer { ParakeetFrontEnd()($0) })
        #expect(found.rows == 2 && found.validRows == 1)
        #expect(found.values.allSatisfy { $0 == 0 })
    }

    @Test(
        "samples that are not finite make features that are not", arguments: [Float.nan, .infinity])
    func notFinite(sample: Float) {
        var samples = [Float](repeating: 0.1, count: 4_000)
        samples[1_234] = sample
        samples.withUnsafeBufferPointer { samples in
            for found in [KaldiFrontEnd()(samples), ParakeetFrontEnd()(samples)] {
                #expect(found?.values.first?.isFinite == false)
            }
        }
    }

    @Test("what is too short to have a spread has no features; silence has finite ones")
    func extremes() {
        let silence = [Float](repeating: 0, count: 16_000)
        silence.withUnsafeBufferPointer { samples in
            let short = UnsafeBufferPointer(rebasing: samples[..<559])
            #expect(KaldiFrontEnd()(short) == nil)
            #expect(KaldiFrontEnd.rows(ofSamples: 559) == 0)
            #expect(ParakeetFrontEnd()(UnsafeBufferPointer(rebasing: samples[..<159])) == nil)
            for found in [KaldiFrontEnd()(samples), ParakeetFrontEnd()(samples)] {
                #expect(found?.values.allSatisfy(\.isFinite) == true)
            }
        }
    }

    @Test("settings that cannot be computed are named") func settings() {
        let wrong: [(ParakeetFrontEnd.Settings, String)] = [
            (changed { $0.transformSize = 500 }, "n_fft"),
            (changed { $0.transformSize = 1 << 20 }, "n_fft"),
            (changed { $0.hopSamples = 0 }, "hop_length"),
            (changed { $0.windowSamples = 513 }, "win_length"),
            (changed { $0.bins = 0 }, "feature_size"),
            (changed { $0.preemphasis = .nan }, "preemphasis"),
        ]
        #expect(ParakeetFrontEnd.Settings().problem == nil)
        for (settings, name) in wrong { #expect(settings.problem?.contains(name) == true) }
    }

    private func changed(
        _ change: (inout ParakeetFrontEnd.Settings) -> Void
    ) -> ParakeetFrontEnd.Settings {
        var settings = ParakeetFrontEnd.Settings()
        change(&settings)
        return settings
    }
}
