internal import Glibc

/// Cosines and sines of rotary positions: angle t · base^(−2j / width), over the whole model width.
package struct RotaryAngles: Sendable {
    package let frames: Int
    package let width: Int
    package let base: Double
    /// [frames, width / 2].
    package let cosines: [Float]
    package let sines: [Float]

    var bytes: Int { (cosines.count + sines.count) * MemoryLayout<Float>.stride }

    init(frames: Int, width: Int, base: Double) {
        self.frames = frames
        self.width = width
        self.base = base
        // Products are rounded to float as in the reference implementation; the functions then act on those floats.
        let inverse = (0..<width / 2).map { j in
            Float(pow(base, -2 * Double(j) / Double(width)))
        }
        var cosines = [Float]()
        var sines = [Float]()
        cosines.reserveCapacity(frames * inverse.count)
        sines.reserveCapacity(frames * inverse.count)
        for t in 0..<frames {
            for factor in inverse {
                let angle = Double(Float(t) * factor)
                cosines.append(Float(cos(angle)))
                sines.append(Float(sin(angle)))
            }
        }
        self.cosines = cosines
        self.sines = sines
    }
}
