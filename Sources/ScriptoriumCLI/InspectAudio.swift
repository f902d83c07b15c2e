internal import AudioInput
internal import ClusterRuntime
internal import SpeechTypes
internal import StrictJSON

/// What a recording is, who decodes it and why, and how long it says it is and turns out to be.
struct InspectAudio {
    let path: String
    let recognition: AudioRecognition?

    /// Decodes all of it, with progress on a terminal.
    func run(asJSON: Bool) throws -> Int32 {
        let reader = AudioReader()
        let header = (try? reader.header(of: PathBytes(path))) ?? nil
        do throws(AudioError) {
            let stream = try reader.open(AudioSource(path: path), channels: .mix)
            var lanes: [[Float]] = [[]]
            while case let count = try stream.read(1 << 16, into: &lanes), count > 0 {
                lanes[0].removeAll(keepingCapacity: true)
            }
            print(path, recognition?.formatName ?? "-", stream.sourceSampleRate, stream.sourceChannels, header as Any, stream.summary as Any)
        } catch {
            print(path, recognition?.formatName ?? "-", header as Any, error.code.rawValue, error.detail)
        }
        return 0
    }
}
