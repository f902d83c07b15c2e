import Foundation
import Testing

/// Weights are packed once for all workers of a machine.
@Suite("Packed weights of a job") struct InstantStartTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private var cacheFolder: String { scratch.path("cache") }

    /// What is kept, by name.
    private func files() -> [String] {
        let names =
            (try? FileManager.default.contentsOfDirectory(
                atPath: "\(cacheFolder)/scriptorium/weights")) ?? []
        return names.filter { !$0.hasPrefix(".") }
    }

    /// Transcribes the examples; the output's bytes, and the lines about packed weights.
    private func transcribe(
        _ name: String, _ options: [String] = [], cache: String? = nil
    ) throws -> (output: Data, said: [Substring]) {
        let out = scratch.path("\(name).jsonl")
        let result = try Program.run(
            [
                "transcribe", Examples.manifest, "--model", Examples.model, "-o", out,
                "--threads", "1",
            ] + options, environment: ["XDG_CACHE_HOME": cache ?? cacheFolder])
        #expect(result.status == 0, "\(result.errors)")
        let said = result.errors.split(separator: "\n").filter { $0.contains("packed weights") }
        return (try Data(contentsOf: URL(fileURLWithPath: out)), said)
    }

    @Test("a job writes the same bytes whether weights are found packed, damaged or not at all")
    func sameBytes() throws {
        let cold = try transcribe("cold")
        #expect(cold.said.isEmpty, "\(cold.said)")
        #expect(files().count == 1 && files()[0].hasSuffix(".weights"), "\(files())")
        let warm = try transcribe("warm")
        #expect(warm.output == cold.output && warm.said.isEmpty, "\(warm.said)")

        let path = "\(cacheFolder)/scriptorium/weights/\(files()[0])"
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        bytes[bytes.count - 5] ^= 1
        try bytes.write(to: URL(fileURLWithPath: path))
        let altered = try transcribe("altered")
        #expect(altered.output == cold.output)
        #expect(
            altered.said.count == 1
                && altered.said.allSatisfy { $0.contains("its bytes were altered") },
            "\(altered.said)")
        try bytes.dropLast(bytes.count / 2).write(to: URL(fileURLWithPath: path))
        let cut = try transcribe("cut")
        #expect(cut.output == cold.output)
        #expect(
            cut.said.count == 1 && cut.said.allSatisfy { $0.contains("made anew") }, "\(cut.said)")
        #expect(try transcribe("mended").said.isEmpty)

        let without = try transcribe("without", cache: "/dev/null/none")
        #expect(without.output == cold.output)
        #expect(
            without.said.count == 1 && without.said.allSatisfy { $0.contains("are not kept") },
            "\(without.said)")
    }

    @Test("two workers that start at once both work, and leave one file")
    func together() throws {
        let two = try transcribe("two", ["--workers", "2"])
        #expect(two.said.isEmpty, "\(two.said)")
        #expect(files().count == 1, "\(files())")
        #expect(try transcribe("one").output == two.output)
    }

    @Test("the doctor says where packed weights are, and how large")
    func doctor() throws {
        let result = try Program.run(
            ["doctor", "--model", Examples.model, "--folder", scratch.path(".")],
            environment: ["XDG_CACHE_HOME": cacheFolder])
        #expect(
            result.output.contains(
                "\(cacheFolder)/scriptorium/weights: packed weights of 1 models"),
            "\(result.output)")
        let without = try Program.run(
            ["doctor", "--model", Examples.model, "--folder", scratch.path(".")],
            environment: ["XDG_CACHE_HOME": "/dev/null/none"])
        #expect(without.output.contains("packed weights are not kept"), "\(without.output)")
    }
}
