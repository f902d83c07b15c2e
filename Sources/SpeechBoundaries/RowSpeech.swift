package import StrictJSON
package import TranscriptRows

/// The stretches of speech that a row itself names.
///
/// A list of objects with `start` and `end` (and `speaker` and `channel`, where they are known), or of
/// pairs `[start, end]`: seconds from the beginning of the row. What else an object has is not looked at,
/// so that NeMo's `segment_timestamps` are such a list.
package struct RowSpeech: Hashable, Sendable {
    /// Why a member of a row is no such list.
    package struct Fault: Error, Hashable, Sendable, CustomStringConvertible {
        package let description: String
    }

    /// In the order of their starts.
    package let stretches: [SpeechStretch]

    /// What rows call them that have them of a file.
    package static let memberName = "speech_segments"

    package init(_ stretches: [SpeechStretch]) {
        self.stretches = stretches.inOrder().map { stretches[$0] }
    }

    /// Reads a member's value.
    ///
    /// - Throws: what is wrong with it; items are counted from 1.
    package init(_ value: JSONValue) throws(Fault) {
        guard let items = value.array else {
            throw Fault(
                description: "a list of {\"start\":…,\"end\":…} or [start, end] should stand here")
        }
        var found: [SpeechStretch] = []
        found.reserveCapacity(items.count)
        for (index, item) in items.enumerated() {
            guard let stretch = Self.stretch(item) else {
                throw Fault(
                    description:
                        "item \(index + 1) has no start and end in seconds, in order, or its "
                        + "channel is no number from 0")
            }
            found.append(stretch)
        }
        if let (first, second) = found.firstContradiction() {
            throw Fault(
                description: "items \(first + 1) and \(second + 1) overlap, and are of one speaker")
        }
        self.init(found)
    }

    private static func stretch(_ item: JSONValue) -> SpeechStretch? {
        if let pair = item.array {
            guard pair.count == 2, let start = time(pair[0]), let end = time(pair[1]), start <= end
            else { return nil }
            return SpeechStretch(start: start, end: end)
        }
        guard let object = item.object, let start = time(object["start"]),
            let end = time(object["end"]), start <= end
        else { return nil }
        var stretch = SpeechStretch(start: start, end: end)
        if let channel = object["channel"], !channel.isNull {
            guard let number = channel.int, 0..<1_024 ~= number else { return nil }
            stretch.channel = number
        }
        stretch.speaker = object["speaker"]?.string.flatMap { FlatText.isBlank($0) ? nil : $0 }
        return stretch
    }

    private static func time(_ value: JSONValue?) -> MediaTime? {
        guard case .number(let number)? = value else { return nil }
        return Array(number.text.utf8).withUnsafeBytes { MediaTime(seconds: $0) }
    }

    /// The list as JSON.
    package var json: [UInt8] {
        var writer = JSONWriter()
        writer.beginArray()
        for stretch in stretches {
            writer.beginObject()
            for (name, time) in [("start", stretch.start), ("end", stretch.end)] {
                writer.key(name)
                var seconds: [UInt8] = []
                seconds.appendExactSeconds(time)
                writer.raw(seconds)
            }
            if let channel = stretch.channel { writer.member("channel", channel) }
            if let speaker = stretch.speaker { writer.member("speaker", speaker) }
            writer.endObject()
        }
        writer.endArray()
        return writer.bytes
    }

    /// When anybody speaks on a channel: in order, and none touching another.
    ///
    /// - Parameter channel: nil for a mix of all.
    package func spans(channel: Int?) -> [Range<MediaTime>] {
        var spans: [Range<MediaTime>] = []
        for stretch in heard(on: channel) where stretch.start < stretch.end {
            if let last = spans.last, stretch.start <= last.upperBound {
                spans[spans.count - 1] = last.lowerBound..<max(last.upperBound, stretch.end)
            } else {
                spans.append(stretch.start..<stretch.end)
            }
        }
        return spans
    }

    /// As ``spans(channel:)``, in samples.
    ///
    /// - Parameter rate: samples a second.
    package func samples(channel: Int?, rate: Int) -> [Range<Int>] {
        spans(channel: channel).map {
            $0.lowerBound.frames(rate: rate)..<$0.upperBound.frames(rate: rate)
        }
    }

    /// The stretches that are of a channel, or of all.
    package func heard(on channel: Int?) -> [SpeechStretch] {
        guard let channel else { return stretches }
        return stretches.filter { $0.channel == nil || $0.channel == channel }
    }

    /// What lies in a span of a recording, with times from the beginning of that.
    ///
    /// - Parameter end: nil for the end of the recording.
    package func within(_ start: MediaTime, _ end: MediaTime?) -> RowSpeech {
        RowSpeech(
            stretches.compactMap { stretch in
                let first = max(stretch.start, start)
                let last = min(stretch.end, end ?? .max)
                guard first < last else { return nil }
                var moved = stretch
                moved.start = first - start
                moved.end = last - start
                return moved
            })
    }
}
