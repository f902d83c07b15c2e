import AudioPlaces
import SpeechTypes
import Testing

@Suite("What a job will fetch") struct FetchEstimateTests {
    private func estimate(objects: Int, byteCount: Int? = nil) -> FetchEstimate {
        var estimate = FetchEstimate()
        for number in 0..<objects {
            let object = PathBytes("s3://bucket/\(number).flac")
            // Two rows of the same object.
            let isNew = (0..<2).map { _ in estimate.add(object, byteCount: byteCount) }
            #expect(isNew == [true, false])
        }
        return estimate
    }

    @Test("objects count once for all their rows, and what is not known is not told")
    func unknown() {
        let estimate = estimate(objects: 3)
        #expect(estimate.rows == 6 && estimate.objects == 3)
        #expect(estimate.bytes == nil && estimate.bytesPerSecond == nil && !estimate.isExact)
        #expect(estimate.milliseconds == nil)
    }

    @Test("sizes of rows and of lists are exact; of a part of a list they are its share")
    func sizes() {
        let placed = estimate(objects: 4, byteCount: 100)
        #expect(placed.bytes == 400 && placed.isExact)
        var listed = estimate(objects: 4)
        listed.addListed(4, bytes: 1_000)
        #expect(listed.bytes == 1_000 && listed.isExact)
        var part = estimate(objects: 4)
        part.addListed(8, bytes: 1_000)
        #expect(part.bytes == 500 && !part.isExact)
    }

    @Test("what was tried tells of the others how large they are, and of all how quickly they come")
    func trials() {
        var estimate = estimate(objects: 10)
        estimate.add(FetchEstimate.Trial(objectBytes: 1_000, byteCount: 1_000, milliseconds: 40))
        estimate.add(FetchEstimate.Trial(objectBytes: 9_000, byteCount: 3_000, milliseconds: 60))
        #expect(estimate.bytes == 50_000 && !estimate.isExact)
        #expect(estimate.bytesPerSecond == 40_000, "of what came")
        #expect(estimate.milliseconds == 1_250)
    }
}
