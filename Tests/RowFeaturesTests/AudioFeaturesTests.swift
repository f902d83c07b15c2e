internal import Foundation
internal import RowFeatures
internal import Testing

@Suite("Features of samples")
struct AudioFeaturesTests {
    private static func features(_ samples: [Float]) -> [String: String] {
        var features = AudioFeatures()
        features.append(samples)
        return texts(features)
    }

    private static func texts(_ features: AudioFeatures) -> [String: String] {
        Dictionary(uniqueKeysWithValues: features.fields.map { ($0.name, $0.text) })
    }

    private static func sine(_ hertz: Double, _ amplitude: Double, samples: Int) -> [Float] {
        (0..<samples).map { Float(amplitude * sin(2 * .pi * hertz * Double($0) / 16_000)) }
    }

    @Test("the level is that of the mean square, down to -120 dBFS")
    func levelIsOfTheMeanSquare() {
        #expect(Self.features([Float](repeating: 0.5, count: 1_000))["level_dbfs"] == "-6.02")
        #expect(Self.features([Float](repeating: -1, count: 1_000))["level_dbfs"] == "0.00")
        #expect(Self.features(Self.sine(500, 1, samples: 16_000))["level_dbfs"] == "-3.01")
        #expect(Self.features([Float](repeating: 0, count: 1_000))["level_dbfs"] == "-120.00")
        #expect(Self.features([.nan, .infinity])["level_dbfs"] != nil)
    }

    @Test("samples of 0.99 of full scale and more are clipped")
    func clippedSamplesAreCounted() {
        let samples: [Float] = [0.2, 0.99, -1, 0.98, 1.5, 0, 0, 0]
        #expect(Self.features(samples)["clipped_share"] == "0.375000")
    }

    @Test("windows 30 dB below the loud tenth are silent, and those below -60 dBFS")
    func silenceIsRelativeAndAbsolute() {
        // Ten windows at -6 dBFS, five at -34, five at -40: 28 and 34 dB below.
        let loud = [Float](repeating: 0.5, count: 3_200)
        let quiet = [Float](repeating: 0.02, count: 1_600)
        let silent = [Float](repeating: 0.01, count: 1_600)
        #expect(Self.features(loud + quiet + silent)["silence_share"] == "0.250000")
        // All of it is one level, but below -60 dBFS.
        #expect(
            Self.features([Float](repeating: 0.0009, count: 640))["silence_share"] == "1.000000")
        #expect(
            Self.features([Float](repeating: 0.0011, count: 640))["silence_share"] == "0.000000")
        // One window of twenty is less than the loud tenth.
        let click = [Float](repeating: 0.9, count: 320)
        let rest = [Float](repeating: 0.01, count: 19 * 320)
        #expect(Self.features(click + rest)["silence_share"] == "0.000000")
    }

    @Test("the last window may be shorter than the others")
    func shortWindowsCount() {
        let samples = [Float](repeating: 0.5, count: 320) + [Float](repeating: 0, count: 10)
        #expect(Self.features(samples)["silence_share"] == "0.500000")
    }

    @Test(
        "the bandwidth of a tone is its frequency and the next bin of Hann's window",
        arguments: [(1_000.0, "1031"), (3_000, "3031"), (6_500, "6531")])
    func bandwidthOfATone(hertz: Double, expected: String) {
        #expect(Self.features(Self.sine(hertz, 0.5, samples: 32_768))["bandwidth_hz"] == expected)
    }

    @Test("a weak tone above a strong one counts from a thousandth of the energy on")
    func bandwidthHasAThreshold() {
        func both(_ weak: Double) -> String? {
            let low = Self.sine(1_000, 0.5, samples: 32_768)
            let high = Self.sine(7_000, 0.5 * weak, samples: 32_768)
            return Self.features(zip(low, high).map { $0 + $1 })["bandwidth_hz"]
        }
        // The square of the amplitudes' ratio is 1/400, then 1/2500.
        #expect(both(0.05) == "7000")
        #expect(both(0.02) == "1031")
    }

    @Test("silence and direct current have no bandwidth")
    func silenceHasNoBandwidth() {
        #expect(Self.features([Float](repeating: 0, count: 4_000))["bandwidth_hz"] == "0")
        #expect(Self.features([])["bandwidth_hz"] == "null")
        #expect(Self.features([])["silence_share"] == "null")
    }

    @Test("white noise reaches to the end of the band")
    func noiseHasTheWholeBand() throws {
        var state: UInt32 = 1
        let noise = (0..<64_000).map { _ -> Float in
            state = state &* 1_664_525 &+ 1_013_904_223
            return Float(state >> 8) / Float(1 << 24) - 0.5
        }
        let hertz = try #require(Self.features(noise)["bandwidth_hz"].flatMap { Int($0) })
        #expect(hertz >= 7_950)
    }

    @Test("nothing depends on how samples were read")
    func readsDoNotMatter() {
        var state: UInt32 = 7
        let samples = (0..<20_011).map { _ -> Float in
            state = state &* 1_664_525 &+ 1_013_904_223
            return Float(state >> 8) / Float(1 << 24) - 0.5
        }
        var whole = AudioFeatures()
        whole.append(samples)
        for step in [1, 317, 4_096] {
            var parts = AudioFeatures()
            for start in stride(from: 0, to: samples.count, by: step) {
                parts.append(Array(samples[start...].prefix(step)))
            }
            #expect(parts == whole)
        }
    }
}
