internal import CKernels
internal import Glibc

/// How sure a model is of one frame: 1 where one class has all of the probability, 0 where all classes
/// have the same.
///
/// The Tsallis entropy of order α = 1/3 of the frame's V probabilities, divided by the greatest that
/// there is, and taken from 1: (V^(1-α) − Σ p^α) / (V^(1-α) − 1). By Laptev and Ginsburg, "Fast
/// Entropy-Based Methods of Word-Level Confidence Estimation for End-to-End Automatic Speech
/// Recognition" (2022), with their linear normalisation. Orders below 1 weigh the small probabilities,
/// since CTC models are nearly always surer than they are right.
package struct FrameConfidence: Hashable, Sendable {
    /// V^(1-α): Σ p^α of equal probabilities.
    private let greatestSum: Float

    /// - Parameter classes: of the model, the blank among them.
    package init(classes: Int) {
        let root = cbrt(Double(classes))
        greatestSum = Float(root * root)
    }

    /// The confidence of one frame, from 0 to 1.
    ///
    /// - Parameter logProbabilities: natural logarithms, one a class. Their sum need not be exactly 1.
    package func callAsFunction(_ logProbabilities: UnsafeBufferPointer<Float>) -> Float {
        guard greatestSum > 1, let start = logProbabilities.baseAddress else { return 1 }
        let sum = ck_cube_root_sum(start, logProbabilities.count)
        return min(1, max(0, (greatestSum - sum) / (greatestSum - 1)))
    }
}
