package import Tensors
package import WeightCache

extension WeightCache {
    /// The user's packed weights of what this process computes with.
    ///
    /// - Parameters:
    ///   - backend: of this process, its library in memory.
    ///   - tell: is told, in a line, why weights are not kept.
    /// - Returns: nil without a home.
    package static func ofThisMachine(
        _ backend: ComputeBackend, tell: @escaping @Sendable (String) -> Void = { _ in }
    ) -> WeightCache? {
        guard let folder = WeightFolder.standard() else {
            tell(
                "packed weights are not kept, and each start makes them anew: neither XDG_CACHE_HOME nor HOME "
                    + "names a folder")
            return nil
        }
        // Layouts belong to a library's file and to what the processor has; spectra to the program's kernels.
        let machine = [
            MachineFacts.processor(), MachineFacts.library(backend.arithmetic.library),
            MachineFacts.program(),
        ]
        return WeightCache(folder, machine: machine.joined(separator: "\n"), tell: tell)
    }
}
