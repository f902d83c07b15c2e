/// What an encoder left in a frame without sound, in front of the others: a Xing (or "Info") header
/// with LAME's padding behind it, or Fraunhofer's VBRI.
package struct MPEGInformation: Hashable, Sendable {
    /// Frames that follow; nil if it does not say.
    package let frameCount: Int?
    /// Samples in front that the encoder added.
    package let startPadding: Int
    /// Samples at the end that the encoder added.
    package let endPadding: Int

    /// Nil if the frame of layer III at `start` is one with sound.
    init?(_ bytes: UnsafeRawBufferPointer, at start: Int, _ header: MPEGFrameHeader) {
        guard header.layer == 3 else { return nil }
        let end = min(bytes.count, start + header.byteCount)
        func has(_ text: String, at offset: Int) -> Bool {
            offset + 4 <= end && bytes[offset..<offset + 4].elementsEqual(text.utf8)
        }
        func big(_ offset: Int, _ count: Int) -> Int {
            (0..<count).reduce(0) { $0 << 8 | Int(bytes[offset + $1]) }
        }
        // Some encoders leave room for the checksum, some do not.
        let places = [0, header.hasChecksum ? 2 : 0].map {
            start + 4 + $0 + header.sideInformationBytes
        }
        if let xing = places.first(where: { has("Xing", at: $0) || has("Info", at: $0) }) {
            guard xing + 8 <= end else { return nil }
            let flags = big(xing + 4, 4)
            var position = xing + 8
            var frames: Int?
            if flags & 1 != 0, position + 4 <= end {
                frames = big(position, 4)
                position += 4
            }
            if flags & 2 != 0 { position += 4 }
            if flags & 4 != 0 { position += 100 }
            if flags & 8 != 0 { position += 4 }
            // Nine bytes of the encoder's name; its padding stands 21 bytes from their start.
            let names = ["LAME", "Lavf", "Lavc"]
            if position + 24 <= end, names.contains(where: { has($0, at: position) }) {
                let padding = big(position + 21, 3)
                startPadding = padding >> 12
                endPadding = padding & 0xFFF
            } else {
                startPadding = 0
                endPadding = 0
            }
            // Zero and all ones are what an encoder writes before it knows.
            frameCount = frames.flatMap { $0 == 0 || $0 == 0xFFFF_FFFF ? nil : $0 }
            return
        }
        let vbri = start + 36
        if has("VBRI", at: vbri), vbri + 18 <= end {
            let frames = big(vbri + 14, 4)
            frameCount = frames == 0 || frames == 0xFFFF_FFFF ? nil : frames
            startPadding = 0
            endPadding = 0
            return
        }
        return nil
    }
}
