internal import CChromaprint

/// There is no library to compute fingerprints with.
package struct FingerprintLibraryMissing: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String
}

/// libchromaprint, loaded once for the process.
enum FingerprintLibrary {
    /// What is wrong with it; nil where it is ready.
    static let problem: String? = chromaprint_loader_open().map { String(cString: $0) }
    /// Such as `1.5.1`.
    static var version: String { String(cString: chromaprint_loader_version()) }

    /// A fingerprint that is being computed; of one thread.
    final class Context {
        private let context: OpaquePointer

        /// - Precondition: the library is there, and memory for it.
        init(sampleRate: Int) {
            precondition(FingerprintLibrary.problem == nil, "fingerprints are made by a library")
            guard let context = chromaprint_loader_begin(CInt(sampleRate)) else {
                preconditionFailure("no memory for a fingerprint")
            }
            self.context = context
        }

        deinit { chromaprint_loader_end(context) }

        func feed(_ samples: [Int16]) {
            guard chromaprint_loader_feed(context, samples, CInt(samples.count)) else {
                preconditionFailure("no memory for a fingerprint")
            }
        }

        func finish() -> [UInt32] {
            var items: UnsafeMutablePointer<UInt32>?
            var count: CInt = 0
            guard chromaprint_loader_finish(context, &items, &count), let items else { return [] }
            defer { chromaprint_loader_free_items(items) }
            return Array(UnsafeBufferPointer(start: items, count: Int(count)))
        }
    }
}
