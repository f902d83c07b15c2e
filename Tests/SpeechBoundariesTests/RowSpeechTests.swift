import SpeechBoundaries
import StrictJSON
import Testing
import TranscriptRows

/// Where a row says that somebody speaks, and who says its words.
struct RowSpeechTests {
    private func speech(_ json: String) throws -> RowSpeech {
        try RowSpeech(JSONParser.parse(Array(json.utf8)))
    }

    private func time(_ milliseconds: Int) -> MediaTime { MediaTime(milliseconds: milliseconds) }

    @Test func pairsAndObjectsAreRead() throws {
        let pairs = try speech("[[2,3.5],[0.25,1]]")
        #expect(pairs.samples(channel: nil, rate: 16_000) == [4_000..<16_000, 32_000..<56_000])
        let own = try speech(
            #"[{"segment":"A","start_offset":3,"start":0.06,"end":1.0,"confidence":0.9}]"#)
        #expect(own.stretches == [SpeechStretch(start: time(60), end: time(1_000))])
    }

    @Test func whatIsWrittenIsReadBack() throws {
        let json =
            #"[{"start":0.5,"end":2.125,"channel":1,"speaker":"A \"B\""},{"start":3.0,"end":3.0}]"#
        #expect(String(decoding: try speech(json).json, as: UTF8.self) == json)
    }

    @Test(arguments: [
        ("7", "a list"), ("[[1]]", "item 1"), ("[[1,2],[4,3]]", "item 2"),
        (#"[{"start":1}]"#, "item 1"), (#"[{"start":1,"end":2,"channel":-1}]"#, "item 1"),
        (#"[{"start":-1,"end":2}]"#, "item 1"), ("[[1,3],[2,4]]", "items 1 and 2 overlap"),
    ])
    func whatIsNoListOfStretchesIsRefused(json: String, message: String) throws {
        let fault = #expect(throws: RowSpeech.Fault.self) { try speech(json) }
        #expect(fault?.description.contains(message) == true)
    }

    @Test func speakersMayTalkAtOnceAndTheirSpeechIsOneSpan() throws {
        let both = try speech(
            #"[{"start":1,"end":4,"speaker":"a"},{"start":2,"end":3,"speaker":"b"},{"start":4,"end":5,"speaker":"a"}]"#
        )
        #expect(both.spans(channel: nil) == [time(1_000)..<time(5_000)])
    }

    @Test func aChannelHearsItsOwnStretchesAndThoseOfAll() throws {
        let all = try speech(
            #"[{"start":1,"end":2,"channel":0},{"start":5,"end":6,"channel":1},{"start":8,"end":9}]"#
        )
        #expect(all.spans(channel: 1) == [time(5_000)..<time(6_000), time(8_000)..<time(9_000)])
        #expect(all.spans(channel: nil).count == 3)
    }

    @Test func aWordIsOfWhoSpeaksForMostOfItOrNextToIt() throws {
        let labels = SpeakerLabels(
            try speech(
                #"[{"start":1,"end":4,"speaker":"a"},{"start":3.5,"end":6,"speaker":"b"},{"start":7,"end":8}]"#
            ),
            channel: nil)
        func speaker(_ start: Int, _ end: Int) -> String? {
            labels.speaker(from: time(start), to: time(end))
        }
        #expect(speaker(1_200, 1_500) == "a")
        // Both for as long: who began first.
        #expect(speaker(3_600, 3_900) == "a")
        #expect(speaker(3_800, 4_400) == "b")
        #expect(speaker(700, 800) == "a")
        #expect(speaker(6_400, 6_450) == "b")
        #expect(speaker(300, 400) == nil)
        // Nobody is named there.
        #expect(speaker(7_200, 7_400) == nil)
    }

    /// A long stretch that began early still counts behind many short ones.
    @Test func aLongStretchIsNotForgotten() throws {
        var stretches = [SpeechStretch(start: .zero, end: time(1_000_000), speaker: "long")]
        for index in 0..<200 {
            let start = 100 + index * 4_000
            stretches.append(
                SpeechStretch(start: time(start), end: time(start + 100), speaker: "s\(index % 7)"))
        }
        let labels = SpeakerLabels(RowSpeech(stretches), channel: nil)
        #expect(labels.speaker(from: time(902_000), to: time(902_300)) == "long")
        #expect(labels.speaker(from: time(990_000), to: time(990_300)) == "long")
        #expect(labels.speaker(from: time(2_000_000), to: time(2_000_100)) == nil)
    }
}
