internal import Digests
package import HTTPService

/// A page with one script and one style, and the policy that nothing else runs in it.
package enum ScriptedPage {
    /// Only what is in the page itself runs, and it talks to nobody but this process.
    package static func reply(_ text: String, script: String, style: String) -> HTTPReply {
        var reply = HTTPReply(200, text)
        reply.contentType = "text/html; charset=utf-8"
        reply.fields["Content-Security-Policy"] =
            "default-src 'none'; script-src 'sha256-\(base64Digest(of: script))'; "
            + "style-src 'sha256-\(base64Digest(of: style))'; connect-src 'self'; "
            + "img-src data:; media-src 'self' blob:; base-uri 'none'; form-action 'none'; "
            + "frame-ancestors 'none'"
        return reply
    }

    private static func base64Digest(of text: String) -> String {
        Base64.text(SHA256Hasher.digest(of: Array(text.utf8)).bytes)
    }
}
