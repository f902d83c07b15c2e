import Foundation
import Glibc
import LanguageModels
import SpeechTypes
import Testing

/// Damaged copies of small models in every form, opened and asked for scores.
///
/// In a process of its own, whose memory is limited: a trap or an allocation that a damaged count asks for
/// would end it, and what stays behind from one model to the next would show at the end.
@Suite("Damaged language models") struct LanguageModelFuzzTests {
    private static func setting(_ name: String) -> Int? {
        getenv(name).flatMap { Int(String(cString: $0)) }
    }

    private static let names = [
        "digits2.arpa", "digits2.probing.bin", "digits2.trie.bin", "digits4.trie_q4b6.bin",
        "digits4.trie_a22.bin", "digits4.trie_q8a22.bin", "digits4.probing.bin",
        "digits4.arpa.gz",
    ]
    /// More than any of these models needs, and much less than damaged counts ask for.
    private static let memoryBytesMax = 1 << 30
    private static let growthBytesMax = 32 << 20

    @Test("a damaged model is read or refused, takes no memory for it, and leaves none behind")
    func damage() async {
        await #expect(processExitsWith: .success) {
            let runs = Self.setting("SCRIPTORIUM_FUZZ_RUNS") ?? 6_000
            let seed = Self.setting("SCRIPTORIUM_FUZZ_SEED") ?? 1
            let models = try Self.names.map {
                try [UInt8](Data(contentsOf: Fixtures.folder.appending(path: $0)))
            }
            let file = try DamagedFile()
            try Self.limitMemory()
            var (refused, residentAtStart) = (0, 0)
            for run in 0..<runs {
                let mutationSeed = UInt64(seed) &* 1_000_003 &+ UInt64(run)
                var mutator = ModelMutator(generator: SeededNumbers(state: mutationSeed))
                var bytes = models[run % models.count]
                mutator.mutate(&bytes)
                try file.replace(with: bytes)
                do throws(LanguageModelError) {
                    try Self.ask(
                        LanguageModel(at: PathBytes(file.path)), "seed \(seed), run \(run)")
                } catch {
                    refused += 1
                    #expect(!error.message.isEmpty, "seed \(seed), run \(run)")
                }
                // What is taken once, such as the decompressor's tables, has been taken by then.
                if run == runs / 10 { residentAtStart = Self.residentBytes }
            }
            let growth = Self.residentBytes - residentAtStart
            #expect(growth < Self.growthBytesMax, "\(growth) bytes more at the end")
            #expect(refused > runs / 4, "most damage is noticed")
        }
    }

    private static func ask(_ model: LanguageModel, _ context: String) {
        for sentence in ["SEVEN ONE NINE HUNDRED", "ZERO ZERO TWO FOUR FIVE SIX"] {
            for word in SentenceScore(of: sentence.utf8, by: model).words {
                #expect(
                    !word.log10Probability.isNaN && word.log10Probability < .infinity, "\(context)")
            }
        }
    }

    private static func limitMemory() throws {
        let pages = try #require(Self.statm.first)
        let bytes = rlim_t(pages * Int(sysconf(Int32(_SC_PAGESIZE))) + memoryBytesMax)
        var limit = rlimit(rlim_cur: bytes, rlim_max: bytes)
        try #require(setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0)
    }

    /// Pages that the process has mapped, and those of them in memory.
    private static var statm: [Int] {
        guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else {
            return []
        }
        return text.split(separator: " ").compactMap { Int($0) }
    }

    private static var residentBytes: Int {
        (statm.dropFirst().first ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
}

/// A file that is written over again and again.
private final class DamagedFile {
    let path = NSTemporaryDirectory() + "damaged-model-\(UUID().uuidString)"
    private let descriptor: Int32

    init() throws {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        try #require(descriptor >= 0)
    }

    deinit {
        close(descriptor)
        unlink(path)
    }

    func replace(with bytes: [UInt8]) throws {
        try #require(ftruncate(descriptor, off_t(bytes.count)) == 0)
        try #require(bytes.isEmpty || pwrite(descriptor, bytes, bytes.count, 0) == bytes.count)
    }
}

/// Damage to bytes and lines as transfers, editors and attackers do it.
private struct ModelMutator {
    var generator: SeededNumbers

    private static let numbers: [UInt64] = [
        0, 1, 0x7FFF_FFFF, 0xFFFF_FFFF, 0x1_0000_0000, 1 << 40, 1 << 60, .max >> 1, .max,
        // Single-precision infinity and NaN, twice.
        0x7F80_0000_7F80_0000, 0x7FC0_0000_7FC0_0000,
    ]
    private static let words = ["-inf", "nan", "0.5", "-1e99", "", "99999999999", "<unk>", "-0"]

    mutating func mutate(_ bytes: inout [UInt8]) {
        for _ in 0..<Int.random(in: 1...4, using: &generator) where !bytes.isEmpty {
            switch Int.random(in: 0..<9, using: &generator) {
            case 0...2: bytes[place(bytes)] = UInt8.random(in: 0...255, using: &generator)
            case 3: bytes[place(bytes)] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            case 4: bytes.removeLast(Int.random(in: 1...bytes.count, using: &generator))
            case 5: store(Self.numbers.randomElement(using: &generator) ?? 0, &bytes)
            case 6: replaceField(&bytes)
            case 7:
                let start = place(bytes)
                bytes.removeSubrange(start..<min(bytes.count, start + run))
            default:
                let start = place(bytes)
                let copied = Array(bytes[start..<min(bytes.count, start + run)])
                bytes.insert(contentsOf: copied, at: place(bytes))
            }
        }
    }

    private var run: Int {
        mutating get { Int.random(in: 1...64, using: &generator) }
    }

    /// Anywhere, and as often in the head, on which all else depends.
    private mutating func place(_ bytes: [UInt8]) -> Int {
        let isHead = Bool.random(using: &generator)
        return Int.random(
            in: 0..<(isHead ? min(200, bytes.count) : bytes.count), using: &generator)
    }

    private mutating func store(_ number: UInt64, _ bytes: inout [UInt8]) {
        let start = place(bytes)
        let width = [1, 2, 4, 8].randomElement(using: &generator) ?? 1
        for index in 0..<width where start + index < bytes.count {
            bytes[start + index] = UInt8(truncatingIfNeeded: number >> (8 * index))
        }
    }

    /// Puts something else for what stands between white space or `=`.
    private mutating func replaceField(_ bytes: inout [UInt8]) {
        func isBetween(_ byte: UInt8) -> Bool { [0x09, 0x0A, 0x20, 0x3D].contains(byte) }
        let start = place(bytes)
        let end = bytes[start...].firstIndex(where: isBetween) ?? bytes.endIndex
        let word = Self.words.randomElement(using: &generator) ?? ""
        bytes.replaceSubrange(start..<end, with: Array(word.utf8))
    }
}

/// SplitMix64 (Steele, Lea and Flood 2014).
private struct SeededNumbers: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
