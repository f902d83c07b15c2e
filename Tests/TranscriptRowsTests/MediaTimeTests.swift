import Testing
import TranscriptRows

struct MediaTimeTests {
    private func time(_ text: String) -> Int? {
        Array(text.utf8).withUnsafeBytes { MediaTime(seconds: $0)?.nanoseconds }
    }

    @Test func numbersAreReadExactly() {
        #expect(time("0") == 0)
        #expect(time("0.1") == 100_000_000)
        #expect(time("3661.98") == 3_661_980_000_000)
        #expect(time("12.0023125") == 12_002_312_500)
        #expect(time("1e2") == 100_000_000_000)
        #expect(time("25E-1") == 2_500_000_000)
        #expect(time("0.0000000005") == 1)
        #expect(time("0.00000000049999") == 0)
        #expect(time("1.00000000000000000000000001") == 1_000_000_000)
        #expect(time("1000000000") == MediaTime.max.nanoseconds)
    }

    @Test(arguments: [
        "", "-1", "1e10", "1000000000.1", "1e999", "x", "1x", "1e", "99999999999999999999",
    ])
    func whatIsNoUsableTimeIsNone(text: String) { #expect(time(text) == nil) }

    @Test func decimalsFollowFromIntegers() {
        var bytes: [UInt8] = []
        bytes.appendSeconds(MediaTime(nanoseconds: 86_399_999_500_000))
        bytes.append(" ")
        bytes.appendExactSeconds(MediaTime(nanoseconds: 12_002_312_500))
        bytes.append(" ")
        bytes.appendExactSeconds(MediaTime(milliseconds: 3_000))
        bytes.append(" ")
        bytes.appendClock(ms: 3_661_980, point: UInt8(ascii: ","))
        bytes.append(" ")
        bytes.appendConfidence(10_000)
        #expect(
            String(decoding: bytes, as: UTF8.self)
                == "86400.000 12.0023125 3.0 01:01:01,980 1.0000")
    }

    @Test func framesAndTimesAreEachOthersInverse() {
        var generator = SystemRandomNumberGenerator()
        for rate in [8_000, 11_025, 16_000, 44_100, 192_000] {
            for _ in 0..<200 {
                let frames = Int.random(in: 0...(86_400 * rate), using: &generator)
                #expect(MediaTime(frames: frames, rate: rate).frames(rate: rate) == frames)
            }
        }
    }
}
