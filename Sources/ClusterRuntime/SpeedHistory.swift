package import ClusterProtocol

/// How fast a job was over its time, in a bounded number of points.
package struct SpeedHistory: Hashable, Sendable {
    package struct Point: Hashable, Sendable {
        /// Since this epoch of the coordinator began.
        package var elapsedMilliseconds: Int
        /// Audio seconds a second up to then, in thousandths; 0 while unknown.
        package var speedMilli: Int
        package var workers: Int

        package init(elapsedMilliseconds: Int, speedMilli: Int, workers: Int) {
            self.elapsedMilliseconds = elapsedMilliseconds
            self.speedMilli = speedMilli
            self.workers = workers
        }
    }

    /// The oldest first, evenly apart.
    package private(set) var points: [Point] = []
    /// Between two points; it doubles whenever there are too many.
    package private(set) var periodMilliseconds = 1_000

    /// Enough for a picture across a wide screen.
    package static let pointsMax = 512

    package init() {}

    /// Notes a status, if it is time for a point.
    package mutating func add(_ status: JobStatus) {
        if let last = points.last,
            status.elapsedMilliseconds - last.elapsedMilliseconds < periodMilliseconds
        {
            return
        }
        points.append(
            Point(
                elapsedMilliseconds: status.elapsedMilliseconds, speedMilli: status.speedMilli,
                workers: status.workers))
        guard points.count > Self.pointsMax else { return }
        points = points.enumerated().filter { $0.offset.isMultiple(of: 2) }.map(\.element)
        periodMilliseconds *= 2
    }

    /// The least and the most time that is left, by the slowest and the fastest tenth of the last while.
    ///
    /// - Parameters:
    ///   - remainingMilliseconds: the time that is left at the status' speed.
    ///   - whileMilliseconds: how far back is looked.
    /// - Returns: nil where too little is known.
    package func remainingMilliseconds(
        of status: JobStatus, whileMilliseconds: Int = 600_000
    ) -> ClosedRange<Int>? {
        guard let remaining = status.remainingMilliseconds, status.speedMilli > 0 else {
            return nil
        }
        let since = status.elapsedMilliseconds - whileMilliseconds
        let speeds = points.filter { $0.elapsedMilliseconds >= since && $0.speedMilli > 0 }
            .map(\.speedMilli).sorted()
        guard speeds.count >= 10 else { return nil }
        let work = Double(remaining) * Double(status.speedMilli)
        let slow = Double(speeds[speeds.count / 10])
        let fast = Double(speeds[speeds.count - 1 - speeds.count / 10])
        let least = Int(min(work / fast, 1e15))
        return min(least, remaining)...max(Int(min(work / slow, 1e15)), remaining)
    }
}
