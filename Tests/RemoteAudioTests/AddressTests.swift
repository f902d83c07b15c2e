import RemoteAudio
import SpeechTypes
import Testing

@Suite("Addresses of recordings, and which may be fetched") struct AddressTests {
    private func admits(_ pattern: String, _ address: String) throws -> Bool {
        let pattern = try #require(SourcePattern(pattern))
        return pattern.admits(try #require(RemoteAddress(PathBytes(address))))
    }

    @Test(
        "a pattern admits what begins as it does, and nothing beside it",
        arguments: [
            ("s3://talks/", "s3://talks/a.wav", true),
            ("s3://talks", "s3://talks/a.wav", true),
            ("s3://talks/2024/", "s3://talks/2024/a.wav", true),
            ("s3://talks/2024/", "s3://talks/2025/a.wav", false),
            ("s3://talks/2024", "s3://talks/2024/a.wav", false),
            ("s3://talks/a.wav", "s3://talks/a.wav", true),
            ("s3://talks/", "s3://talks-of-others/a.wav", false),
            ("s3://talks/a.wav", "s3://talks/a.wav?versionId=3f", true),
            ("s3://talks/a.wav?versionId=3f", "s3://talks/a.wav?versionId=3f", true),
            ("s3://talks/a.wav?versionId=3f", "s3://talks/a.wav?versionId=3e", false),
            ("s3://talks/a.wav?versionId=3f", "s3://talks/a.wav", false),
            ("s3://talks/a/", "s3://talks/a/../b.wav", true),
            ("s3://*", "s3://any/a.wav", true),
            ("s3://*", "https://any/a.wav", false),
            ("https://example.org/", "https://example.org/a.wav", true),
            ("https://example.org/", "https://EXAMPLE.org/a.wav", true),
            ("https://example.org/", "http://example.org/a.wav", false),
            ("https://example.org/", "https://example.org:8443/a.wav", false),
            ("https://example.org:8443/", "https://example.org:8443/a.wav", true),
            ("https://example.org/", "https://example.org.evil.net/a.wav", false),
            ("https://*.example.org/", "https://cdn.example.org/a.wav", true),
            ("https://*.example.org/", "https://example.org/a.wav", false),
            ("https://*.example.org/", "https://badexample.org/a.wav", false),
            ("https://example.org/talks/", "https://example.org/talks/../keys", false),
            ("https://example.org/talks/", "https://example.org/talks/%2e%2E/keys", false),
            ("https://example.org/talks/", "https://example.org/talks/a.wav?x=/../", true),
            ("https://example.org/", "https://example.org?x", true),
            ("https://*", "https://169.254.169.254/latest", true),
        ])
    func admission(pattern: String, address: String, expected: Bool) throws {
        #expect(try admits(pattern, address) == expected)
    }

    @Test(
        "what is no pattern is none",
        arguments: [
            "", "*", "talks", "/talks/", "ftp://a/", "s3://", "https://a*b/", "https://*.*.org/",
            "https://user@host/", "s3://*.talks/", "s3://two words/", "https://a?b/",
        ])
    func noPattern(text: String) { #expect(SourcePattern(text) == nil) }

    @Test(
        "what cannot be asked for is no address",
        arguments: [
            "a.wav", "s3://bucket", "s3://bucket/", "https://", "https://user:key@host/a.wav",
            "gs://bucket/a.wav", "https://two words/a.wav",
        ])
    func noAddress(text: String) { #expect(RemoteAddress(PathBytes(text)) == nil) }

    @Test("queries, which may be signatures, do not stand in messages")
    func redaction() throws {
        let signed = "https://b.s3.amazonaws.com/a.wav?X-Amz-Signature=secret"
        #expect(
            try #require(RemoteAddress(PathBytes(signed))).text
                == "https://b.s3.amazonaws.com/a.wav?…")
        // In a store's key a question mark is a letter.
        #expect(
            try #require(RemoteAddress(PathBytes("s3://b/what?.wav"))).text == "s3://b/what?.wav")
    }
}
