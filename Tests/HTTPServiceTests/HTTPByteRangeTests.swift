import HTTPService
import Testing

@Suite("Ranges of bytes")
struct HTTPByteRangeTests {
    @Test(
        "what is asked for is what there is of it",
        arguments: [
            ("bytes=0-", .range(0..<10)), ("bytes=3-5", .range(3..<6)),
            ("bytes=3-99", .range(3..<10)), ("bytes=9-9", .range(9..<10)),
            ("bytes=-4", .range(6..<10)), ("bytes=-40", .range(0..<10)),
            ("bytes=10-", .unsatisfiable), ("bytes=-0", .unsatisfiable),
            ("bytes=5-3", .none), ("bytes=0-1,4-5", .none), ("bytes=-", .none),
            ("bytes=a-", .none), ("items=0-", .none), (nil, .none),
            ("bytes=99999999999999999999-", .none),
            ("bytes=0-999999999999999999", .range(0..<10)),
        ] as [(String?, HTTPByteRange)])
    func ranges(field: String?, range: HTTPByteRange) {
        #expect(HTTPByteRange(field, size: 10) == range)
    }

    @Test("of nothing no range is there")
    func empty() {
        #expect(HTTPByteRange("bytes=0-", size: 0) == .unsatisfiable)
        #expect(HTTPByteRange("bytes=-1", size: 0) == .unsatisfiable)
    }
}
