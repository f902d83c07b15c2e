/// Triangles over the frequencies of a spectrum, one a mel bin.
struct MelFilters: Sendable {
    private struct Triangle: Sendable {
        let start: Int
        let weights: [Double]
    }

    private let triangles: [Triangle]
    var bins: Int { triangles.count }

    /// Kaldi's: equal steps of mel = 1127 ln(1 + f/700) from 20 Hz to half the rate, straight in mel.
    init(kaldi bins: Int, size: Int, sampleRate: Double) {
        func mel(_ frequency: Double) -> Double { 1_127 * PortableMath.log(1 + frequency / 700) }
        self.init(
            bins: bins, edges: Self.steps(mel(20), mel(sampleRate / 2), bins + 2),
            points: (0...size / 2).map { mel(Double($0) * sampleRate / Double(size)) },
            hasUnitArea: false)
    }

    /// Slaney's (librosa's default): equal below 1 kHz and logarithmic above, straight in hertz, of one area each.
    init(slaney bins: Int, size: Int, sampleRate: Double) {
        let step = PortableMath.log(6.4) / 27
        func mel(_ frequency: Double) -> Double {
            frequency < 1_000
                ? 3 * frequency / 200 : 15 + PortableMath.log(frequency / 1_000) / step
        }
        func hertz(_ mel: Double) -> Double {
            mel < 15 ? 200 * mel / 3 : 1_000 * PortableMath.exp((mel - 15) * step)
        }
        self.init(
            bins: bins, edges: Self.steps(0, mel(sampleRate / 2), bins + 2).map(hertz),
            points: (0...size / 2).map { Double($0) * sampleRate / Double(size) },
            hasUnitArea: true)
    }

    private init(bins: Int, edges: [Double], points: [Double], hasUnitArea: Bool) {
        triangles = (0..<bins).map { bin in
            let (low, middle, high) = (edges[bin], edges[bin + 1], edges[bin + 2])
            let scale = hasUnitArea ? 2 / (high - low) : 1
            let weights = points.map { point in
                scale
                    * max(0, min((point - low) / (middle - low), (high - point) / (high - middle)))
            }
            guard let start = weights.firstIndex(where: { $0 > 0 }),
                let end = weights.lastIndex(where: { $0 > 0 })
            else { return Triangle(start: 0, weights: []) }
            return Triangle(start: start, weights: Array(weights[start...end]))
        }
    }

    private static func steps(_ first: Double, _ last: Double, _ count: Int) -> [Double] {
        (0..<count).map { first + (last - first) * Double($0) / Double(count - 1) }
    }

    /// Energies of the bins.
    func callAsFunction(
        _ power: UnsafePointer<Double>, into energies: UnsafeMutablePointer<Double>
    ) {
        for (bin, triangle) in triangles.enumerated() {
            var sum = 0.0
            for (offset, weight) in triangle.weights.enumerated() {
                sum += weight * power[triangle.start + offset]
            }
            energies[bin] = sum
        }
    }
}
