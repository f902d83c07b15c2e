/// The number of the engine: it changes whenever the same audio, model and options could give other
/// record bytes than before.
///
/// | engine | what changed |
/// | --- | --- |
/// | 2 | the first one that was released |
/// | 3 | audio is what decodes, whatever a file states; `audio_warning`; a row's own field whose name a record needs is kept as `source_NAME` |
/// | 4 | times and confidence, where a job asks for them; a row that is an output loses the times that it had; a row may have 30 MiB |
package enum EngineNumber {
    package static let current = 4
}
