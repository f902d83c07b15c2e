import SpeechTypes
import Testing

@Suite("Names of members of archives") struct ArchiveMemberTests {
    @Test(
        "a name that was written is read as it was",
        arguments: [
            ("a.wav", "b.tar"), ("dir/a b::c.wav", "/data/audio_0.tar"), ("::", "x"),
            ("a.wav", "s3://bucket/audio_0.tar"), ("a.wav", "http://[fe80::1]:80/b.tar"),
            ("a:1:2.wav", "b.tar"),
        ])
    func roundTrip(name: String, archive: String) throws {
        for place in [nil, 512..<700] {
            let member = ArchiveMember(
                .tar, PathBytes(name), in: PathBytes(archive), at: place)
            #expect(ArchiveMember(member.path) == member)
        }
        #expect(ArchiveMember.canName(PathBytes(archive)))
    }

    @Test("what names no member is none")
    func others() {
        for path in [
            "a.wav", "tar://a.wav", "tar://::b.tar", "tar://a::", "s3://a::b", "tar:a::b",
            "zip:/a::b",
        ] { #expect(ArchiveMember(PathBytes(path)) == nil, "\(path)") }
        #expect(ArchiveMember("zip://a::b.zip")?.kind == .zip)
        #expect(!ArchiveMember.canName("a::b.tar"))
        #expect(!ArchiveMember.canName("a:1:2"))
    }
}
