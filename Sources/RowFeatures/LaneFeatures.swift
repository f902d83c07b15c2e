package import SpeechTypes
internal import StrictJSON

/// All that is said of one lane of a row.
package struct LaneFeatures: Sendable {
    package let fields: [FeatureField]

    package init(
        transcript: Transcript, posterior: PosteriorFeatures, audio: AudioFeatures
    ) {
        self.init(transcript: transcript, posterior: posterior, audio: LaneAudio(audio))
    }

    package init(transcript: Transcript, posterior: PosteriorFeatures, audio: LaneAudio) {
        let symbols = transcript.symbols
        fields =
            posterior.fields + [
                FeatureField(
                    "symbols_per_second", audio.seconds.map { Double(symbols.count) / $0 },
                    decimals: 4),
                FeatureField("repetition", Repetition.share(of: symbols), decimals: 6),
            ] + audio.fields
    }

    /// The features of a row: one JSON object.
    ///
    /// - Parameter isEachChannel: lanes are channels with a transcript each, and stand in a list.
    package static func json(of lanes: [LaneFeatures], isEachChannel: Bool) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        if isEachChannel {
            json.key("channels")
            json.beginArray()
            for lane in lanes {
                json.beginObject()
                lane.write(to: &json)
                json.endObject()
            }
            json.endArray()
        } else {
            for lane in lanes { lane.write(to: &json) }
        }
        json.endObject()
        return json.bytes
    }

    private func write(to json: inout JSONWriter) {
        for field in fields {
            json.key(field.name)
            json.raw(field.text.utf8)
        }
    }
}
