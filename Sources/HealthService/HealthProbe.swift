internal import Glibc
package import HTTPService
internal import SystemErrors
internal import Threading

/// Asks a process of this program for its health.
package enum HealthProbe {
    /// Answers are a line.
    private static let answerBytesMax = 16 << 10

    /// The status and the body of the answer to `GET path`.
    ///
    /// - Returns: nil if nobody answers in time.
    package static func ask(
        _ address: HTTPAddress, for path: String, withinMilliseconds: Int
    ) -> (status: Int, body: String)? {
        let deadline = MonotonicClock.milliseconds() + withinMilliseconds
        let descriptor = address.makeSocket()
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        if address.withSocketAddress({ connect(descriptor, $0, $1) }) != 0 {
            guard errno == EINPROGRESS, waits(descriptor, POLLOUT, deadline) else { return nil }
        }
        let request = Array(
            "GET \(path) HTTP/1.1\r\nHost: \(address)\r\nConnection: close\r\n\r\n".utf8)
        // A fresh connection takes a few hundred bytes at once, or it has failed.
        guard send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count
        else { return nil }
        var answer: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4 << 10)
        while answer.count < answerBytesMax, waits(descriptor, POLLIN, deadline) {
            let count = recv(descriptor, &chunk, chunk.count, 0)
            if count == 0 { return parsed(answer) }
            if count < 0, errno != EAGAIN, errno != EINTR { return nil }
            answer += chunk.prefix(max(0, count))
        }
        return nil
    }

    private static func waits(_ descriptor: Int32, _ events: Int32, _ deadline: Int) -> Bool {
        var item = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        let left = deadline - MonotonicClock.milliseconds()
        return left > 0 && poll(&item, 1, Int32(clamping: left)) == 1
    }

    /// A whole answer: status line, headers, an empty line, the body.
    private static func parsed(_ answer: [UInt8]) -> (status: Int, body: String)? {
        let text = String(decoding: answer, as: UTF8.self)
        let words = text.prefix { !$0.isNewline }.split(separator: " ")
        guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]) else {
            return nil
        }
        // A line's end of two bytes is one character.
        let lines = text.split(
            separator: "\r\n", maxSplits: .max, omittingEmptySubsequences: false)
        guard let end = lines.firstIndex(of: "") else { return nil }
        return (status, lines[(end + 1)...].joined(separator: "\r\n"))
    }
}
