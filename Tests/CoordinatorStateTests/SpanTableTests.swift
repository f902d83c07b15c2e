internal import ClusterProtocol
internal import CoordinatorState
internal import JobState
internal import SpeechTypes
internal import Testing

@Suite("Which rows several workers share")
struct SpanTableTests {
    private let hour = 3_600_000

    private func table(_ milliseconds: [Int], _ limits: ClusterLimits = ClusterLimits())
        -> SpanTable
    {
        SpanTable(plan: PlainPlan(milliseconds: milliseconds), limits: limits)
    }

    @Test(
        "a recording of 20 hours among short ones is cut into spans of ten minutes, each window in one"
    )
    func longRow() {
        let table = table([10_000, 20 * hour, 10_000])
        #expect(table.rows == [1])
        #expect(table.spans(of: 1) == 3..<123)
        #expect(table.spans(of: 0).isEmpty)
        #expect(table.ordinalCount == 123)
        var next: Int? = 0
        var milliseconds = 0
        for ordinal in table.spans(of: 1) {
            let span = table.span(ordinal)
            #expect(span.firstWindow == next)
            #expect(table.row(of: ordinal) == 1)
            #expect(table.isSpan(ordinal))
            next = span.endWindow
            milliseconds += table.length(of: ordinal).milliseconds
        }
        #expect(next == nil)
        #expect(milliseconds == 20 * hour)
        #expect(table.row(of: 2) == 2 && !table.isSpan(2))
    }

    @Test("spans are of like length, whatever the row's, and the longest row comes first")
    func likeLengths() {
        let table = table([hour, 2 * hour + 12_345, 45 * 60_000 + 1])
        #expect(table.rows == [1, 0, 2])
        for row in 0..<3 {
            let windows = table.spans(of: row).dropLast().map { ordinal in
                let span = table.span(ordinal)
                return (span.endWindow ?? 0) - span.firstWindow
            }
            #expect((windows.max() ?? 0) - (windows.min() ?? 0) <= 1)
            #expect(windows.max() ?? 0 <= 20)
        }
    }

    @Test(
        "rows that are short, or little of a large job, or too long for one message are one worker's"
    )
    func wholeRows() {
        #expect(table([29 * 60_000]).rows.isEmpty)
        #expect(table([31 * hour]).rows.isEmpty)
        #expect(table([Int](repeating: hour, count: 600)).rows.isEmpty)
        #expect(table([Int](repeating: hour, count: 400)).rows.count == 400)
    }

    @Test("of what is held of rows, the spans of a row come out in their order when all are there")
    func sharedRows() {
        var shared = SharedRows()
        #expect(shared.mayBegin(7, milliseconds: 100, millisecondsMax: 10))
        shared.begin(7, milliseconds: 100)
        #expect(!shared.mayBegin(8, milliseconds: 1, millisecondsMax: 100))
        #expect(shared.mayBegin(8, milliseconds: 1, millisecondsMax: 101))
        shared.add([2], of: 21, in: 7)
        #expect(shared.all(of: 7, 20..<22) == nil)
        shared.add([1], of: 20, in: 7)
        #expect(shared.all(of: 7, 20..<22) == [[1], [2]])
        #expect(shared.bytes(of: 7) == 2)
        shared.remove(7)
        #expect(shared.count == 0 && shared.bytes(of: 7) == 0)
        #expect(!shared.isComplete(7, 0..<0))
    }
}
