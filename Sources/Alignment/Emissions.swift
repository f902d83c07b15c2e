package import CTCDecoding

/// The log-probabilities of a recording, of those classes only that an alignment asks for.
///
/// A model may have thousands of classes, and a text has tens of them: what is kept of a recording of
/// hours is small. Besides, each frame keeps its best class, which is what a greedy decoder reads.
package struct Emissions: Sendable {
    /// The classes that are kept, in the order of the columns.
    package let classes: [Int]
    /// [frames, columns], row-major.
    package private(set) var values: [Float] = []
    /// The best class of each frame; of equal ones the first.
    package private(set) var best: [Int32] = []
    /// The log-probability of the best class of each frame.
    package private(set) var bestValues: [Float] = []

    package var frames: Int { best.count }
    package var columns: Int { classes.count }

    /// Bytes that one frame takes, where so many classes are kept.
    package static func bytesOfFrame(columns: Int) -> Int {
        (columns + 2) * MemoryLayout<Float>.size
    }

    /// - Parameter classes: different ones.
    package init(classes: [Int]) { self.classes = classes }

    /// All classes of `logProbabilities`.
    package init(of logProbabilities: LogProbabilities) {
        self.init(classes: Array(0..<logProbabilities.classes))
        append(logProbabilities)
    }

    /// Adds the next frames.
    ///
    /// - Precondition: every class that is kept is one of them.
    package mutating func append(_ next: LogProbabilities) {
        let count = next.classes
        precondition(classes.allSatisfy { (0..<count).contains($0) }, "classes exist")
        values.reserveCapacity(values.count + next.frames * columns)
        next.values.withUnsafeBufferPointer { source in
            for frame in 0..<next.frames {
                let start = frame * count
                var top = 0
                for index in 1..<max(1, count)
                where source[start + index] > source[start + top] { top = index }
                best.append(Int32(top))
                bestValues.append(source[start + top])
                for index in classes { values.append(source[start + index]) }
            }
        }
    }

    /// The column of each class; classes that are not kept have none.
    package var columnOfClass: [Int: Int] {
        Dictionary(uniqueKeysWithValues: classes.enumerated().map { ($1, $0) })
    }
}
