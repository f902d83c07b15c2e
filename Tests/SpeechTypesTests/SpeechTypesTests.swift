import Digests
import SpeechTypes
import Testing

@Suite("Shared nouns")
struct SpeechTypesTests {
    @Test("options read back from their fields")
    func optionFields() throws {
        var options = RecognitionOptions()
        options.channels = .index(3)
        options.blankWeight = -1.5
        options.blankMode = .set
        options.decoder = DecoderChoice(name: "beam", settings: ["width": "50"])
        options.chunking = .off
        options.hourglassPadding = .batch
        options.logitsDirectory = "/tmp/logits"
        #expect(RecognitionOptions(fields: options.fields) == options)
        #expect(RecognitionOptions(fields: RecognitionOptions().fields) == RecognitionOptions())
    }

    @Test("options that are as usual are not listed, in identities of form 1 all are")
    func sparseFields() throws {
        var options = RecognitionOptions()
        #expect(options.fields.isEmpty)
        options.chunking = .off
        #expect(options.fields.map(\.name) == ["chunk"] && options.fields[0].value == "off")
        let full = try #require(options.fieldsOfForm1)
        #expect(
            full.map { "\($0.name)=\($0.value)" } == [
                "blank_mode=add", "blank_weight=0.0", "channels=mix", "chunk=off",
                "hourglass_padding=single", "save_logits=",
            ])
        #expect(RecognitionOptions(fields: full) == options)
    }

    @Test(
        "an option that is added later leaves identities alone where it is as usual, and only there"
    )
    func laterOption() {
        func digest(speed: String?) -> ContentDigest {
            let later = speed.map { speed in
                RecognitionOptions.Field(name: "speed", standard: "usual", read: { _ in speed }) {
                    _, _ in true
                }
            }
            let all = RecognitionOptions.allFields + [later].compactMap(\.self)
            return TranscriptRecipe.digest(
                artefacts: SHA256Hasher.digest(of: [1]),
                optionFields: RecognitionOptions().fields(of: all))
        }
        #expect(digest(speed: "usual") == digest(speed: nil))
        #expect(digest(speed: "double") != digest(speed: nil))
    }

    @Test("a further artefact changes the recipe, and a recipe without one is what it was")
    func furtherArtefact() {
        let model = SHA256Hasher.digest(of: Array("model".utf8))
        let plain = TranscriptRecipe(
            artefacts: ModelArtefacts(acousticModel: model), options: RecognitionOptions())
        // Pinned: another value would make every job another one.
        #expect(
            plain.digest.hex == "2aa3b9b76b95c8e9da4f9144c2112ec7996589b13323a385e944c0c9112fd686")
        var other = plain
        other.artefacts.further["language_model"] = SHA256Hasher.digest(of: [2])
        #expect(other.digest != plain.digest)
        other.artefacts.further = [:]
        #expect(other == plain && other.digest == plain.digest)
    }

    @Test("an unknown option or value is refused, for it might shape records")
    func unknownOptions() {
        #expect(RecognitionOptions(fields: [("speed", "high")]) == nil)
        #expect(RecognitionOptions(fields: [("blank_mode", "subtract")]) == nil)
        #expect(RecognitionOptions(fields: [("blank_weight", "inf")]) == nil)
    }

    @Test("names of options are sorted, so that their canonical form is one")
    func optionOrder() {
        let names = RecognitionOptions.allFields.map(\.name)
        #expect(names == names.sorted())
    }

    @Test("channel policies read back", arguments: ["mix", "first", "each", "row", "0", "7"])
    func channelPolicies(text: String) {
        #expect(ChannelPolicy(text)?.text == text)
    }

    @Test("what is no channel policy is nil", arguments: ["", "left", "-1", "1024", "1.5"])
    func notChannelPolicies(text: String) {
        #expect(ChannelPolicy(text) == nil)
    }

    @Test("frames follow from samples as the convolutions make them")
    func frames() {
        func layered(_ samples: Int) -> Int {
            var length = samples
            for (kernel, stride) in [(10, 5), (3, 2), (3, 2), (3, 2), (3, 2), (2, 2), (2, 2)] {
                guard length >= kernel else { return 0 }
                length = (length - kernel) / stride + 1
            }
            return length
        }
        for samples in Array(0..<3_000) + [595_280, 595_599, 595_600, 1 << 26] {
            #expect(FrameClock.wav2vec2.frames(ofSamples: samples) == layered(samples))
        }
        #expect(
            FrameClock.wav2vec2.frames(ofSamples: FrameClock.wav2vec2.samples(ofFrames: 1_860))
                == 1_860)
    }

    @Test("every code has a status and a sentence of its own")
    func failureCodes() {
        let messages = Set(FailureCode.allCases.map(\.message))
        #expect(messages.count == FailureCode.allCases.count)
        #expect(FailureCode.quarantinedCrash.status == .quarantined)
        #expect(FailureCode.audioEmpty.status == .rejected)
    }
}
