internal import Glibc

/// SplitMix64: the same numbers for the same seed, everywhere.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// Damage to bytes as transfers, editors and attackers do it.
struct Mutator {
    var generator: SeededGenerator

    /// Numbers at which length checks go wrong.
    private static let edges: [UInt64] = [
        0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFE,
        0xFFFF_FFFF, 0x1_0000_0000, 0x3FFF_FFFF_FFFF_FFFF, 0x7FFF_FFFF_FFFF_FFFF,
        0x8000_0000_0000_0000, 0xFFFF_FFFF_FFFF_FFFF,
    ]

    mutating func mutate(_ bytes: inout [UInt8]) {
        for _ in 0..<Int.random(in: 1...3, using: &generator) where !bytes.isEmpty {
            switch Int.random(in: 0..<10, using: &generator) {
            case 0...2:
                for _ in 0..<Int.random(in: 1...8, using: &generator) {
                    bytes[position(in: bytes)] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
                }
            case 3: bytes.removeLast(Int.random(in: 1...bytes.count, using: &generator))
            case 4: splice(&bytes)
            case 5, 6: writeEdge(&bytes)
            case 7: replaceNumber(&bytes)
            case 8: bytes[position(in: bytes)] = UInt8.random(in: 0...255, using: &generator)
            default:
                let start = position(in: bytes)
                bytes.removeSubrange(start..<min(bytes.count, start + length()))
            }
        }
    }

    /// Anywhere, and more often near either end, where headers and directories stand.
    private mutating func position(in bytes: [UInt8]) -> Int {
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: Int.random(in: 0..<min(bytes.count, 600), using: &generator)
        case 1: bytes.count - 1 - Int.random(in: 0..<min(bytes.count, 600), using: &generator)
        default: Int.random(in: 0..<bytes.count, using: &generator)
        }
    }

    private mutating func length() -> Int { Int.random(in: 1...40, using: &generator) }

    /// Copies a run of the file to another place of it, over what stands there or between.
    private mutating func splice(_ bytes: inout [UInt8]) {
        let source = position(in: bytes)
        let run = Array(bytes[source..<min(bytes.count, source + length())])
        let target = position(in: bytes)
        if Bool.random(using: &generator) {
            bytes.insert(contentsOf: run, at: target)
        } else {
            bytes.replaceSubrange(target..<min(bytes.count, target + run.count), with: run)
        }
    }

    /// Overwrites one, two, four or eight bytes with an edge number.
    private mutating func writeEdge(_ bytes: inout [UInt8]) {
        let edge = Self.edges.randomElement(using: &generator) ?? 0
        let width = [1, 2, 4, 8].randomElement(using: &generator) ?? 1
        let start = position(in: bytes)
        for (index, byte) in edge.littleEndianBytes.prefix(width).enumerated()
        where start + index < bytes.count {
            bytes[start + index] = byte
        }
    }

    /// Replaces a number that is written in digits.
    private mutating func replaceNumber(_ bytes: inout [UInt8]) {
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        let from = position(in: bytes)
        guard let start = bytes[from...].firstIndex(where: { digits.contains($0) }) else { return }
        let end = bytes[start...].firstIndex { !digits.contains($0) } ?? bytes.count
        let edge = Self.edges.randomElement(using: &generator) ?? 0
        let sign = Int.random(in: 0..<8, using: &generator) == 0 ? "-" : ""
        bytes.replaceSubrange(start..<end, with: Array("\(sign)\(edge)".utf8))
    }
}
