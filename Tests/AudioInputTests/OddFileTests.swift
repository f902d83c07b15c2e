import AudioFormats
import AudioInput
import SpeechTypes
import Testing

@Suite("Damaged, degenerate and odd files") struct OddFileTests {
    /// What must become of a file.
    enum Outcome: Sendable {
        /// So many source frames decode, with a warning that says so.
        case decodes(Int, warning: String = "")
        case fails(FailureCode)
    }

    static let table: [(file: String, outcome: Outcome)] = [
        ("truncated_half.flac", .fails(.audioDamaged)),
        ("flipped_byte.flac", .fails(.audioDamaged)),
        ("bad_magic.flac", .fails(.audioUnsupported)),
        ("wav_named.flac", .decodes(52_400)),
        ("flac_named.wav", .decodes(52_400)),
        ("truncated_data.wav", .decodes(34_926, warning: "cut short")),
        ("streamed_sizes_ffffffff.wav", .decodes(52_400)),
        ("streamed_sizes_zero.wav", .decodes(52_400)),
        ("odd_chunks_before_fmt.wav", .decodes(52_400)),
        ("trailing_garbage.wav", .decodes(52_400, warning: "belong to no chunk")),
        ("odd_byte_count.wav", .decodes(52_399)),
        ("header_only.wav", .fails(.audioEmpty)),
        ("empty.wav", .fails(.audioEmpty)),
        ("text.wav", .fails(.audioUnsupported)),
        ("one_sample.wav", .decodes(1)),
        ("399_samples.wav", .decodes(399)),
        ("400_samples.wav", .decodes(400)),
        ("silence_3s.wav", .decodes(48_000)),
        ("dc_1s.wav", .decodes(16_000)),
        ("tone_440hz_1s.wav", .decodes(16_000)),
        ("noise_1s.wav", .decodes(16_000)),
        ("nan_inf_f32.wav", .fails(.audioNotFinite)),
        ("clipped_x20.wav", .decodes(52_400)),
        ("very_quiet.wav", .decodes(52_400)),
        ("zero_channels.wav", .fails(.audioDamaged)),
        ("zero_rate.wav", .fails(.audioSampleRate)),
        ("unknown_codec.wav", .fails(.audioUnsupported)),
        ("truncated.mp3", .decodes(34_031, warning: "cut short")),
        ("id3_and_junk.mp3", .decodes(52_400)),
        ("truncated.opus", .decodes(15_896, warning: "cut short")),
        ("bad_page_crc.opus", .fails(.audioDamaged)),
        ("upstream_pocketsphinx_awful.wav", .fails(.audioSampleRate)),
        ("upstream_pocketsphinx_bad.wav", .fails(.audioUnsupported)),
        ("upstream_pocketsphinx_evil.wav", .fails(.audioUnsupported)),
        ("upstream_pocketsphinx_null.wav", .fails(.audioEmpty)),
        ("upstream_azure_missing_wav_header.wav", .fails(.audioUnsupported)),
        ("upstream_aeneas_bad_last_frame.flac", .fails(.audioDamaged)),
    ]

    @Test("each is refused with its code, or decoded with its warning", arguments: table)
    func oddFile(file: String, outcome: Outcome) throws {
        let path = AudioFixtures.path("malformed/\(file)")
        switch outcome {
        case .fails(let code):
            let error = try #require(AudioFixtures.failure(path))
            #expect(error.code == code, "\(error)")
            #expect(error.failureClass == .input)
            #expect(error.path == path)
            #expect(!error.detail.isEmpty)
        case .decodes(let frames, let warning):
            let (_, rate, summary) = try AudioFixtures.read(path)
            let found = try #require(summary)
            #expect(found.decodedSeconds == Double(frames) / Double(rate))
            #expect(found.warnings.isEmpty == warning.isEmpty, "\(found.warnings)")
            #expect(found.warnings.allSatisfy { $0.contains(warning) })
        }
    }
}
