internal import SpeechTypes

/// A walk over a stream of MPEG audio by its frame headers; nothing is decoded.
///
/// Tags between frames are passed over, and so is junk, up to the next place from which frames follow
/// one another again. Memory does not grow with the stream. What is found depends on the file and on
/// where the walk begins; a walk that begins at a frame of an earlier one finds the same frames.
package struct MPEGFrames {
    /// What stands at a place of the file.
    package enum Item: Equatable {
        /// A frame with sound.
        case frame(MPEGFrameHeader, offset: Int)
        /// A frame in which an encoder says what the frames behind it are.
        case information(MPEGInformation, MPEGFrameHeader, offset: Int)
        /// Bytes that belong to no frame and no tag.
        case junk(offset: Int, byteCount: Int)
        /// The file ends within a frame.
        case cut(offset: Int, byteCount: Int)
    }

    /// Where the next item begins.
    package private(set) var offset: Int

    private let file: AudioFile
    private var window: [UInt8] = []
    private var windowStart = 0
    /// The last frame's header; a frame behind it that is like it is believed at once.
    private var last: MPEGFrameHeader?

    private static let windowBytes = 1 << 18

    /// - Parameter offset: where to begin; any byte of the file.
    package init(_ file: AudioFile, from offset: Int = 0) {
        self.file = file
        self.offset = offset
    }

    /// The next item; nil at the end of the file.
    package mutating func next() throws(AudioError) -> Item? {
        while offset < file.byteCount {
            // Room for a frame, the header behind it and whatever tells a tag.
            try fill(from: offset, count: 2 * MPEGFrameHeader.byteCountMax)
            let start = offset - windowStart
            let place = window.withUnsafeBytes { Self.place($0, start, last) }
            switch place {
            case .frame(let header):
                guard offset + header.byteCount <= file.byteCount else {
                    defer { offset = file.byteCount }
                    return .cut(offset: offset, byteCount: file.byteCount - offset)
                }
                defer { offset += header.byteCount }
                last = header
                let information = window.withUnsafeBytes { MPEGInformation($0, at: start, header) }
                return information.map { .information($0, header, offset: offset) }
                    ?? .frame(header, offset: offset)
            // A tag that says to be longer than the file is not believed.
            case .tag(let byteCount) where offset + byteCount <= file.byteCount:
                offset += byteCount
            case .tag, .neither:
                let end = try resynchronized(from: offset + 1)
                defer { offset = end }
                return .junk(offset: offset, byteCount: end - offset)
            }
        }
        return nil
    }

    /// The bytes of a frame that the last call of ``next()`` has returned.
    package func bytes(of header: MPEGFrameHeader, at offset: Int) -> ArraySlice<UInt8> {
        window[offset - windowStart..<offset - windowStart + header.byteCount]
    }

    private enum Place {
        case frame(MPEGFrameHeader)
        case tag(Int)
        case neither
    }

    /// What stands at `start`.
    private static func place(
        _ bytes: UnsafeRawBufferPointer, _ start: Int, _ last: MPEGFrameHeader?
    ) -> Place {
        if let header = MPEGFrameHeader(bytes, at: start) {
            if let last, header.isOfSameStream(as: last) { return .frame(header) }
            if isFollowed(header, bytes, start) { return .frame(header) }
        }
        let length = MPEGTags.length(bytes[start...].prefix(32))
        return length > 0 ? .tag(length) : .neither
    }

    /// Whether a frame like this, a tag, or the end stands behind the frame at `start`.
    private static func isFollowed(
        _ header: MPEGFrameHeader, _ bytes: UnsafeRawBufferPointer, _ start: Int
    ) -> Bool {
        let end = start + header.byteCount
        // The window reaches this far unless the file ends before.
        if end >= bytes.count { return end == bytes.count }
        if let next = MPEGFrameHeader(bytes, at: end) { return next.isOfSameStream(as: header) }
        return MPEGTags.length(bytes[end...].prefix(32)) > 0
    }

    /// The first place from `start` on where a frame or a tag stands; the end of the file if none does.
    private mutating func resynchronized(from start: Int) throws(AudioError) -> Int {
        var start = start
        while start < file.byteCount {
            try fill(from: start, count: 4 * MPEGFrameHeader.byteCountMax)
            let first = start - windowStart
            let isLast = windowStart + window.count == file.byteCount
            // A frame at the very end of the window could not be held against the next.
            let end = isLast ? window.count : window.count - 2 * MPEGFrameHeader.byteCountMax
            let found = window.withUnsafeBytes { bytes -> Int? in
                (first..<end).first { index in
                    switch bytes[index] {
                    case 0xFF:
                        MPEGFrameHeader(bytes, at: index).map {
                            Self.isFollowed($0, bytes, index)
                        } ?? false
                    case 0x49, 0x41, 0x54: Self.isTag(bytes, index)
                    default: false
                    }
                }
            }
            if let found { return windowStart + found }
            start = windowStart + end
        }
        return file.byteCount
    }

    /// Whether a tag stands at `start`, in junk, where three letters alone may be chance.
    private static func isTag(_ bytes: UnsafeRawBufferPointer, _ start: Int) -> Bool {
        let head = bytes[start...].prefix(32)
        guard head.count > 4 else { return false }
        if bytes[start] == 0x54 {
            // An ID3v1 tag is the last thing in a file, or stands before a tag or a frame.
            let end = start + MPEGTags.length(head)
            return end > start && (end == bytes.count || MPEGFrameHeader(bytes, at: end) != nil)
        }
        if bytes[start] == 0x49, !(2...4).contains(bytes[start + 3]) { return false }
        return MPEGTags.length(head) > 0
    }

    /// Makes the window hold `count` bytes from `start` on, or all up to the end of the file.
    private mutating func fill(from start: Int, count: Int) throws(AudioError) {
        let wanted = min(start + count, file.byteCount)
        guard start < windowStart || wanted > windowStart + window.count else { return }
        window = try file.bytes(at: start, count: Self.windowBytes)
        windowStart = start
        // A file that has become shorter meanwhile ends where it ends now.
        if windowStart + window.count < wanted {
            throw AudioError(
                .audioDamaged, file.path, "the file became shorter while it was read")
        }
    }
}
