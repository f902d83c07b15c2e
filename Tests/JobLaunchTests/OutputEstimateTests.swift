internal import JobLaunch
internal import SpeechTypes
internal import Testing

@Suite("How large an output will be") struct OutputEstimateTests {
    @Test("word times take at most 110 bytes a word beside the word")
    func words() {
        let hour = OutputEstimate(rows: 1, rowBytes: 100, milliseconds: 3_600_000, times: .word)
        let without = OutputEstimate(rows: 1, rowBytes: 100, milliseconds: 3_600_000, times: .none)
        // An hour has 9,000 words of five letters.
        #expect(hour.outputBytes - without.outputBytes == 9_000 * (110 + 5))
        #expect(without.outputBytes > 9_000 * 6)
        // A frame beyond an hour, and a time of as many digits.
        let item =
            #"{"word":"","start_offset":4320000,"end_offset":4320000,"start":86400.000,"end":86400.000,"confidence":0.9312},"#
        #expect(item.utf8.count <= OutputEstimate.timesBytesMax)
    }

    @Test("rows count in the output as they are, and each has a place in the journal")
    func rows() {
        let some = OutputEstimate(rows: 1_000, rowBytes: 300_000, milliseconds: 0, times: .none)
        #expect(some.outputBytes > 300_000 && some.journalBytes < 300_000)
        #expect(some.journalBytes > 1_000 * 100)
        let chars = OutputEstimate(rows: 0, rowBytes: 0, milliseconds: 1_000, times: .char)
        let word = OutputEstimate(rows: 0, rowBytes: 0, milliseconds: 1_000, times: .word)
        #expect(chars.outputBytes > 5 * word.outputBytes)
    }

    @Test("features take a line for each row, beside the output and in the journal")
    func features() {
        func estimate(_ hasFeatures: Bool) -> OutputEstimate {
            OutputEstimate(
                rows: 1_000, rowBytes: 100_000, milliseconds: 5_000_000, times: .word,
                hasFeatures: hasFeatures)
        }
        #expect(estimate(false).featuresBytes == 0)
        #expect(estimate(true).featuresBytes == 400_000)
        #expect(estimate(true).outputBytes == estimate(false).outputBytes)
        #expect(estimate(true).journalBytes == estimate(false).journalBytes + 400_000)
        // As manifests/README.md shows one, with numbers of as many digits as there can be.
        let line =
            #"{"row":10000000,"status":"transcribed","mean_posterior":0.997325,"least_posterior":0.982382,"#
            + #""mean_margin":0.995450,"least_margin":0.970074,"mean_entropy":0.018076,"#
            + #""greatest_entropy":0.107328,"blank_share":0.571429,"symbols_per_second":13.4228,"#
            + #""repetition":0.000000,"silence_share":0.000000,"clipped_share":0.000000,"#
            + #""level_dbfs":-121.03,"bandwidth_hz":8000}"#
        #expect(line.utf8.count < OutputEstimate.featuresBytesMax)
    }

    @Test(
        "sizes are rounded up, in units that people know",
        arguments: [
            (0, "0.0 kB"), (1, "0.1 kB"), (1_000, "1.0 kB"), (9_951, "10 kB"), (10_001, "11 kB"),
            (999_501, "1.0 MB"), (1_234_567, "1.3 MB"), (98_700_000_000, "99 GB"),
            (2_500_000_000_000, "2.5 TB"), (9_000_000_000_000_000, "9000 TB"),
        ])
    func text(bytes: Int, expected: String) {
        #expect(OutputEstimate.text(bytes) == expected)
    }
}
