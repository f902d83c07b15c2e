import Testing
import TranscriptRows

/// The sums of what records say of their seconds.
struct CoverageTotalsTests {
    private func totals(_ records: String...) -> CoverageTotals {
        var totals = CoverageTotals()
        for record in records {
            Array(record.utf8).withUnsafeBytes { totals.add($0) }
        }
        return totals
    }

    @Test func rowsAndChannelsAreSummedToTheMicrosecond() {
        let one = #"{"coverage":{"speech":1.500000,"silence":0.250001,"skipped":3.000000}}"#
        let two =
            #"{"channels":[{"coverage":{"speech":2.000000,"silence":0.000000,"skipped":1.000000}},"#
            + #"{"coverage":{"speech":0.000001,"silence":0.000000,"skipped":3.000000}}]}"#
        #expect(
            totals(one, two)
                == CoverageTotals(speech: 3_500_001, silence: 250_001, skipped: 7_000_000))
    }

    @Test func whatIsNoCoverageOfTheRecordAddsNothing() {
        let nested =
            #"{"speaker":{"coverage":{"speech":1.0}},"text":"\"coverage\":{\"speech\":1.0}"}"#
        #expect(totals(nested, "no record", #"{"coverage":7}"#) == CoverageTotals())
    }

    @Test func aRecordThatIsCutOffAddsNothingOfItsStart() {
        #expect(totals(#"{"coverage":{"speech":1.000000},"status":"tra"#) == CoverageTotals())
    }
}
