package import AcousticModels
internal import EncoderBlocks
package import Tensors
package import Threading

/// What the processor could do at most: operations per second of some threads together, multiplying and adding
/// in registers.
package struct PeakRates: Hashable, Sendable {
    /// In the numbers of the arithmetic class.
    package var products: Double
    /// In those that scores of attention are made of.
    package var scores: Double
    /// In float32.
    package var floats: Double

    package init(products: Double, scores: Double, floats: Double) {
        self.products = products
        self.scores = scores
        self.floats = floats
    }

    /// Measures them, 0.3 s for each kind of numbers.
    ///
    /// - Throws: if the system gives no more threads.
    package init(of backend: ComputeBackend, threads: Int) throws(ThreadError) {
        let products = try PeakRate.measure(on: backend, threads: threads)
        func rate(_ type: Operand.ElementType) throws(ThreadError) -> Double {
            try type == backend.multiply.elementType
                ? products : PeakRate.measure(on: backend, threads: threads, of: type)
        }
        let floats = try rate(.float32)
        let scores = try backend.scoreElementType == .float32 ? floats : rate(.bfloat16)
        self.init(products: products, scores: scores, floats: floats)
    }

    /// The least time that so many operations take.
    package func seconds(for counts: OperationCounts) -> Double {
        counts.products / products + counts.scores / scores + counts.floats / floats
    }
}

/// What the processor could do at most.
package enum PeakRate {
    /// Operations per second of `threads` threads together, multiplying and adding in registers.
    ///
    /// The best of a few short runs, 0.3 s together.
    ///
    /// - Parameter type: of the numbers; nil for those of the class's products.
    /// - Throws: if the system gives no more threads.
    package static func measure(
        on backend: ComputeBackend, threads: Int, of type: Operand.ElementType? = nil
    ) throws(ThreadError) -> Double {
        let rates = Guarded([Double](repeating: 0, count: runs))
        let workers = try (0..<threads).map { _ throws(ThreadError) in
            try DedicatedThread {
                ComputeThread.prepare()
                for run in 0..<runs {
                    let rate = oneRun(on: backend, of: type)
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

    private static func oneRun(
        on backend: ComputeBackend, of type: Operand.ElementType?
    ) -> Double {
        let clock = ContinuousClock()
        let began = clock.now
        var operations = 0.0
        while true {
            operations += backend.multiplyInRegisters(rounds: roundsPerLook, of: type)
            let elapsed = clock.now - began
            if elapsed >= runTime { return operations / (elapsed / .seconds(1)) }
        }
    }
}
