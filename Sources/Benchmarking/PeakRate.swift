package import Tensors
package import Threading

/// What the processor could do at most.
package enum PeakRate {
    /// Operations per second of `threads` threads together, multiplying and adding in registers.
    ///
    /// In the numbers of `backend`; the best of a few short runs, 0.3 s together.
    ///
    /// - Throws: if the system gives no more threads.
    package static func measure(
        on backend: ComputeBackend, threads: Int
    ) throws(ThreadError) -> Double {
        let rates = Guarded([Double](repeating: 0, count: runs))
        let workers = try (0..<threads).map { _ throws(ThreadError) in
            try DedicatedThread {
                ComputeThread.prepare()
                for run in 0..<runs {
                    let rate = oneRun(on: backend)
                    rates.withLock { $0[run] += rate }
                }
            }
        }
        for worker in workers { worker.join() }
        return rates.withLock { $0.max() ?? 0 }
    }

    private static let runs = 3
    private static let runTime = Duration.milliseconds(100)
    /// About 0.1 ms between two looks at the clock.
    private static let roundsPerLook = 1 << 16

    private static func oneRun(on backend: ComputeBackend) -> Double {
        let clock = ContinuousClock()
        let began = clock.now
        var operations = 0.0
        while true {
            operations += backend.multiplyInRegisters(rounds: roundsPerLook)
            let elapsed = clock.now - began
            if elapsed >= runTime { return operations / (elapsed / .seconds(1)) }
        }
    }
}
