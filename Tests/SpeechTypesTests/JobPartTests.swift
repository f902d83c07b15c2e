import SpeechTypes
import Testing

@Suite("Parts of a manifest")
struct JobPartTests {
    @Test("parts are disjoint, complete, in order and of about one size")
    func cut() throws {
        for rows in [0, 1, 2, 40, 43, 1_000, 4_294_967_294] {
            for count in [1, 2, 3, 7, 720] {
                var next = 0
                for number in 1...count {
                    let part = try #require(JobPart(number: number, count: count))
                    let own = part.rows(of: rows)
                    #expect(own.lowerBound == next)
                    #expect([rows / count, rows / count + 1].contains(own.count))
                    next = own.upperBound
                }
                #expect(next == rows)
            }
        }
    }

    @Test("K/N is read, anything else is not")
    func text() {
        #expect(JobPart("2/3")?.text == "2/3")
        for text in [
            "", "2", "0/3", "4/3", "1/0", "-1/3", "1/3/5", "a/b", "1/", "1/100001", "1.0/2",
        ] {
            #expect(JobPart(text) == nil, "\(text)")
        }
    }
}
