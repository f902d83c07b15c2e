internal import Checkpoints
internal import Digests
internal import ModelFamilies
internal import SpeechTypes
internal import StrictJSON

extension ModelSummary {
    /// The summary as one JSON object, tensors included.
    package var json: String {
        var writer = JSONWriter()
        writer.beginObject()
        func field(_ name: String, _ value: String) {
            writer.key(name)
            writer.value(value)
        }
        func field(_ name: String, _ value: Int) {
            writer.key(name)
            writer.value(value)
        }
        field("model", path)
        field("framework", framework.rawValue)
        field("family", family)
        if let language {
            field("language", language)
            writer.key("languages")
            writer.beginArray()
            for name in languages { writer.value(name) }
            writer.endArray()
        }
        field("container", container.rawValue)
        field("digest", digest.hex)
        field("parameters", parameterCount)
        field("sample_rate", sampleRate)
        writer.key("frame_seconds")
        writer.value(Double(configuration.clock.samplesPerFrame) / Double(FrameClock.sampleRate))
        writer.key("blank_weight")
        writer.value(Double(blankWeight))
        field("blank_mode", blankMode.rawValue)
        writer.key("architecture")
        configuration.write(to: &writer)
        writer.key("vocabulary")
        vocabulary.write(to: &writer)
        if let languageModelPath { field("language_model", languageModelPath) }
        func field(_ name: String, _ texts: [String]) {
            writer.key(name)
            writer.beginArray()
            for text in texts { writer.value(text) }
            writer.endArray()
        }
        field("unused_tensors", unusedTensors)
        field("removed_from_names", wrappers)
        field("warnings", warnings)
        writer.key("precisions")
        writer.beginArray()
        for precision in precisions {
            writer.beginObject()
            field("dtype", precision.elementType.rawValue)
            field("tensors", precision.tensors)
            field("bytes", precision.bytes)
            writer.endObject()
        }
        writer.endArray()
        writer.key("tensors")
        writer.beginArray()
        for tensor in tensors {
            writer.beginObject()
            field("name", tensor.name)
            field("stored_name", tensor.storedName)
            field("dtype", tensor.elementType.rawValue)
            writer.key("shape")
            writer.beginArray()
            for size in tensor.shape { writer.value(size) }
            writer.endArray()
            field("bytes", tensor.byteCount)
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
