import SpeechTypes
import Testing

@Suite("Choice of a decoder as text")
struct DecoderChoiceTests {
    @Test("what was read is written the same, with settings in the order of their names")
    func roundTrip() throws {
        let choice = try #require(DecoderChoice("beam:width=50,lm=/a=b/c:d"))
        #expect(choice.name == "beam")
        #expect(choice.settings == ["width": "50", "lm": "/a=b/c:d"])
        #expect(choice.text == "beam:lm=/a=b/c:d,width=50")
        #expect(DecoderChoice(choice.text) == choice)
        #expect(DecoderChoice("greedy") == .greedy)
        #expect(DecoderChoice.greedy.text == "greedy")
    }

    @Test(
        "what says no name, no value, or a setting twice is no choice",
        arguments: [
            "", ":", ":a=b", "beam:", "beam:width", "beam:width=", "beam:=5", "beam:a=1,",
            "beam:a=1,a=2", String(repeating: "a", count: 5_000),
        ])
    func refused(text: String) {
        #expect(DecoderChoice(text) == nil)
    }
}
