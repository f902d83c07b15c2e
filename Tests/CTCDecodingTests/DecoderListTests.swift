internal import CTCDecoding
internal import SpeechTypes
internal import Testing

@Suite("Choosing a decoder") struct DecoderListTests {
    private static let vocabulary = Vocabulary(symbols: ["_", "a"], blank: 0, wordDelimiter: nil)

    @Test("the decoder of a job that names none is in the list")
    func standard() throws {
        var decoder = try DecoderList.configure(.greedy)(Self.vocabulary, DecoderArtefacts())
            .makeDecoder()
        try decoder.append(LogProbabilities(frames: 1, classes: 2, values: [-3, -1]))
        #expect(try decoder.finish().text == "a")
    }

    @Test("decoders have names of their own, which can be written in a choice")
    func names() {
        #expect(Set(DecoderList.all.map(\.name)).count == DecoderList.all.count)
        #expect(DecoderList.all.allSatisfy { DecoderChoice($0.name)?.name == $0.name })
        #expect(DecoderList.all.allSatisfy { !$0.help.isEmpty })
    }

    @Test("an unknown decoder or setting is refused by name")
    func refused() {
        let unknown = #expect(throws: DecoderError.self) {
            _ = try DecoderList.configure(DecoderChoice(name: "oracle"))
        }
        #expect(unknown?.description.contains("oracle") == true)
        #expect(unknown?.description.contains("greedy") == true)
        let setting = #expect(throws: DecoderError.self) {
            _ = try DecoderList.configure(DecoderChoice(name: "greedy", settings: ["width": "5"]))
        }
        #expect(setting?.description.contains("width") == true)
    }
}
