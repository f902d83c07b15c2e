import Foundation
import FoundationXML
import Testing

@Suite("Pictures of rows")
struct PictureTests {
    @Test(
        "show --svg draws a row's waveform, speech, windows and words, and says what it cannot draw"
    )
    func picture() throws {
        let scratch = try Scratch()
        let spoken = try WaveFile.samples(of: "\(Examples.folder)/audio/string_voices_16k.flac")
        let silence = [Int16](repeating: 0, count: 10 * 16_000)
        try WaveFile.write(silence + spoken + silence + spoken, to: scratch.path("a&b.wav"))
        let manifest = scratch.path("rows.jsonl")
        try Data(#"{"audio_filepath":"a&b.wav","id":"talk"}"#.utf8).write(
            to: URL(fileURLWithPath: manifest))
        let (out, svg) = (scratch.path("out.jsonl"), scratch.path("talk.svg"))
        let job = try Program.run([
            "transcribe", manifest, "--model", Examples.model, "--chunk", "speech", "-o", out,
        ])
        #expect(job.status == 0, "\(job.errors)")

        let drawn = try Program.run(["show", out, "--svg", svg])
        #expect(drawn.status == 0, "\(drawn.errors)")
        let picture = try String(contentsOf: URL(fileURLWithPath: svg), encoding: .utf8)
        #expect(XMLParser(data: Data(picture.utf8)).parse())
        #expect(picture.contains("<title>a&amp;b.wav</title>"))
        #expect(picture.contains("2 windows around speech"))
        let words = try #require(try Record.read(out).first).predictedText.split(separator: " ")
        #expect(picture.contains("\(words.count) words"))
        #expect(words.allSatisfy { picture.contains(">\($0)</text>") })

        // A part, by the row's name, draws less and the same once more.
        let part = scratch.path("part.svg")
        let some = try Program.run(["show", out, "talk", "--svg", part, "--span", "0:09-12.5"])
        #expect(some.status == 0, "\(some.errors)")
        let text = try String(contentsOf: URL(fileURLWithPath: part), encoding: .utf8)
        #expect(text.contains(">0:11.5</text>") && text.utf8.count < picture.utf8.count)

        for (arguments, words) in [
            (["show", out, "--svg", part, "--span", "100-200"], "nothing of a&b.wav lies there"),
            (["show", out, "9", "--svg", part], "has no row 9"),
            (["show", out, "--svg", part, "--span", "5"], "--span is two times"),
            (["show", out, "--span", "5-6"], "--svg"),
            (["show", out, "--svg", part, "--audio-root", scratch.path("nowhere")], "a&b.wav"),
        ] {
            let refused = try Program.run(arguments)
            #expect(refused.status != 0)
            #expect(refused.errors.contains(words), "\(refused.errors)")
        }
    }
}
