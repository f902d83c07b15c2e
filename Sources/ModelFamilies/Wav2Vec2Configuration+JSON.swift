internal import EncoderBlocks
internal import StrictJSON
package import Wav2Vec2

extension Wav2Vec2Configuration {
    /// A field that came after the form of ``json`` was fixed.
    package struct LaterField: Hashable, Sendable {
        package let name: String
        /// As JSON.
        package let value: String
        /// The value that is not listed; it never changes.
        package let standard: String

        package init(name: String, value: String, standard: String) {
            self.name = name
            self.value = value
            self.standard = standard
        }
    }

    /// What this configuration says in fields that came later.
    ///
    /// A new field goes here, with the value that all models had before, so that their digests
    /// stay.
    package var laterFields: [LaterField] {
        [
            LaterField(name: "feature_norm", value: "\(hasFeatureNorm)", standard: "true"),
            LaterField(
                name: "positional_form", value: positionalForm.json, standard: "\"weightNorm\""),
            LaterField(
                name: "attention_positions", value: attentionPositions.json, standard: "null"),
            LaterField(
                name: "depthwise_kernel", value: Self.json(conformer?.depthwiseKernel),
                standard: "null"),
            LaterField(name: "squeeze_factor", value: "\(squeezeFactor)", standard: "1"),
            LaterField(name: "adapter_width", value: Self.json(adapterWidth), standard: "null"),
            LaterField(name: "sample_rate", value: "\(sampleRate)", standard: "16000"),
        ]
    }

    private static func json(_ number: Int?) -> String { number.map { "\($0)" } ?? "null" }

    /// The configuration as one JSON object, in a fixed order: what the model's digest is taken of.
    package var json: String { json(later: laterFields) }

    /// As ``json``, with other later fields than there are; tests ask for made-up ones.
    package func json(later: [LaterField]) -> String {
        var writer = JSONWriter()
        write(to: &writer, later: later)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    func write(to writer: inout JSONWriter) { write(to: &writer, later: laterFields) }

    private func write(to writer: inout JSONWriter, later: [LaterField]) {
        func field(_ name: String, _ value: Int) {
            writer.key(name)
            writer.value(value)
        }
        func field(_ name: String, _ value: String) {
            writer.key(name)
            writer.value(value)
        }
        func field(_ name: String, _ value: Bool) {
            writer.key(name)
            writer.value(value)
        }
        func field(_ name: String, _ value: Float) {
            writer.key(name)
            // The float's own shortest text: as a double it would show digits it does not have.
            writer.raw("\(value)".utf8)
        }
        writer.beginObject()
        writer.key("conv_layers")
        writer.beginArray()
        for layer in convLayers {
            writer.beginArray()
            for size in [layer.channels, layer.kernel, layer.stride] { writer.value(size) }
            writer.endArray()
        }
        writer.endArray()
        field("extractor_norm", extractorNorm.rawValue)
        field("conv_bias", hasConvBias)
        field("conv_activation", convActivation.rawValue)
        if let inputNormalization {
            field("input_normalization_epsilon", inputNormalization.epsilon)
        } else {
            writer.key("input_normalization_epsilon")
            writer.null()
        }
        field("hidden_width", hiddenWidth)
        field("feed_forward_width", feedForwardWidth)
        field("attention_heads", attentionHeads)
        field("activation", activation.rawValue)
        field("pre_norm", isPreNorm)
        field("positional_kernel", positionalKernel)
        field("positional_groups", positionalGroups)
        field("rotary_embeddings", usesRotaryEmbeddings)
        if let hourglass {
            writer.key("hourglass")
            writer.beginObject()
            field("layers_before", hourglass.layersBefore)
            field("layers_shortened", hourglass.layersShortened)
            field("factor", hourglass.factor)
            field("layers_after", hourglass.layersAfter)
            field("resampling", hourglass.resampling.rawValue)
            writer.endObject()
        } else {
            field("encoder_layers", encoderLayers)
        }
        field("projection", hasProjection)
        field("layer_norm_epsilon", layerNormEpsilon)
        field("classes", classes)
        for field in later where field.value != field.standard {
            writer.key(field.name)
            writer.raw(field.value.utf8)
        }
        writer.endObject()
    }
}

extension Wav2Vec2Configuration.PositionalForm {
    fileprivate var json: String {
        switch self {
        case .weightNorm: "\"weightNorm\""
        case .plain: "\"plain\""
        case .none: "\"none\""
        case .batchNorm: "\"batchNorm\""
        case .stack(let layers): "\(layers)"
        }
    }
}

extension AttentionPositions {
    /// As a later field.
    var json: String {
        switch self {
        case .none: "null"
        case .buckets(let count, let distanceMax): "[\(count),\(distanceMax)]"
        case .relative: "\"relative\""
        case .clipped(let left, let right): "[-\(left),\(right)]"
        case .rotaryInput(let base): "\(base)"
        }
    }
}
