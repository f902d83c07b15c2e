/// What a frame says of each class: eight classes at a time, since there are alphabets of ten thousand.
extension BeamSearch {
    private typealias Lanes = SIMD8<Double>
    /// log(1e-15): no class is taken to be less probable.
    private static let leastLog = -34.538_776_394_910_684

    /// Log-probabilities that sum to 1 to ``logs``, and the classes that are tried to ``active``.
    func normalize(_ frame: UnsafeBufferPointer<Float>) {
        let classes = frame.count
        let blocks = classes / Lanes.scalarCount
        let rest = blocks * Lanes.scalarCount..<classes
        let greatest = GreedyDecoder.best(of: frame)
        let total = model.normalizes ? logOfSum(frame, top: Double(frame[greatest])) : 0
        let least = model.settings.tokenMinLog ?? -.infinity
        let logs = logs.base
        active.count = 0
        func decide(_ index: Int, _ value: Double) {
            if value >= least || index == greatest { active.append(Int32(index)) }
        }
        for block in 0..<blocks {
            let start = block * Lanes.scalarCount
            let values = (Self.block(frame, block) - total).clamped(
                lowerBound: Lanes(repeating: Self.leastLog), upperBound: .zero)
            UnsafeMutableRawPointer(logs + start).storeBytes(of: values, as: Lanes.self)
            // Few blocks have a class that is tried.
            let holdsGreatest = start <= greatest && greatest < start + Lanes.scalarCount
            guard holdsGreatest || any(values .>= least) else { continue }
            for lane in 0..<Lanes.scalarCount { decide(start + lane, values[lane]) }
        }
        for index in rest {
            let value = min(0, max(Self.leastLog, Double(frame[index]) - total))
            logs[index] = value
            decide(index, value)
        }
    }

    /// log(Σ exp(frame)), added up in the order of classes.
    private func logOfSum(_ frame: UnsafeBufferPointer<Float>, top: Double) -> Double {
        let blocks = frame.count / Lanes.scalarCount
        var sum = 0.0
        for block in 0..<blocks {
            let powers = LogArithmetic.exp(Self.block(frame, block) - top)
            for lane in 0..<Lanes.scalarCount { sum += powers[lane] }
        }
        for index in blocks * Lanes.scalarCount..<frame.count {
            sum += LogArithmetic.exp(Double(frame[index]) - top)
        }
        return top + LogArithmetic.log(sum)
    }

    @inline(__always)
    private static func block(_ frame: UnsafeBufferPointer<Float>, _ index: Int) -> Lanes {
        let values = UnsafeRawBufferPointer(frame).loadUnaligned(
            fromByteOffset: index * MemoryLayout<SIMD8<Float>>.size, as: SIMD8<Float>.self)
        return Lanes(values)
    }
}
