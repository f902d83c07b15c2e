internal import AudioFormats

/// What stands behind the frames of a FLAC file: tags that libFLAC takes for damage, or another file.
enum FLACTail {
    private static let tagsMax = 8

    /// Where the frames end: before tags of ID3v1, APE and Lyrics3, if such stand at the end.
    static func start(in file: AudioFile) throws(AudioError) -> Int {
        var end = file.byteCount
        for _ in 0..<tagsMax {
            let length = try lastTagBytes(in: file, before: end)
            guard length > 0, length < end else { break }
            end -= length
        }
        return end
    }

    private static func lastTagBytes(
        in file: AudioFile, before end: Int
    ) throws(AudioError) -> Int {
        let start = max(0, end - 128)
        let tail = try file.bytes(at: start, count: end - start)
        if tail.count == 128, tail.starts(with: Array("TAG".utf8)) { return 128 }
        if tail.count >= 32, tail.suffix(32).starts(with: Array("APETAGEX".utf8)) {
            let footer = Array(tail.suffix(32))
            let size = (12..<16).reduce(0) { $0 | Int(footer[$1]) << (8 * ($1 - 12)) }
            let hasHeader = footer[23] & 0x80 != 0
            return size + (hasHeader ? 32 : 0)
        }
        if tail.count >= 15, tail.suffix(9).elementsEqual("LYRICS200".utf8),
            let size = Int(String(decoding: tail.suffix(15).prefix(6), as: UTF8.self)), size >= 0
        {
            return size + 15
        }
        return 0
    }

    /// Where another FLAC file begins behind `offset`, as joined files have it; nil if none does.
    static func nextFile(in file: AudioFile, after offset: Int) throws(AudioError) -> Int? {
        let marker = Array("fLaC".utf8)
        var position = offset
        while position < file.byteCount {
            let bytes = try file.bytes(at: position, count: 1 << 20)
            guard bytes.count >= 42 else { return nil }
            for index in 0...bytes.count - 42
            where bytes[index] == marker[0] && bytes[index..<index + 4].elementsEqual(marker) {
                // The header's length is always 34, and its rate is one that can be.
                if bytes[index + 5..<index + 8].elementsEqual([0, 0, 34]),
                    let info = FLACStreamInfo(Array(bytes[index..<index + 42])),
                    (1...655_350).contains(info.sampleRate)
                {
                    return position + index
                }
            }
            position += bytes.count - 41
        }
        return nil
    }
}
