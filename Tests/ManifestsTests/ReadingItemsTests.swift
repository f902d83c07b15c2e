internal import Manifests
internal import SpeechTypes
internal import StrictJSON
internal import Testing

/// What records say of several readings.
@Suite("Readings in records") struct ReadingItemsTests {
    private static func lane(_ texts: [String]) -> LaneContent {
        var items = ReadingItems()
        for (rank, text) in texts.enumerated() {
            items.append(
                .init(
                    text: text, score: -42_500 - rank, acousticScore: 5 - rank,
                    languageModelScore: -31_250, posterior: 9_312,
                    words: text.split(separator: " ").map { .init(String($0), frames: 3..<7) }))
        }
        items.end()
        var lane = LaneContent(text: texts[0])
        lane.readings = items
        return lane
    }

    private func record(_ content: RecordContent, row: String = #"{"audio_filepath":"a.wav"}"#)
        throws
        -> String
    {
        String(
            decoding: RecordWriter.transcribed(
                try ManifestRow.parse(raw: Array(row.utf8)), content), as: UTF8.self)
    }

    @Test("readings stand in the record, the best first, with signed scores of four decimals")
    func bytes() throws {
        let content = RecordContent(
            lanes: [Self.lane(["SO \"IT\"", "SO"])], shape: RecordShape(hasReadings: true),
            decodedSeconds: 1)
        let expected = [
            #""nbest":[{"text":"SO \"IT\"","score":-4.2500,"acoustic_score":0.0005,"#,
            #""lm_score":-3.1250,"posterior":0.9312,"words":[{"word":"SO","start_offset":3,"#,
            #""end_offset":7},{"word":"\"IT\"","start_offset":3,"end_offset":7}]},"#,
            #"{"text":"SO","score":-4.2501,"acoustic_score":0.0004,"lm_score":-3.1250,"#,
            #""posterior":0.9312,"words":[{"word":"SO","start_offset":3,"end_offset":7}]}]"#,
        ].joined()
        #expect(try record(content).contains(expected))
    }

    @Test(
        "what a record says of readings is copied byte for byte, in channels too",
        arguments: [false, true])
    func copies(isEachChannel: Bool) throws {
        let shape = RecordShape(isEachChannel: isEachChannel, hasReadings: true)
        let lanes = [Self.lane(["A", "B"])] + (isEachChannel ? [Self.lane(["C"])] : [])
        let row = try ManifestRow.parse(raw: Array(#"{"audio_filepath":"a.wav"}"#.utf8))
        let first = RecordWriter.transcribed(
            row, RecordContent(lanes: lanes, shape: shape, decodedSeconds: 1))
        let object = try #require(try JSONParser.parse(first).object)
        #expect(RecordWriter.transcribed(row, like: object, shape: shape) == first)
        let changed = String(decoding: first, as: UTF8.self).replacing("-4.2500", with: "-4.25")
        let other = try #require(try JSONParser.parse(Array(changed.utf8)).object)
        #expect(RecordWriter.transcribed(row, like: other, shape: shape) == nil)
    }

    @Test("a record that would be too long says how many readings it leaves out")
    func omitted() throws {
        var content = RecordContent(
            lanes: [LaneContent(text: "A")], shape: RecordShape(hasReadings: true),
            decodedSeconds: 1)
        content.omittedReadings = 5
        let text = try record(content)
        #expect(text.contains("\"nbest_omitted\":5") && !text.contains("\"nbest\":"))
    }

    @Test("a row's own nbest stays where the job writes none, and a former output's goes")
    func rows() throws {
        let plain = RecordContent(lanes: [LaneContent(text: "A")], decodedSeconds: 1)
        let own = try record(plain, row: #"{"audio_filepath":"a.wav","nbest":[1]}"#)
        #expect(own.contains(#""nbest":[1]"#))
        let former = try record(
            RecordContent(
                lanes: [Self.lane(["A"])], shape: RecordShape(hasReadings: true), decodedSeconds: 1)
        )
        #expect(try !record(plain, row: former).contains("nbest"))
    }
}
