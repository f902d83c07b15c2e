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

    @Test("an unknown option or value is refused, for it might shape records")
    func unknownOptions() {
        #expect(RecognitionOptions(fields: [("speed", "high")]) == nil)
        #expect(RecognitionOptions(fields: [("blank_mode", "subtract")]) == nil)
        #expect(RecognitionOptions(fields: [("blank_weight", "inf")]) == nil)
    }

    @Test("names of options are sorted, so that their canonical form is one")
    func optionOrder() {
        let names = RecognitionOptions().fields.map(\.name)
        #expect(names == names.sorted())
    }

    @Test("channel policies read back", arguments: ["mix", "first", "each", "0", "7"])
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
            #expect(FrameGrid.frames(ofSamples: samples) == layered(samples))
        }
        #expect(FrameGrid.frames(ofSamples: FrameGrid.samples(ofFrames: 1_860)) == 1_860)
    }

    @Test("every code has a status and a sentence of its own")
    func failureCodes() {
        let messages = Set(FailureCode.allCases.map(\.message))
        #expect(messages.count == FailureCode.allCases.count)
        #expect(FailureCode.quarantinedCrash.status == .quarantined)
        #expect(FailureCode.audioEmpty.status == .rejected)
    }
}
