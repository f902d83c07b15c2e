internal import Tensors
internal import Testing

@Suite("Statistics of samples") struct SampleStatisticsTests {
    @Test(
        "normalised samples have mean 0 and variance 1, whatever their level",
        arguments: [
            Float(1), 1e-2, 0,
        ])
    func normalized(offset: Float) {
        var random = SeededFloats(seed: 3)
        let samples = random.floats(10_007, bound: 0.3).map { $0 + offset }
        var output = [Float](repeating: 0, count: samples.count)
        samples.withUnsafeBufferPointer { samples in
            output.withUnsafeMutableBufferPointer { output in
                SampleStatistics.normalized(samples, epsilon: 1e-7, into: output)
            }
        }
        let mean = output.reduce(0.0) { $0 + Double($1) } / Double(output.count)
        let square = output.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(output.count)
        #expect(abs(mean) < 1e-6)
        #expect(abs(square - 1) < 1e-5)
    }

    @Test("silence stays silence")
    func silence() {
        let samples = [Float](repeating: 0, count: 500)
        var output = [Float](repeating: 1, count: 500)
        samples.withUnsafeBufferPointer { samples in
            output.withUnsafeMutableBufferPointer { output in
                SampleStatistics.normalized(samples, epsilon: 1e-5, into: output)
            }
        }
        #expect(output.allSatisfy { $0 == 0 })
    }

    @Test("one value that is not finite is seen", arguments: [Float.nan, .infinity, -.infinity])
    func notFinite(value: Float) {
        var values = [Float](repeating: 1, count: 37)
        #expect(values.withUnsafeBufferPointer { SampleStatistics.allFinite($0) })
        values[29] = value
        #expect(!values.withUnsafeBufferPointer { SampleStatistics.allFinite($0) })
    }
}
