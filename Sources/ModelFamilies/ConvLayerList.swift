package import Wav2Vec2

/// Reads `[(512,10,5)] + [(512,3,2)]*4 + …`: lists of (channels, kernel, stride), joined and
/// repeated.
package enum ConvLayerList {
    /// Layers beyond this are no feature extractor.
    static let layersMax = 32

    /// The layers that `text` describes; nil if it is something else.
    package static func parse(_ text: String) -> [Wav2Vec2Configuration.ConvLayer]? {
        guard text.utf8.count <= 4_096 else { return nil }
        var tokens = ListTokens(text)
        var layers: [Wav2Vec2Configuration.ConvLayer] = []
        repeat {
            guard let term = term(&tokens), layers.count + term.count <= layersMax else {
                return nil
            }
            layers += term
        } while tokens.consume("+")
        return tokens.isAtEnd && !layers.isEmpty ? layers : nil
    }

    /// A list, repeated by a number before or after it.
    private static func term(
        _ tokens: inout ListTokens
    ) -> [Wav2Vec2Configuration.ConvLayer]? {
        var times = 1
        if let leading = tokens.number() {
            guard tokens.consume("*") else { return nil }
            times = leading
        }
        guard let layers = list(&tokens) else { return nil }
        if tokens.consume("*") {
            guard times == 1, let trailing = tokens.number() else { return nil }
            times = trailing
        }
        guard times <= layersMax else { return nil }
        return Array(repeatElement(layers, count: times).joined())
    }

    private static func list(
        _ tokens: inout ListTokens
    ) -> [Wav2Vec2Configuration.ConvLayer]? {
        guard tokens.consume("[") else { return nil }
        var layers: [Wav2Vec2Configuration.ConvLayer] = []
        while !tokens.consume("]") {
            guard layers.count < layersMax, tokens.consume("("), let channels = tokens.number(),
                tokens.consume(","), let kernel = tokens.number(), tokens.consume(","),
                let stride = tokens.number(), tokens.consume(")")
            else { return nil }
            layers.append(.init(channels: channels, kernel: kernel, stride: stride))
            if !tokens.consume(",") {
                guard tokens.consume("]") else { return nil }
                break
            }
        }
        return layers
    }
}
