import AudioFormats
import AudioInput
import Foundation
import SpeechTypes

/// Where the test recordings are, and short ways to read them.
enum AudioFixtures {
    static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures/audio").path

    static func path(_ name: String) -> String { "\(folder)/\(name)" }

    /// The lanes of a span and what is known at its end.
    static func read(
        _ path: String, offset: Double = 0, duration: Double? = nil,
        channels: ChannelPolicy = .mix, reader: AudioReader = AudioReader()
    ) throws(AudioError) -> (lanes: [[Float]], rate: Int, summary: AudioSummary?) {
        let source = AudioSource(path: path, offsetSeconds: offset, durationSeconds: duration)
        let stream = try reader.open(source, channels: channels)
        let lanes = try stream.readAll()
        return (lanes, stream.sourceSampleRate, stream.summary)
    }

    /// The code of the error that reading ends in; nil if it succeeds.
    static func failure(
        _ path: String, offset: Double = 0, duration: Double? = nil,
        channels: ChannelPolicy = .mix, reader: AudioReader = AudioReader()
    ) -> AudioError? {
        do throws(AudioError) {
            _ = try read(
                path, offset: offset, duration: duration, channels: channels, reader: reader)
            return nil
        } catch {
            return error
        }
    }
}

/// WAV files made on the spot.
enum WAVFile {
    /// 16-bit samples, interleaved.
    static func pcm16(_ samples: [Int16], rate: Int, channels: Int = 1) -> [UInt8] {
        let data = samples.flatMap {
            [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)]
        }
        return header(
            format: 1, rate: rate, channels: channels, bits: 16, dataBytes: data.count) + data
    }

    /// 32-bit float samples, interleaved.
    static func float32(_ samples: [Float], rate: Int, channels: Int = 1) -> [UInt8] {
        let data = samples.flatMap { sample in
            (0..<4).map { UInt8(truncatingIfNeeded: sample.bitPattern >> (8 * $0)) }
        }
        return header(
            format: 3, rate: rate, channels: channels, bits: 32, dataBytes: data.count) + data
    }

    static func header(
        format: Int, rate: Int, channels: Int, bits: Int, dataBytes: Int
    ) -> [UInt8] {
        func little(_ value: Int, _ count: Int) -> [UInt8] {
            (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        }
        let frame = channels * bits / 8
        return Array("RIFF".utf8) + little(36 + dataBytes, 4) + Array("WAVEfmt ".utf8)
            + little(16, 4) + little(format, 2) + little(channels, 2) + little(rate, 4)
            + little(rate * frame, 4) + little(frame, 2) + little(bits, 2) + Array("data".utf8)
            + little(dataBytes, 4)
    }
}
