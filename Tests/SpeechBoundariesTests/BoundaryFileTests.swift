import Manifests
import SpeechBoundaries
import SpeechTypes
import TemporaryFolders
import Testing

/// Files of other programs that say where somebody speaks, and what rows get of them.
struct BoundaryFileTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// The rows with what the file says of them.
    private func added(
        _ lines: String, to rows: String...
    ) throws -> (rows: [String], without: Int) {
        let file = try BoundaryFile(PathBytes(folder.write("b", lines)))
        var addition = BoundaryAddition(file)
        let added = try rows.map { row in
            String(decoding: try addition.added(to: Array(row.utf8)), as: UTF8.self)
        }
        try addition.finish()
        return (added, addition.rowsWithout)
    }

    private func error(_ lines: String, _ rows: String...) -> ManifestError? {
        #expect(throws: ManifestError.self) {
            let file = try BoundaryFile(PathBytes(folder.write("b", lines)))
            var addition = BoundaryAddition(file)
            for row in rows { _ = try addition.added(to: Array(row.utf8)) }
            try addition.finish()
        }
    }

    @Test func anRTTMGoesIntoTheRowsOfItsRecordingsWithItsSpeakers() throws {
        let (rows, without) = try added(
            """
            ;; made by a diariser
            SPKR-INFO talk 1 <NA> <NA> <NA> unknown ann <NA> <NA>
            SPEAKER talk 1 0.5 2.25 <NA> <NA> ann <NA> <NA>
            SPEAKER talk 1 2.5 1 <NA> <NA> bob <NA>
            """, to: #"{"audio_filepath":"a/talk.wav","id":7}"#, #"{"audio_filepath":"other.wav"}"#)
        #expect(
            rows[0] == #"{"audio_filepath":"a/talk.wav","id":7,"speech_segments":["#
                + #"{"start":0.5,"end":2.75,"speaker":"ann"},{"start":2.5,"end":3.5,"speaker":"bob"}]}"#
        )
        #expect(rows[1] == #"{"audio_filepath":"other.wav"}"#)
        #expect(without == 1)
    }

    @Test func kaldisSegmentsAreKnownByTheirFourFieldsAndPartedRecordingsByTheirLetters() throws {
        let (rows, _) = try added(
            """
            u1 my_call-A 1.00 2.00
            u2 my_call-B 1.50 3.00
            """, to: #"{"audio_filepath":"my call.wav"}"#)
        #expect(
            rows[0] == #"{"audio_filepath":"my call.wav","speech_segments":["#
                + #"{"start":1.0,"end":2.0,"channel":0},{"start":1.5,"end":3.0,"channel":1}]}"#)
    }

    @Test func channelsAreToldApartOnlyWhereTheFileKnowsSeveral() throws {
        let (rows, _) = try added(
            """
            SPEAKER mono 1 0 1 <NA> <NA> a <NA> <NA>
            SPEAKER call 1 0 1 <NA> <NA> a <NA> <NA>
            SPEAKER call 2 0 1 <NA> <NA> b <NA> <NA>
            """, to: #"{"audio_filepath":"mono.wav"}"#, #"{"audio_filepath":"call.wav"}"#)
        #expect(!rows[0].contains("channel"))
        #expect(
            rows[1].contains(#""channel":0,"speaker":"a"},{"start":0.0,"end":1.0,"channel":1,"#))
    }

    @Test func aRowThatIsASpanGetsWhatLiesInItFromItsOwnBeginning() throws {
        let (rows, _) = try added(
            "u1 talk 1 4\nu2 talk 9.5 20",
            to: #"{"audio_filepath":"talk.wav","offset":3.5,"duration":6.5}"#)
        #expect(
            rows[0].hasSuffix(
                #""speech_segments":[{"start":0.0,"end":0.5},{"start":6.0,"end":6.5}]}"#))
    }

    @Test func whatARowHadUnderThatNameGivesWay() throws {
        let (rows, _) = try added(
            "u talk 1 2", to: #"{"speech_segments":[[5,6]],"audio_filepath":"talk.wav"}"#)
        #expect(
            rows[0]
                == #"{"speech_segments":[{"start":1.0,"end":2.0}],"audio_filepath":"talk.wav"}"#)
    }

    @Test func recordingsOfOneNameAreToldApartByTheNamesThatExportsGiveThem() throws {
        let rows = [#"{"audio_filepath":"a/x.wav"}"#, #"{"audio_filepath":"b/x.wav"}"#]
        let fault = error("u x 1 2", rows[0], rows[1])
        #expect(fault?.line == 1)
        #expect(
            fault?.message
                == "x may be a/x.wav or b/x.wav; call it x@a/x.wav or x@b/x.wav in this file")
        let (found, _) = try added("u x@b/x.wav 1 2", to: rows[0], rows[1])
        #expect(found[0] == rows[0] && found[1].contains("speech_segments"))
    }

    @Test(arguments: [
        ("u talk 1 2\nu none 3 4", 2, "no row is of a recording none"),
        ("u talk 1 2\nu talk 1.9 4", 2, "overlaps with line 1"),
        ("u talk 5 9\nu talk 1 2\nu talk 6 7", 3, "overlaps with line 1"),
        ("u talk 2 1", 1, "no seconds in order"),
        ("u talk 1 2\nu talk 4 3", 2, "no seconds in order"),
        ("u talk 1 2\nu talk 3", 2, "has 4 fields"), ("u talk 1 2\nu talk 3 x", 2, "no seconds"),
        ("{\"a\":1}", 1, "neither RTTM"), ("", nil, "has no line"),
        ("SPEAKER talk 1 0 1 <NA> <NA> a\nSPEAKER talk 1 0.5 1 <NA> <NA> a", 2, "line 1"),
        ("SPEAKER talk 1 0 1 <NA> <NA> a\nSPAEKER talk 1 5 1 <NA> <NA> a", 2, "no type"),
        ("SPEAKER talk 1 0 1 <NA> <NA> a\nSPEAKER talk 1 5 -1 <NA> <NA> a", 2, "seconds"),
        ("SPEAKER talk 0 0 1 <NA> <NA> a", 1, "no number from 1"),
    ])
    func whatIsWrongIsToldWithItsLine(lines: String, line: Int?, message: String) {
        let fault = error(lines, #"{"audio_filepath":"talk.wav"}"#)
        #expect(fault?.line == line)
        #expect(fault?.message.contains(message) == true, "\(fault?.description ?? "")")
    }

    @Test func timesThatAreRoundedMayTouch() throws {
        let (rows, _) = try added(
            "u1 talk 1.000 2.005\nu2 talk 2.000 3.000", to: #"{"audio_filepath":"talk.wav"}"#)
        #expect(rows[0].contains("2.005"))
    }
}
