import AudioInput
import Foundation
import Testing

@Suite("Scratch") struct ScratchPrint {
    @Test("print") func run() throws {
        var text = AudioFormat.allCases.map { format in
            let decoding = format.decoding
            let second = decoding.second.map { ", else \($0)" } ?? ""
            return "| \(format.rawValue) | \(decoding.first)\(second) | \(decoding.reason) |"
        }.joined(separator: "\n")
        text += "\n=====\n" + AudioCase.all.map(\.documented).joined(separator: "\n") + "\n"
        try text.write(toFile: "/tmp/B/tables.txt", atomically: true, encoding: .utf8)
    }
}
