internal import CKernels

/// Sums over samples, in double precision and fixed order, equal on every instruction set.
package enum SampleStatistics {
    /// The longest window that ``windowMoments(of:frames:kernel:stride:)`` takes.
    package static let windowMax = Int(ck_window_max)

    /// (samples − mean) / √(biased variance + epsilon).
    package static func normalized(
        _ samples: UnsafeBufferPointer<Float>, epsilon: Float,
        into output: UnsafeMutableBufferPointer<Float>
    ) {
        precondition(output.count >= samples.count, "the output holds all samples")
        guard let source = samples.baseAddress, let target = output.baseAddress else { return }
        ck_normalize(source, samples.count, epsilon, target)
    }

    /// samples − mean.
    package static func centered(
        _ samples: UnsafeBufferPointer<Float>, into output: UnsafeMutableBufferPointer<Float>
    ) {
        precondition(output.count >= samples.count, "the output holds all samples")
        guard let source = samples.baseAddress, let target = output.baseAddress else { return }
        ck_center(source, samples.count, target)
    }

    /// Mean [kernel] and biased covariance [kernel, kernel] of the windows that convolution sees.
    package static func windowMoments(
        of samples: UnsafeBufferPointer<Float>, frames: Int, kernel: Int, stride: Int
    ) -> (mean: [Double], covariance: [Double]) {
        precondition(frames > 0 && kernel > 0 && kernel <= windowMax, "a window is short")
        precondition((frames - 1) * stride + kernel <= samples.count, "samples suffice")
        var mean = [Double](repeating: 0, count: kernel)
        var covariance = [Double](repeating: 0, count: kernel * kernel)
        if let first = samples.baseAddress {
            ck_window_moments(first, frames, kernel, stride, &mean, &covariance)
        }
        return (mean, covariance)
    }

    /// Whether no value is NaN or infinite.
    package static func allFinite(_ values: UnsafeBufferPointer<Float>) -> Bool {
        guard let first = values.baseAddress else { return true }
        return ck_all_finite(first, values.count)
    }
}
