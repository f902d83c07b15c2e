/// Log-probabilities of classes, frame by frame.
package struct LogProbabilities: Sendable {
    package let frames: Int
    package let classes: Int
    /// [frames, classes], row-major.
    package let values: [Float]

    package init(frames: Int, classes: Int, values: [Float]) {
        precondition(frames >= 0 && classes > 0, "there are classes")
        precondition(values.count == frames * classes, "a shape holds all values")
        self.frames = frames
        self.classes = classes
        self.values = values
    }
}
