internal import CSoxr

/// One channel from one rate to another, by libsoxr at its high quality; the only importer of it.
///
/// The result depends on the samples alone, not on the pieces in which they arrive.
package final class Resampler {
    private let handle: soxr_t
    private let ratio: Double
    private var output: [Float] = []

    /// - Precondition: both rates are positive.
    package init(from inputRate: Int, to outputRate: Int) {
        precondition(inputRate > 0 && outputRate > 0, "sample rates are positive")
        var format = soxr_io_spec(SOXR_FLOAT32_I, SOXR_FLOAT32_I)
        var quality = soxr_quality_spec(UInt(SOXR_HQ), 0)
        var runtime = soxr_runtime_spec(1)
        guard
            let handle = soxr_create(
                Double(inputRate), Double(outputRate), 1, nil, &format, &quality, &runtime)
        else { preconditionFailure("libsoxr has no memory for a resampler") }
        self.handle = handle
        ratio = Double(outputRate) / Double(inputRate)
    }

    deinit { soxr_delete(handle) }

    /// Takes samples and appends what they make available.
    package func process(_ samples: [Float], into result: inout [Float]) {
        var taken = 0
        repeat {
            let done = samples.withUnsafeBufferPointer { input in
                convert(input.baseAddress.map { $0 + taken }, input.count - taken, into: &result)
            }
            taken += done.taken
        } while taken < samples.count
    }

    /// Says that no more samples come and appends the rest.
    package func finish(into result: inout [Float]) {
        while convert(nil, 0, into: &result).made > 0 {}
    }

    private func convert(
        _ input: UnsafePointer<Float>?, _ count: Int, into result: inout [Float]
    ) -> (taken: Int, made: Int) {
        let capacity = Int((Double(count) * ratio).rounded(.up)) + 4_096
        if output.count < capacity { output = [Float](repeating: 0, count: capacity) }
        var taken = 0
        var made = 0
        let failure = output.withUnsafeMutableBufferPointer { buffer in
            soxr_process(handle, input, count, &taken, buffer.baseAddress, buffer.count, &made)
        }
        precondition(failure == nil, "libsoxr could not process samples")
        result.append(contentsOf: output[..<made])
        return (taken, made)
    }
}
