import Testing

/// A little of `make seams`: what a long recording says may not depend on where its windows begin.
@Suite("Words planted on the seams of long recordings") struct PlantedWordTests {
    @Test("they are read once, and late times are those of the window by itself")
    func seams() throws {
        let result = try Program.runScript(
            "Tests/Seams/seams.py", ["--seams", "12", "--hours", "0.1", "--workers", "2"])
        #expect(result.status == 0, "\(result.output)")
        #expect(result.output.contains("12 seams: "), "\(result.output)")
        #expect(result.output.contains("written twice: 0 on seams"), "\(result.output)")
        #expect(result.output.contains(" 0 windows that are not exactly"), "\(result.output)")
    }

    @Test("cuts within speech, where no place is quiet, are seams like others")
    func cuts() throws {
        let result = try Program.runScript(
            "Tests/Seams/seams.py",
            ["--chunk", "speech", "--seams", "4", "--hours", "0", "--workers", "2"])
        #expect(result.status == 0, "\(result.output)")
        #expect(result.output.contains("written twice: 0 on seams"), "\(result.output)")
    }

    /// A little of `make archive`.
    @Test("in noise and behind music, every word lies in a window, and each is written once")
    func archive() throws {
        let result = try Program.runScript(
            "Tests/Seams/archive.py",
            [
                "--words", "30", "--scenes", "noise,music", "--hours", "0", "--radio", "1.5",
                "--workers", "2",
            ])
        #expect(result.status == 0, "\(result.output)")
        #expect(result.output.contains("music        grid"), "\(result.output)")
        #expect(result.output.contains("  clear        speech"), "\(result.output)")
        #expect(result.output.contains("each by itself"), "\(result.output)")
    }
}
