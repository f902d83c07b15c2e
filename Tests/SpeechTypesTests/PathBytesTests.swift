import SpeechTypes
import Testing

@Suite("Paths of audio")
struct PathBytesTests {
    @Test("paths are joined at slashes, whatever stands beside them")
    func joining() {
        let folder = PathBytes("/a/b")
        #expect(folder.joined("c") == "/a/b/c")
        #expect(folder.joined("/c") == "/c")
        #expect(folder.joined("") == folder)
        #expect(folder.joined(".") == folder)
        #expect(PathBytes("/").joined("c") == "/c")
        #expect(PathBytes("a//").joined("c") == "a//c")
        // A mark that joins the slash makes one character of both, and two parts of a path still.
        let mark = PathBytes("\u{301}x.wav")
        #expect(folder.joined(mark).bytes == Array("/a/b/\u{301}x.wav".utf8))
        #expect(folder.joined(mark).folder == folder)
        #expect(PathBytes("/\u{301}x").isAbsolute)
    }

    @Test("what is below a folder is told by whole parts")
    func within() {
        #expect(PathBytes("/a/b").isWithin("/a"))
        #expect(PathBytes("/a").isWithin("/a"))
        #expect(PathBytes("/a").isWithin("/"))
        #expect(!PathBytes("/ab").isWithin("/a"))
        #expect(PathBytes("/a/\u{301}b").isWithin("/a"))
        #expect(!PathBytes("/e\u{301}/b").isWithin("/\u{E9}"))
    }

    @Test("names that look alike are two names, and bytes that are no text are kept")
    func bytes() {
        #expect(PathBytes("\u{E9}") != PathBytes("e\u{301}"))
        let latin = PathBytes(bytes: [0x63, 0xE9, 0x2E, 0x57, 0x41, 0x56])
        #expect(!latin.isText)
        #expect(latin.text == "c\u{FFFD}.WAV")
        #expect(latin.fileExtension == "wav")
        #expect(PathBytes("a/.hidden").fileExtension == "")
        #expect(PathBytes("a.b/c").fileExtension == "")
        #expect(latin.withCString { PathBytes(cString: $0) } == latin)
    }

    @Test("a path with a zero byte leads nowhere")
    func zero() {
        #expect(PathBytes(bytes: [0x2F, 0]).resolved == nil)
        #expect(PathBytes("/").resolved == "/")
    }
}
