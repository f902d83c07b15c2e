import Provenance
import StrictJSON
import Testing
import TranscriptRows

/// How reports say where the seconds went.
struct ReportedCoverageTests {
    @Test func whatAReportSaysIsReadBackToTheMicrosecond() throws {
        // More than a billion seconds: the parts of a large archive together.
        let totals = CoverageTotals(
            speech: 1_234_567_890_123_456, silence: 0, skipped: 40_000_001)
        var json = JSONWriter()
        json.beginObject()
        ReportedCoverage.write(totals, to: &json)
        json.endObject()
        #expect(
            String(decoding: json.bytes, as: UTF8.self)
                == #"{"coverage":{"speech":1234567890.123456,"silence":0.000000,"#
                + #""skipped":40.000001}}"#)
        let report = try #require(try JSONParser.parse(json.bytes).object)
        #expect(ReportedCoverage.read(report) == totals)
    }

    @Test func reportsOfJobsThatLookForNoSpeechSayNothing() throws {
        let report = try #require(try JSONParser.parse(Array(#"{"rows":2}"#.utf8)).object)
        #expect(ReportedCoverage.read(report) == nil)
    }
}
