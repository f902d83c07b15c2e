import Digests
import Foundation
import Manifests
import Provenance
import Testing

@Suite("Reports and digests that are not what was written")
struct SideFileTests {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("scriptorium-sides-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    private func write(_ text: some Sequence<UInt8>) throws -> String {
        let path = folder.appendingPathComponent("file").path
        try Data(text).write(to: URL(fileURLWithPath: path))
        return path
    }

    private static let digest = String(repeating: "ab", count: 32)

    private func report(
        rows: String = "3", rejected: String = "1", failure: String = "1", part: String = "1/2",
        arithmetic: String = "fp32/avx2/onednn-2.6"
    ) -> String {
        """
        {"job":{"id":"\(Self.digest)","manifest":"m","folder":"/f","model":"x","protocol":1,\
        "manifest_sha256":"\(Self.digest)","model_sha256":"\(Self.digest)","engine":2,"part":"\(part)",\
        "arithmetic":"\(arithmetic)","options":{"channels":"mix"}},"rows":\(rows),\
        "transcribed":2,"rejected":\(rejected),"quarantined":0,"output":{"sha256":"\(Self.digest)",\
        "digests_sha256":"\(Self.digest)"},"failures":[{"row":\(failure),"code":"audio.empty"}]}

        """
    }

    @Test("a report that is cut anywhere is refused")
    func cutReport() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let bytes = Array(report().utf8)
        #expect(try ReportFile.read(write(bytes))?.rows == 3)
        for cut in 0..<bytes.count - 1 {
            let path = try write(bytes.prefix(cut))
            #expect(throws: ManifestError.self, "cut at \(cut)") { try ReportFile.read(path) }
        }
    }

    @Test(
        "counts that no job has are refused, not counted with",
        arguments: ["-1", "9007199254740991", "4294967296", "1e300", "0.5"])
    func oddCounts(number: String) throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        for text in [report(rows: number), report(rejected: number)] {
            let path = try write(text.utf8)
            #expect(throws: ManifestError.self) { try ReportFile.read(path) }
        }
    }

    @Test("parts whose reports name rows that they do not have are joined without those")
    func oddRows() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let text = try joined(failures: ["9007199254740991", "-7"])
        #expect(text.contains("\"failures\":[]"), "\(text)")
    }

    @Test(
        "a part that no worker had to look at fits parts of any arithmetic",
        arguments: [["auto", "fp32/avx2/onednn-2.6"], ["bf16/avx512/onednn-2.6", "auto"]])
    func unresolvedArithmetic(_ arithmetics: [String]) throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let text = try joined(arithmetics: arithmetics)
        let resolved = try #require(arithmetics.first { $0 != "auto" })
        #expect(text.contains("\"arithmetic\":\"\(resolved)\""), "\(text)")
    }

    @Test("parts of two arithmetics are not joined")
    func twoArithmetics() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        #expect(throws: ManifestError.self) {
            try joined(arithmetics: ["bf16/avx512/onednn-2.6", "fp32/avx2/onednn-2.6"])
        }
    }

    /// Joins two parts of three rows; the report of the whole.
    private func joined(
        failures: [String] = ["1", "1"],
        arithmetics: [String] = ["fp32/avx2/onednn-2.6", "fp32/avx2/onednn-2.6"]
    ) throws -> String {
        let output = Array("{}\n{}\n{}\n".utf8)
        let digests = Array("{\"record\":\"\(Self.digest.prefix(32))\"}\n".utf8)
        func digest(_ bytes: [UInt8]) -> String { SHA256Hasher.digest(of: bytes).hex }
        let paths = [1, 2].map { folder.appendingPathComponent("\($0).jsonl").path }
        for (index, path) in paths.enumerated() {
            let report = report(
                failure: failures[index], part: "\(index + 1)/2", arithmetic: arithmetics[index]
            ).replacing(
                "\"output\":{\"sha256\":\"\(Self.digest)",
                with: "\"output\":{\"sha256\":\"\(digest(output))"
            ).replacing(
                "\"digests_sha256\":\"\(Self.digest)",
                with: "\"digests_sha256\":\"\(digest(digests))")
            for (bytes, file) in [
                (output, path), (digests, DigestsFile.path(ofOutput: path)),
                (Array(report.utf8), ReportFile.path(ofOutput: path)),
            ] {
                try Data(bytes).write(to: URL(fileURLWithPath: file))
            }
        }
        let join = try PartJoin(paths.map { try PartJoin.Part(output: $0) })
        #expect(join.bytesToRead == 2 * (output.count + 2 * digests.count))
        let joined = folder.appendingPathComponent("all.jsonl").path
        #expect(try join.write(to: joined).rows == 6)
        return try String(contentsOfFile: joined + ".report.json", encoding: .utf8)
    }

    @Test("digests that are cut anywhere are refused or end sooner, and odd rows are refused")
    func digests() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let half = String(Self.digest.prefix(32))
        let line = "{\"record\":\"\(half)\",\"audio\":\"\(half)\",\"same_audio_as\":0}\n"
        let bytes = Array((line + line).utf8)
        for cut in 0...bytes.count {
            let path = try write(bytes.prefix(cut))
            let rows = try? DigestsFile.read(path).rowCount
            #expect(rows == nil || rows == (cut + 1) / line.utf8.count, "cut at \(cut)")
        }
        let object = "7 bytes, etag \"x\""
        let fetched = try write(
            DigestsFile.line(record: .zero, audio: .zero, sameAudioAs: nil, object: object)
                + Array(line.utf8))
        let digests = try DigestsFile.read(fetched)
        // What is there now, of the first row, and of one that was no object.
        let now: [(String, Int)] = [(object, 0), ("8 bytes", 0), ("", 0), (object, 1)]
        #expect(now.map { digests.isOther(object: $0, of: $1) } == [false, true, nil, nil])
        for number in ["-1", "9007199254740991", "4294967296"] {
            let path = try write(line.replacing(":0}", with: ":\(number)}").utf8)
            #expect(throws: ManifestError.self) { try DigestsFile.read(path) }
        }
    }
}
