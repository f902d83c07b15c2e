import AudioFormats
import AudioInput
import Foundation
import SpeechTypes
import Testing

@Suite("The table of what is decoded by whom") struct AudioTableTests {
    /// As many digits as the resamplers of rate changes, and time stamps of containers, deserve.
    private static let tolerance = 0.001_5

    @Test("each file decodes as the table says, and as long as ffmpeg has it")
    func table() throws {
        let bench = try AudioBench()
        let reader = AudioReader()
        let measured = try bench.secondsOfFFmpeg(
            AudioCase.all.filter { $0.outcome == .asFFmpeg }.map(\.file))
        for entry in AudioCase.all {
            let path = bench.path(entry.file)
            let recognised = try AudioRecognition.recognise(path: path)
            #expect((recognised?.formatName ?? "unknown") == entry.type, "\(entry.name)")
            do throws(AudioError) {
                let found = try reader.inspect(PathBytes(path)) { _ in }
                let expected: Double? =
                    switch entry.outcome {
                    case .asFFmpeg: measured[entry.file]
                    case .seconds(let seconds, _): seconds
                    case .refused: nil
                    }
                let seconds = found.summary.decodedSeconds
                #expect(
                    expected.map { abs($0 - seconds) < Self.tolerance } == true,
                    "\(entry.name): \(seconds) s, expected \(String(describing: expected))")
                #expect(found.decoder.description == entry.decoder, "\(entry.name)")
                #expect(
                    (found.summary.audioWarning?.code.rawValue ?? "") == entry.record,
                    "\(entry.name): \(String(describing: found.summary.audioWarning))")
                let warnings = found.summary.warnings
                #expect(warnings.isEmpty == entry.report.isEmpty, "\(entry.name): \(warnings)")
                #expect(
                    entry.report.isEmpty || warnings.contains { $0.contains(entry.report) },
                    "\(entry.name): \(warnings)")
            } catch {
                #expect(
                    entry.outcome == .refused(error.code.rawValue) && entry.decoder == "nobody",
                    "\(entry.name): \(error.code.rawValue), \(error)")
                #expect(error.failureClass == .input, "\(entry.name)")
            }
        }
    }

    @Test("docs/audio.md has these rows, in this order, and no others")
    func document() throws {
        let page = try String(
            contentsOf: URL(filePath: #filePath)
                .deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent().deletingLastPathComponent()
                .appending(path: "docs/audio.md"), encoding: .utf8)
        let start = try #require(page.range(of: "| file | type | decoded by | outcome |\n"))
        let rows = page[start.upperBound...].split(
            separator: "\n", omittingEmptySubsequences: false
        )
        .dropFirst().prefix { $0.hasPrefix("|") }.map(String.init)
        #expect(rows.count >= 60)
        for (row, entry) in zip(rows, AudioCase.all) { #expect(row == entry.documented) }
        #expect(rows.count == AudioCase.all.count)
    }

    @Test("docs/audio.md has the table of decoders, type by type, with its reasons")
    func decoders() throws {
        let page = try String(
            contentsOf: URL(filePath: #filePath)
                .deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent().deletingLastPathComponent()
                .appending(path: "docs/audio.md"), encoding: .utf8)
        for format in AudioFormat.allCases {
            let decoding = format.decoding
            let second = decoding.second.map { ", else \($0)" } ?? ""
            let row = "| \(format.rawValue) | \(decoding.first)\(second) | \(decoding.reason) |"
            #expect(page.contains(row), "\(row)")
        }
    }
}
