package import AcousticModels
package import Checkpoints
package import ModelLoading
package import SpeechTypes
internal import Threading

/// A language that rows are read in: the backbone with what it has for the language, and its symbols.
package struct SpokenLanguage: Sendable {
    /// As the model calls it.
    package let name: String
    package let network: any AcousticModel
    package let vocabulary: Vocabulary
}

/// The languages of one backbone: opened when a row first asks for one, and the last of them kept.
///
/// Shared by all threads. Who still reads rows in a language holds it, kept or not.
package final class LanguageShelf: Sendable {
    /// As the model calls them, in its order.
    package let names: [String]
    /// Symbols of the largest alphabet, about.
    package let classesMax: Int
    /// How many are kept besides the one that the model was opened with.
    package let keptMax: Int
    /// What a language takes, in bytes, at most.
    private let bytesOfLanguage: Int
    private let own: SpokenLanguage
    private let library: LanguageLibrary?
    /// The last used at the end.
    private let kept: Guarded<[SpokenLanguage]> = Guarded([])

    /// What all kept languages may take: 512 MiB, and little beside the backbone.
    private static let bytesMax = 512 << 20

    /// - Parameters:
    ///   - network: of `model`, whose backbone all share.
    ///   - keptMax: nil for as many as fit beside the backbone.
    /// - Returns: nil for a model that keeps no languages apart.
    package init?(_ model: LoadedModel, network: any AcousticModel, keptMax: Int? = nil) {
        guard let name = model.language else { return nil }
        own = SpokenLanguage(name: name, network: network, vocabulary: model.vocabulary)
        library = model.library
        names = model.library?.names ?? [name]
        classesMax = max(network.classes, model.library?.classesMax ?? 0)
        bytesOfLanguage = model.bytesOfLanguage
        let fitting = min(Self.bytesMax, network.weightBytes / 4) / max(1, bytesOfLanguage)
        self.keptMax = min(names.count - 1, max(2, keptMax ?? fitting))
    }

    /// What the kept ones take, in bytes, at most.
    package var bytesKept: Int { keptMax * bytesOfLanguage }

    /// The language of one of the names.
    ///
    /// Two threads that ask for one at the same time may both open it; either is the same.
    ///
    /// - Throws: if what the model has for it is unusable.
    package func language(_ name: String) throws(CheckpointError) -> SpokenLanguage {
        guard name != own.name, let library else { return own }
        let known = kept.withLock { kept -> SpokenLanguage? in
            guard let place = kept.firstIndex(where: { $0.name == name }) else { return nil }
            let language = kept.remove(at: place)
            kept.append(language)
            return language
        }
        if let known { return known }
        let loaded = try library.open(name)
        let language = SpokenLanguage(
            name: name, network: try loaded.makeNetwork(sharing: own.network),
            vocabulary: loaded.vocabulary)
        // What is dropped is freed outside of the lock.
        _ = kept.withLock { kept -> [SpokenLanguage] in
            kept.append(language)
            let surplus = kept.prefix(max(0, kept.count - keptMax))
            kept.removeFirst(surplus.count)
            return Array(surplus)
        }
        return language
    }
}
