internal import AudioFormats
internal import AudioInput
internal import ClusterRuntime
internal import Processes
package import SpeechTypes
internal import StrictJSON
internal import Threading

/// What a recording is, who decodes it and why, and how long it says it is and turns out to be.
package struct RecordingInspection {
    private let file: PathBytes
    /// For people.
    var path: String { file.text }
    /// What the file was recognised as; nil for one that no decoder knows.
    let recognition: AudioRecognition?

    /// Nil if `path` is no file that is known as audio, or known to be refused as such.
    package init?(_ file: PathBytes) {
        self.file = file
        do throws(AudioError) {
            recognition = try AudioRecognition.recognise(AudioFile(opening: file))
        } catch {
            recognition = nil
        }
        // Files of zeros are what interrupted copies of recordings leave.
        if recognition == nil, !Self.isOnlyZeros(file) { return nil }
    }

    private static func isOnlyZeros(_ file: PathBytes) -> Bool {
        do throws(AudioError) {
            _ = try AudioReader().open(
                AudioSource(path: file.text), of: AudioFile(opening: file), channels: .mix)
            return false
        } catch {
            return error.code == .audioOnlyZeros
        }
    }

    /// What is to be printed of a recording, and the exit status that goes with it.
    package struct Outcome: Hashable, Sendable {
        package var text: String
        /// 0, or 65 for a recording that would be rejected.
        package var exitStatus: Int32
    }

    /// Decodes all of it, with progress told to the process's meter.
    package func run(asJSON: Bool) -> Outcome {
        WorkMeter.shared.begin("decoding \(path)", .minutes)
        defer { WorkMeter.shared.end() }
        var told = 0
        do throws(AudioError) {
            let found = try AudioReader().inspect(file) { seconds in
                WorkMeter.shared.advance(Int(seconds / 60) - told, .minutes)
                told = Int(seconds / 60)
            }
            return Outcome(text: asJSON ? json(found) : text(found), exitStatus: ExitStatus.done)
        } catch {
            return Outcome(
                text: asJSON ? json(error) : text(error), exitStatus: ExitStatus.jobRefused)
        }
    }

    // MARK: For people

    private func text(_ found: AudioInspection) -> String {
        let channels = found.channelCount == 1 ? "1 channel" : "\(found.channelCount) channels"
        var lines = [
            ("audio", path),
            ("type", found.recognition.formatName),
            ("decoded by", "\(found.decoder): \(found.reason)"),
            ("samples", "\(found.sampleRate) Hz, \(channels)"),
            ("stated", found.statedSeconds.map(Self.seconds) ?? "nothing"),
            ("decoded", Self.seconds(found.summary.decodedSeconds)),
        ]
        if found.recognition.offset > 0 {
            lines.insert(("begins at", "byte \(found.recognition.offset)"), at: 2)
        }
        if let warning = found.summary.audioWarning {
            lines.append(
                ("record", "audio_warning \(warning.code.rawValue): \(warning.code.meaning)"))
        }
        lines += found.summary.warnings.map { ("warning", $0) }
        return Self.lines(lines)
    }

    private func text(_ error: AudioError) -> String {
        Self.lines([
            ("audio", path),
            ("type", recognition?.formatName ?? "unknown"),
            ("decoded by", "nobody"),
            ("refused", "\(error.code.rawValue): \(error.detail)"),
        ])
    }

    private static func seconds(_ seconds: Double) -> String {
        "\((seconds * 1_000).rounded() / 1_000) s"
    }

    private static func lines(_ lines: [(name: String, value: String)]) -> String {
        lines.map { name, value in
            name + String(repeating: " ", count: max(1, 13 - name.count)) + value + "\n"
        }.joined()
    }

    // MARK: For programs

    private func json(_ found: AudioInspection) -> String {
        var json = JSONWriter()
        json.beginObject()
        json.key("audio")
        json.value(path)
        json.key("type")
        json.value(found.recognition.formatName)
        json.key("begins_at")
        json.value(found.recognition.offset)
        json.key("decoder")
        json.value(found.decoder.description)
        json.key("reason")
        json.value(found.reason)
        json.key("sample_rate")
        json.value(found.sampleRate)
        json.key("channels")
        json.value(found.channelCount)
        if let stated = found.statedSeconds {
            json.key("stated_seconds")
            json.value(stated)
        }
        json.key("decoded_seconds")
        json.value(found.summary.decodedSeconds)
        if let warning = found.summary.audioWarning {
            json.key("audio_warning")
            json.beginObject()
            json.key("code")
            json.value(warning.code.rawValue)
            json.key("stated")
            json.value(warning.statedSeconds)
            json.key("decoded")
            json.value(warning.decodedSeconds)
            json.endObject()
        }
        json.key("warnings")
        json.beginArray()
        for warning in found.summary.warnings { json.value(warning) }
        json.endArray()
        json.endObject()
        return String(decoding: json.bytes, as: UTF8.self) + "\n"
    }

    private func json(_ error: AudioError) -> String {
        var json = JSONWriter()
        json.beginObject()
        json.key("audio")
        json.value(path)
        if let recognition {
            json.key("type")
            json.value(recognition.formatName)
        }
        json.key("error")
        json.beginObject()
        json.key("code")
        json.value(error.code.rawValue)
        json.key("detail")
        json.value(error.detail)
        json.endObject()
        json.endObject()
        return String(decoding: json.bytes, as: UTF8.self) + "\n"
    }
}
